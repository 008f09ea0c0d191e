"""Campaigns and their frozen versions."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.models import StaffUser
from engagement.campaigns import rules
from engagement.campaigns.contract import Config, Window


class Campaign(models.Model):
    """One campaign: its period, audience and legal facts. The mechanism keeps its settings in a table of its own."""

    class Status(models.TextChoices):
        DRAFT = rules.Status.DRAFT, _("draft")
        SCHEDULED = rules.Status.SCHEDULED, _("scheduled")
        RUNNING = rules.Status.RUNNING, _("running")
        PAUSED = rules.Status.PAUSED, _("paused")
        ENDED = rules.Status.ENDED, _("ended")
        ARCHIVED = rules.Status.ARCHIVED, _("archived")

    class Goal(models.TextChoices):
        ACQUISITION = "acquisition", _("win new members")
        ACTIVATION = "activation", _("first steps")
        RETENTION = "retention", _("come back often")
        REVENUE = "revenue", _("buy")
        REFERRAL = "referral", _("recommend")

    id = models.UUIDField(primary_key=True, editable=False)  # UUIDv7
    mechanism = models.CharField(_("mechanism"), max_length=32)
    name = models.CharField(_("name"), max_length=40)
    code = models.CharField(_("code"), max_length=24, unique=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    daily_from = models.TimeField(_("open daily from"), null=True, blank=True)
    daily_to = models.TimeField(_("open daily until"), null=True, blank=True)
    day_cut_hour = models.PositiveSmallIntegerField(_("day begins at (hour)"), default=0)
    organiser = models.CharField(_("organiser"), max_length=80, blank=True)
    contact = models.CharField(_("contact"), max_length=120, blank=True)
    share_title = models.CharField(_("share title"), max_length=30, blank=True)
    audience = models.JSONField(_("audience"), default=dict, blank=True)
    limits = models.JSONField(_("limits"), default=dict, blank=True)
    budget_fen = models.BigIntegerField(_("budget"), null=True, blank=True)
    goal = models.CharField(_("goal"), max_length=12, choices=Goal, default=Goal.RETENTION)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)  # when the start was announced
    revision = models.PositiveIntegerField(_("revision"), default=0)
    current_version = models.ForeignKey(
        "CampaignVersion", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("current version")
    )
    created_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        permissions = [
            ("publish_campaign", _("Can publish, pause, end and change published campaigns")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="campaign_ends_after_start"),
            models.CheckConstraint(condition=Q(day_cut_hour__lte=5), name="campaign_day_cut_hour"),
            models.CheckConstraint(
                condition=Q(budget_fen__isnull=True) | Q(budget_fen__gte=0), name="campaign_budget_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(daily_from__isnull=True, daily_to__isnull=True)
                | Q(daily_from__isnull=False, daily_to__isnull=False),
                name="campaign_daily_hours_are_a_pair",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "archived"]) | Q(current_version__isnull=False),
                name="campaign_published_has_version",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "scheduled", "running", "paused", "ended", "archived"]),
                name="campaign_status_known",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "ends_at"], name="campaign_status_end"),
            models.Index(fields=["mechanism", "starts_at"], name="campaign_mechanism"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> str:
        """What the audit trail calls the campaign."""
        return f"campaign:{self.pk}"

    @property
    def window(self) -> Window:
        """When the campaign takes part."""
        return Window(self.starts_at, self.ends_at, self.daily_from, self.daily_to)

    @property
    def status_now(self) -> rules.Status:
        """The status by the clock: the stored one may lag until the next sweep."""
        return rules.status_at(self.status, self.window, clock.now())

    def as_config(self) -> Config:
        """The campaign in JSON's types: what is frozen at publishing and what mechanisms are asked about."""
        return {
            "id": str(self.pk),
            "mechanism": self.mechanism,
            "name": self.name,
            "code": self.code,
            "goal": self.goal,
            "starts_at": clock.iso(self.starts_at),
            "ends_at": clock.iso(self.ends_at),
            "daily_from": f"{self.daily_from:%H:%M}" if self.daily_from else None,
            "daily_to": f"{self.daily_to:%H:%M}" if self.daily_to else None,
            "day_cut_hour": self.day_cut_hour,
            "organiser": self.organiser,
            "contact": self.contact,
            "share_title": self.share_title,
            "audience": self.audience,
            "limits": self.limits,
            "budget_fen": self.budget_fen,
        }

    @property
    def is_draft(self) -> bool:
        """Whether everything may still be edited."""
        return self.status == rules.Status.DRAFT

    @property
    def is_live(self) -> bool:
        """Whether it is published and not over by the clock."""
        return self.status_now in rules.LIVE


class CampaignVersion(models.Model):
    """A published configuration, frozen: inserted once, never updated. Every participation points to one."""

    id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="versions", verbose_name=_("campaign"))
    number = models.PositiveIntegerField(_("number"))
    config = models.JSONField(_("configuration"))
    rules_zh = models.TextField(_("rules in Chinese"))
    rules_en = models.TextField(_("rules in English"))
    rules_sha256 = models.CharField(_("fingerprint of the Chinese rules"), max_length=64)
    config_sha256 = models.CharField(_("fingerprint of the configuration"), max_length=64)
    published_at = models.DateTimeField(_("published at"))
    published_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("published by")
    )
    approved_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )

    class Meta:
        verbose_name = _("campaign version")
        verbose_name_plural = _("campaign versions")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="campaign_version_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="campaign_version_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} v{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert only: a version that exists is never written again (``IntegrityError`` for an attempt)."""
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)


class PublishGate(models.Model):
    """One row a mechanism, held while a campaign of it is published: overlap checks see each other's results."""

    mechanism = models.CharField(primary_key=True, max_length=32)
    passed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("publish gate")
        verbose_name_plural = _("publish gates")

    def __str__(self) -> str:
        return self.mechanism
