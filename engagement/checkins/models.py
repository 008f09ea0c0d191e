"""The tables of check-ins."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from engagement.campaigns.models import Campaign, CampaignVersion
from members.accounts.models import Member


class CheckInSettings(models.Model):
    """The editable plan of a campaign (``rules.plan``); publishing freezes a copy of it in the version."""

    campaign = models.OneToOneField(
        Campaign, models.CASCADE, primary_key=True, related_name="check_in_settings", verbose_name=_("campaign")
    )
    plan = models.JSONField(_("plan"))

    class Meta:
        verbose_name = _("check-in settings")
        verbose_name_plural = _("check-in settings")

    def __str__(self) -> str:
        return str(self.campaign_id)


class CheckIn(models.Model):
    """A business day of a member in a campaign: checked in, made up, or protected by a freeze. Never changed.

    ``streak``, ``tally`` and ``balance_after`` are what the act answered, so that a repeat gets the same answer; a
    later make-up does not rewrite them. A frozen day keeps the streak together and counts for nothing.
    """

    class Kind(models.TextChoices):
        DAILY = "daily", _("checked in")
        MAKE_UP = "make_up", _("made up")
        FROZEN = "frozen", _("protected")

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(Member, models.PROTECT, db_index=False, related_name="+", verbose_name=_("member"))
    campaign = models.ForeignKey(Campaign, models.PROTECT, db_index=False, related_name="+", verbose_name=_("campaign"))
    checked_on = models.DateField(_("business day"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    streak = models.PositiveIntegerField(_("streak"))
    day = models.PositiveIntegerField(_("day of the cycle"))
    tally = models.PositiveIntegerField(_("days in total"))
    points = models.BigIntegerField(_("points"))
    balance_after = models.BigIntegerField(_("balance afterwards"), null=True)
    rewards = models.JSONField(_("rewards"))
    version = models.ForeignKey(
        CampaignVersion, models.PROTECT, db_index=False, related_name="+", verbose_name=_("version")
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        constraints = [
            models.UniqueConstraint(fields=["member", "campaign", "checked_on"], name="checkin_once_a_day"),
            models.CheckConstraint(condition=Q(kind__in=["daily", "make_up", "frozen"]), name="checkin_kind_known"),
            models.CheckConstraint(condition=Q(points__gte=0), name="checkin_points_not_negative"),
            models.CheckConstraint(
                condition=~Q(kind="frozen") | Q(points=0, streak=0, tally=0), name="checkin_frozen_pays_nothing"
            ),
        ]
        indexes = [models.Index(fields=["campaign", "checked_on"], name="checkin_by_day")]

    def __str__(self) -> str:
        return f"{self.checked_on} {self.get_kind_display()}"


class CheckInStanding(models.Model):
    """Where a member stands in a campaign: a running result of the rows, moved by a compare-and-set on ``tally``."""

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(Member, models.PROTECT, db_index=False, related_name="+", verbose_name=_("member"))
    campaign = models.ForeignKey(Campaign, models.PROTECT, db_index=False, related_name="+", verbose_name=_("campaign"))
    streak = models.PositiveIntegerField(_("streak"), default=0)
    longest = models.PositiveIntegerField(_("longest streak"), default=0)
    tally = models.PositiveIntegerField(_("days in total"), default=0)
    last_on = models.DateField(_("last day"), null=True)
    reminder = models.BooleanField(_("wants a reminder"), default=False)
    reminded_on = models.DateField(_("last reminded on"), null=True)

    class Meta:
        verbose_name = _("check-in standing")
        verbose_name_plural = _("check-in standings")
        constraints = [
            models.UniqueConstraint(fields=["member", "campaign"], name="checkin_standing_once"),
            models.CheckConstraint(
                condition=Q(longest__gte=F("streak"), tally__gte=F("longest")), name="checkin_standing_in_order"
            ),
            models.CheckConstraint(
                condition=Q(tally=0, last_on__isnull=True) | Q(tally__gt=0, last_on__isnull=False),
                name="checkin_standing_has_last_day",
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "id"], condition=Q(reminder=True), name="checkin_standing_remind"),
        ]

    def __str__(self) -> str:
        return f"{self.streak} / {self.tally}"


class FirstCheckIn(models.Model):
    """The member has had the first-time bonus: once ever, in whatever campaign."""

    member = models.OneToOneField(Member, models.PROTECT, primary_key=True, related_name="+", verbose_name=_("member"))
    campaign = models.ForeignKey(Campaign, models.PROTECT, db_index=False, related_name="+", verbose_name=_("campaign"))
    checked_on = models.DateField(_("business day"))

    class Meta:
        verbose_name = _("first check-in")
        verbose_name_plural = _("first check-ins")

    def __str__(self) -> str:
        return str(self.checked_on)


class MakeUpCard(models.Model):
    """How many make-up cards a member holds; moved by guarded statements only, each with an entry."""

    member = models.OneToOneField(Member, models.PROTECT, primary_key=True, related_name="+", verbose_name=_("member"))
    count = models.PositiveIntegerField(_("cards"))
    seq = models.PositiveIntegerField(_("entries"))

    class Meta:
        verbose_name = _("make-up cards")
        verbose_name_plural = _("make-up cards")
        constraints = [models.CheckConstraint(condition=Q(count__gte=0), name="make_up_card_not_negative")]

    def __str__(self) -> str:
        return str(self.count)


class MakeUpCardEntry(models.Model):
    """A change of a member's make-up cards. Added, never changed; Σ ``delta`` is the count."""

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(Member, models.PROTECT, db_index=False, related_name="+", verbose_name=_("member"))
    seq = models.PositiveIntegerField(_("number"))
    delta = models.IntegerField(_("change"))
    count_after = models.PositiveIntegerField(_("cards afterwards"))
    source_kind = models.CharField(_("source"), max_length=32)
    source_key = models.CharField(_("source key"), max_length=96)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("make-up card entry")
        verbose_name_plural = _("make-up card entries")
        constraints = [
            models.UniqueConstraint(fields=["member", "seq"], name="make_up_card_entry_in_order"),
            models.UniqueConstraint(fields=["member", "source_kind", "source_key"], name="make_up_card_entry_once"),
            models.CheckConstraint(condition=~Q(delta=0), name="make_up_card_entry_moves"),
            models.CheckConstraint(condition=Q(count_after__gte=0), name="make_up_card_entry_not_negative"),
        ]

    def __str__(self) -> str:
        return f"#{self.seq} {self.delta:+d}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Entries are added, never changed."""
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)
