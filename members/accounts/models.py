"""The tables of the accounts: member, identity, consent."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from members.accounts import rules


class Member(models.Model):
    """A person: a visitor until ``joined_at``. Never a staff user.

    The key never leaves the server; ``public_id`` and ``member_no`` (11 random digits and a Luhn digit) may.
    ``merged_into`` keeps the row of an account that went into another.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(_("public id"), unique=True, editable=False)
    member_no = models.CharField(_("member number"), max_length=12, null=True, unique=True)
    joined_at = models.DateTimeField(_("joined at"), null=True)
    nickname = models.CharField(_("nickname"), max_length=rules.LONGEST_NICKNAME, blank=True, default="")
    avatar_url = models.URLField(_("avatar"), max_length=rules.LONGEST_AVATAR_URL, blank=True, default="")
    birthday = models.DateField(_("birthday"), null=True)
    birthday_changed_on = models.DateField(_("birthday changed on"), null=True)
    token_version = models.IntegerField(_("token version"), default=1)
    blocked_at = models.DateTimeField(_("blocked at"), null=True)
    blocked_reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="merged_from", verbose_name=_("merged into")
    )
    is_test = models.BooleanField(_("test account"), default=False)
    first_seen_at = models.DateTimeField(_("first seen at"))
    last_seen_on = models.DateField(_("last seen on"))

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        permissions = [("close_member", _("Can close and reopen accounts"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(member_no__isnull=True, joined_at__isnull=True)
                | Q(member_no__isnull=False, joined_at__isnull=False),
                name="member_no_with_joining",
            ),
            models.CheckConstraint(condition=Q(token_version__gte=1), name="member_token_version_positive"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")), name="member_not_into_itself"
            ),
        ]
        indexes = [
            models.Index(fields=["joined_at"], condition=Q(joined_at__isnull=False), name="member_joined"),
            models.Index(fields=["first_seen_at"], name="member_first_seen"),
        ]

    def __str__(self) -> str:
        return self.nickname or self.member_no or f"#{self.pk}"

    @property
    def is_joined(self) -> bool:
        """Whether the visitor has become a member."""
        return self.joined_at is not None

    @property
    def state(self) -> str:
        """``merged``, ``closed``, ``member`` or ``visitor``."""
        if self.merged_into_id is not None:
            return "merged"
        if self.blocked_at is not None:
            return "closed"
        return "member" if self.is_joined else "visitor"


class Identity(models.Model):
    """How a platform knows the person: the openid of one app, and the unionid where the platform gives one."""

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(Member, models.PROTECT, related_name="identities", verbose_name=_("member"))
    platform = models.CharField(_("platform"), max_length=16)
    app_id = models.CharField(_("app"), max_length=64)
    openid = models.CharField(max_length=128)
    unionid = models.CharField(max_length=128, null=True)

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = [
            models.UniqueConstraint(fields=["platform", "app_id", "openid"], name="identity_once"),
        ]
        indexes = [
            models.Index(fields=["platform", "unionid"], condition=Q(unionid__isnull=False), name="identity_unionid"),
        ]

    def __str__(self) -> str:
        return f"{self.platform}/{self.app_id}"


class Consent(models.Model):
    """What a member said yes or no to, in which version of the text, when and where. Added, never changed."""

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(Member, models.PROTECT, related_name="consents", verbose_name=_("member"))
    purpose = models.CharField(_("purpose"), max_length=16)
    version = models.CharField(_("version of the text"), max_length=rules.LONGEST_VERSION)
    given = models.BooleanField(_("agreed"))
    at = models.DateTimeField(_("at"))
    place = models.CharField(_("where"), max_length=32)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes = [models.Index(fields=["member", "purpose", "id"], name="consent_latest")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Consents are added, never changed."""
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)
