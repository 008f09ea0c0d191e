"""Where people come from and what they get: kits, channels, costs."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import ids
from members.channels.rules import tree


class Identified(models.Model):
    """Base of what has an address of its own: its key is a UUIDv7, made when it is first saved."""

    id = models.UUIDField(primary_key=True, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Give a new row its key."""
        if self.pk is None:
            self.pk = ids.uuid7()
            kwargs["force_insert"] = True
        super().save(*args, **kwargs)


class WelcomeKit(Identified):
    """What a new member gets when joining: reward specifications, given through the rewards, once a person."""

    name = models.CharField(_("name"), max_length=tree.LONGEST_NAME)
    rewards = models.JSONField(_("rewards"), default=list)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("welcome kit")
        verbose_name_plural = _("welcome kits")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Channel(Identified):
    """Where people come from: a platform, a campaign on it, a store or a print run."""

    class Kind(models.TextChoices):
        PLATFORM = "platform", _("platform")
        CAMPAIGN = "campaign", _("campaign")
        STORE = "store", _("store")
        BATCH = "batch", _("batch")

    class Type(models.TextChoices):
        INSERT = "insert", _("package insert")
        CARD = "card", _("card")
        STORE = "store", _("store sign")
        POSTER = "poster", _("poster")
        SMS = "sms", _("text message")
        CALL = "call", _("call")
        AD = "ad", _("advertisement")
        LIVE = "live", _("live stream")
        MENU = "menu", _("menu")
        RECEIPT = "receipt", _("receipt")
        PARTNER = "partner", _("partner")
        OTHER = "other", _("other")

    class Traffic(models.TextChoices):
        STABLE = "stable", _("stable")
        PAID = "paid", _("paid")
        UNCLEAR = "unclear", _("unclear")

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        ACTIVE = "active", _("active")
        PAUSED = "paused", _("paused")
        CLOSED = "closed", _("closed")

    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children",
                               verbose_name=_("below"))  # fmt: skip
    name = models.CharField(_("name"), max_length=tree.LONGEST_NAME)
    kind = models.CharField(_("level"), max_length=10, choices=Kind)
    type = models.CharField(_("type"), max_length=10, choices=Type)
    traffic = models.CharField(_("traffic"), max_length=10, choices=Traffic, default=Traffic.STABLE)
    owner = models.CharField(_("owner"), max_length=40, blank=True)
    store = models.ForeignKey("stores.Store", models.PROTECT, null=True, blank=True, related_name="+",
                              verbose_name=_("store"))  # fmt: skip
    starts_at = models.DateTimeField(_("starts at"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    welcome_kit = models.ForeignKey(WelcomeKit, models.PROTECT, null=True, blank=True, related_name="+",
                                    verbose_name=_("welcome kit"))  # fmt: skip
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="channel_window",
            ),
            models.CheckConstraint(
                condition=(Q(kind="platform") & Q(parent__isnull=True)) | ~Q(kind="platform"), name="channel_top"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ChannelCost(models.Model):
    """What a channel cost: an amount for each day from ``first_on`` to ``last_on``, or an amount for each piece."""

    class Kind(models.TextChoices):
        DAY = "day", _("per day")
        PIECE = "piece", _("per piece")

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="costs", verbose_name=_("channel"))
    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    amount_fen = models.BigIntegerField(_("amount (fen)"))
    quantity = models.PositiveIntegerField(_("pieces"), default=1)
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    note = models.CharField(_("note"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("channel cost")
        verbose_name_plural = _("channel costs")
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gte=0), name="channel_cost_not_negative"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="channel_cost_pieces"),
            models.CheckConstraint(
                condition=Q(last_on=F("first_on")) | (Q(kind="day") & Q(last_on__gte=F("first_on"))),
                name="channel_cost_days",
            ),
        ]

    def __str__(self) -> str:
        return self.note or self.get_kind_display()
