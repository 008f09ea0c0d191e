"""The tables of the stores: store, its staff, and which member a staff user is."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import ids
from members.stores import rules


class Store(models.Model):
    """A shop of the brand. ``code`` is what staff call it and what files and other systems name."""

    id = models.UUIDField(primary_key=True, editable=False)  # UUIDv7, given at the first save
    code = models.CharField(_("code"), max_length=rules.LONGEST_CODE, unique=True)
    name = models.CharField(_("name"), max_length=rules.LONGEST_NAME)
    city = models.CharField(_("city"), max_length=40, blank=True)
    address = models.CharField(_("street address"), max_length=200, blank=True)
    open = models.BooleanField(_("open for business"), default=True)

    class Meta:
        verbose_name = _("store")
        verbose_name_plural = _("stores")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Give a new store its key."""
        if self.pk is None:
            self.pk = ids.uuid7()
            kwargs["force_insert"] = True
        super().save(*args, **kwargs)


class StoreStaff(models.Model):
    """A staff user who works in a store."""

    id = models.BigAutoField(primary_key=True)
    store = models.ForeignKey(Store, models.CASCADE, related_name="staff", verbose_name=_("store"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("staff user"))

    class Meta:
        verbose_name = _("store staff")
        verbose_name_plural = _("store staff")
        constraints = [models.UniqueConstraint(fields=["store", "user"], name="store_staff_once")]

    def __str__(self) -> str:
        return f"{self.store} · {self.user}"


class StaffMember(models.Model):
    """Which member a staff user is: an insider, whom reports and draws leave out."""

    id = models.BigAutoField(primary_key=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("staff user")
    )
    member = models.OneToOneField("accounts.Member", models.PROTECT, related_name="+", verbose_name=_("member"))
    linked_at = models.DateTimeField(_("linked at"))

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff members")

    def __str__(self) -> str:
        return f"{self.user} = {self.member}"
