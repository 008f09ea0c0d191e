"""The tables of the ground: staff, event log, inbox, idempotency, stock, approvals, audit."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class StaffUser(AbstractUser):
    """A person who works for the brand. Never a member: members are in ``members.accounts``."""

    language = models.CharField(_("language"), max_length=10, default="zh-hans")

    class Meta(AbstractUser.Meta):
        verbose_name = _("staff user")  # type: ignore[assignment]
        verbose_name_plural = _("staff users")  # type: ignore[assignment]


class Event(models.Model):
    """A fact: the outbox row of its effects and, for 400 days, the log line.

    Written once with its effect; afterwards only ``drain`` writes, and only ``delivered_at``, ``attempts``,
    ``available_at`` and ``dead``. An event to which nobody subscribes is born delivered.
    """

    id = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(_("event id"), unique=True)
    topic = models.CharField(_("topic"), max_length=64)
    version = models.PositiveSmallIntegerField(_("version"))
    member_id = models.BigIntegerField(_("member"), null=True)
    campaign_id = models.UUIDField(_("campaign"), null=True)
    subject = models.CharField(_("subject"), max_length=80)
    payload = models.JSONField(_("payload"))
    occurred_at = models.DateTimeField(_("occurred at"))
    business_on = models.DateField(_("business day"))
    is_test = models.BooleanField(_("test"), default=False)
    delivered_at = models.DateTimeField(_("delivered at"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    available_at = models.DateTimeField(_("available at"))
    dead = models.BooleanField(_("given up"), default=False)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(
                fields=["available_at", "id"],
                condition=Q(delivered_at__isnull=True, dead=False),
                name="event_due",
            ),
            models.Index(
                fields=["member_id", "id"],
                condition=Q(delivered_at__isnull=True, dead=False),
                name="event_due_member",
            ),
            models.Index(fields=["member_id", "id"], name="event_member"),
        ]

    def __str__(self) -> str:
        return f"{self.topic}/{self.version} #{self.pk}"


class InboxEntry(models.Model):
    """A handler has acted on an event: written in the transaction of the effect, so that it acts once."""

    pk = models.CompositePrimaryKey("event_id", "handler")
    event_id = models.UUIDField()
    handler = models.CharField(max_length=120)
    acted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("inbox entry")
        verbose_name_plural = _("inbox entries")
        indexes = [models.Index(fields=["acted_at"], name="inbox_age")]


class IdempotencyRecord(models.Model):
    """The answer to a key of one subject (member, API client or staff user), kept for 7 days."""

    pk = models.CompositePrimaryKey("subject_kind", "subject_id", "key")
    subject_kind = models.CharField(max_length=10)
    subject_id = models.BigIntegerField()
    key = models.CharField(max_length=64)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(default="")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("idempotency record")
        verbose_name_plural = _("idempotency records")
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]


class StockShard(models.Model):
    """A slice of a shared stock. Several rows a pool, so that a hot pool isn't one hot row."""

    id = models.BigAutoField(primary_key=True)
    pool_kind = models.CharField(max_length=32)
    pool_id = models.CharField(max_length=64)
    day = models.DateField(null=True)
    shard = models.PositiveSmallIntegerField()
    remaining = models.BigIntegerField()

    class Meta:
        verbose_name = _("stock shard")
        verbose_name_plural = _("stock shards")
        constraints = [
            models.UniqueConstraint(
                fields=["pool_kind", "pool_id", "shard"], condition=Q(day__isnull=True), name="stock_shard_once"
            ),
            models.UniqueConstraint(
                fields=["pool_kind", "pool_id", "day", "shard"],
                condition=Q(day__isnull=False),
                name="stock_shard_once_a_day",
            ),
            models.CheckConstraint(condition=Q(remaining__gte=0), name="stock_remaining_not_negative"),
        ]
        indexes = [models.Index(fields=["pool_kind", "pool_id", "shard"], name="stock_pool")]

    def __str__(self) -> str:
        return f"{self.pool_kind}:{self.pool_id}/{self.shard}"


class Approval(models.Model):
    """A second person's yes or no to an act that a first person prepared."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("kind"), max_length=64)
    subject = models.CharField(_("subject"), max_length=120)
    payload = models.JSONField(_("what is asked"))
    payload_hash = models.CharField(max_length=64)
    reason = models.CharField(_("reason"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    maker = models.ForeignKey(StaffUser, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    approver = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    created_at = models.DateTimeField(_("asked at"))
    decided_at = models.DateTimeField(_("decided at"), null=True)

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        constraints = [
            models.CheckConstraint(
                condition=Q(approver__isnull=True) | ~Q(approver=F("maker")), name="approval_needs_two_people"
            ),
            models.CheckConstraint(
                condition=Q(state="open", approver__isnull=True, decided_at__isnull=True)
                | Q(approver__isnull=False, decided_at__isnull=False),
                name="approval_decided_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["kind", "subject", "payload_hash"], condition=Q(state="open"), name="approval_asked_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}"


class AuditEntry(models.Model):
    """Who did what to which thing, when and why. Never changed."""

    id = models.BigAutoField(primary_key=True)
    actor = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("actor")
    )
    action = models.CharField(_("action"), max_length=64)
    subject = models.CharField(_("subject"), max_length=120)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    detail = models.JSONField(_("detail"), default=dict)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        indexes = [models.Index(fields=["subject", "id"], name="audit_subject")]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Entries are added, never changed."""
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)


class Incident(models.Model):
    """Two numbers that should agree and don't, or work that is stuck. A person closes it, with a reason."""

    id = models.BigAutoField(primary_key=True)
    check_name = models.CharField(_("check"), max_length=64)
    subject = models.CharField(_("subject"), max_length=120)
    detail = models.CharField(_("detail"), max_length=400)
    opened_at = models.DateTimeField(_("opened at"))
    last_seen_at = models.DateTimeField(_("last seen at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("closed by")
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        constraints = [
            models.UniqueConstraint(
                fields=["check_name", "subject"], condition=Q(closed_at__isnull=True), name="incident_open_once"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="incident_closed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.check_name}: {self.subject}"
