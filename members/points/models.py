"""The tables of the points. Only this slice's services write them; entries and allocations are never changed."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from members.accounts.models import Member
from members.points import rules


class PointsAccount(models.Model):
    """A member's running totals: what can be spent, what is owed, what is held, and the number of the last entry."""

    member = models.OneToOneField(Member, models.PROTECT, primary_key=True, verbose_name=_("member"))
    balance = models.BigIntegerField(_("balance"), default=0)
    debt = models.BigIntegerField(_("debt"), default=0)
    held = models.BigIntegerField(_("held"), default=0)
    seq = models.BigIntegerField(_("entries"), default=0)
    opened_at = models.DateTimeField(_("account since"))

    class Meta:
        verbose_name = _("points account")
        verbose_name_plural = _("points accounts")
        permissions = [
            ("adjust_points", "Can adjust points with a reason"),
            ("approve_adjustment", "Can approve a large adjustment of points"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(balance__gte=0, balance__lte=rules.MOST_BALANCE), name="points_balance_bounds"
            ),
            models.CheckConstraint(condition=Q(debt__gte=0, debt__lte=rules.MOST_BALANCE), name="points_debt_bounds"),
            models.CheckConstraint(condition=Q(balance=0) | Q(debt=0), name="points_balance_or_debt"),
            models.CheckConstraint(condition=Q(held__gte=0), name="points_held_not_negative"),
            models.CheckConstraint(condition=Q(seq__gte=0), name="points_seq_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.balance}"


class PointsLot(models.Model):
    """All points of a member that can be used up to and including ``expires_on`` (9999-12-31: for ever).

    ``is_open`` turns false when its expiry was booked; ``noticed_days`` is the closest notice given (30, 7, 1).
    """

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="points_lots", verbose_name=_("member"), db_index=False
    )
    expires_on = models.DateField(_("last usable day"))
    remaining = models.BigIntegerField(_("remaining"))
    is_open = models.BooleanField(_("not yet expired"), default=True)
    noticed_days = models.PositiveSmallIntegerField(_("notice given"), null=True)

    class Meta:
        verbose_name = _("points lot")
        verbose_name_plural = _("points lots")
        constraints = [
            models.UniqueConstraint(fields=["member", "expires_on"], name="points_lot_once"),
            models.CheckConstraint(condition=Q(remaining__gte=0), name="points_lot_not_negative"),
            models.CheckConstraint(condition=Q(is_open=True) | Q(remaining=0), name="points_lot_closed_empty"),
        ]
        # `remaining` is in no index, so that earning and spending stay heap-only updates on PostgreSQL.
        indexes = [models.Index(fields=["expires_on", "member"], condition=Q(is_open=True), name="points_lot_due")]

    def __str__(self) -> str:
        return f"{self.expires_on}: {self.remaining}"


class PointsEntry(models.Model):
    """A line of the statement: never changed, never deleted (a trigger of the database refuses it).

    Points gained with an ``expires_on`` went into that lot, less what repaid debt: ``min(delta, balance_after)``.
    Entries without one have allocations. ``label`` says where totals are counted (``campaign:<id>``, ``staff:<id>``).
    """

    class Kind(models.TextChoices):
        EARN = "earn", _("Earned")
        SPEND = "spend", _("Spent")
        HOLD = "hold", _("Held for an order")
        RELEASE = "release", _("Held points returned")
        EXPIRE = "expire", _("Expired")
        REVERSE = "reverse", _("Reversed")
        ADJUST = "adjust", _("Adjusted by the brand")
        MERGE = "merge", _("Accounts merged")

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="points_entries", verbose_name=_("member"), db_index=False
    )
    seq = models.BigIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    delta = models.BigIntegerField(_("points"))
    balance_after = models.BigIntegerField(_("balance after"))
    debt_after = models.BigIntegerField(_("debt after"))
    label = models.CharField(_("label"), max_length=80)
    source_kind = models.CharField(_("source"), max_length=40)
    source_key = models.CharField(_("source key"), max_length=80)
    expires_on = models.DateField(_("last usable day"), null=True)
    occurred_at = models.DateTimeField(_("at"))
    business_on = models.DateField(_("business day"))

    class Meta:
        verbose_name = _("points entry")
        verbose_name_plural = _("points entries")
        constraints = [
            models.UniqueConstraint(fields=["member", "seq"], name="points_entry_seq_once"),
            models.UniqueConstraint(fields=["member", "source_kind", "source_key"], name="points_entry_source_once"),
            models.CheckConstraint(condition=~Q(delta=0), name="points_entry_moves"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="points_entry_seq_positive"),
            models.CheckConstraint(
                condition=Q(balance_after__gte=0, debt_after__gte=0) & (Q(balance_after=0) | Q(debt_after=0)),
                name="points_entry_after",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.seq} {self.delta:+d}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Entries are added, never changed."""
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)


class PointsAllocation(models.Model):
    """How much an entry took from a lot (negative) or gave to it (positive)."""

    id = models.BigAutoField(primary_key=True)
    entry = models.ForeignKey(
        PointsEntry, models.PROTECT, related_name="allocations", verbose_name=_("points entry"), db_index=False
    )
    lot = models.ForeignKey(PointsLot, models.PROTECT, related_name="allocations", verbose_name=_("points lot"))
    amount = models.BigIntegerField(_("points"))

    class Meta:
        verbose_name = _("points allocation")
        verbose_name_plural = _("points allocations")
        constraints = [
            models.UniqueConstraint(fields=["entry", "lot"], name="points_allocation_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="points_allocation_moves"),
        ]

    def __str__(self) -> str:
        return f"{self.amount:+d}"


class PointsHold(models.Model):
    """Points set aside for an order: taken out of the balance, and captured, released or expired once."""

    class State(models.TextChoices):
        OPEN = "open", _("on hold")
        CAPTURED = "captured", _("captured")
        RELEASED = "released", _("released")
        EXPIRED = "expired", _("expired")

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="points_holds", verbose_name=_("member"), db_index=False
    )
    entry = models.OneToOneField(PointsEntry, models.PROTECT, related_name="hold", verbose_name=_("points entry"))
    points = models.BigIntegerField(_("points"))
    captured = models.BigIntegerField(_("captured"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    source_kind = models.CharField(_("source"), max_length=40)
    source_key = models.CharField(_("source key"), max_length=80)
    due_at = models.DateTimeField(_("ends at the latest"))
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("points hold")
        verbose_name_plural = _("points holds")
        constraints = [
            models.UniqueConstraint(fields=["member", "source_kind", "source_key"], name="points_hold_source_once"),
            models.CheckConstraint(
                condition=Q(points__gt=0, captured__gte=0, captured__lte=F("points")), name="points_hold_bounds"
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_at__isnull=True, captured=0)
                | Q(state="captured", ended_at__isnull=False, captured__gt=0)
                | Q(state__in=["released", "expired"], ended_at__isnull=False, captured=0),
                name="points_hold_ends_once",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="open"), name="points_hold_due")]

    def __str__(self) -> str:
        return f"{self.source_kind} {self.source_key}: {self.points}"


class PointsPending(models.Model):
    """Points that arrive on ``due_on``: outside balance and entries until they become one entry, once."""

    class State(models.TextChoices):
        OPEN = "open", _("on its way")
        SETTLED = "settled", _("arrived")
        CANCELLED = "cancelled", _("cancelled")

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="points_pending", verbose_name=_("member"), db_index=False
    )
    points = models.BigIntegerField(_("points"))
    due_on = models.DateField(_("arrives on"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    label = models.CharField(_("label"), max_length=80)
    source_kind = models.CharField(_("source"), max_length=40)
    source_key = models.CharField(_("source key"), max_length=80)
    expires_on = models.DateField(_("last usable day"), null=True)
    entry = models.OneToOneField(PointsEntry, models.PROTECT, null=True, verbose_name=_("points entry"))
    created_at = models.DateTimeField(_("created at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("pending points")
        verbose_name_plural = _("pending points")
        constraints = [
            models.UniqueConstraint(fields=["member", "source_kind", "source_key"], name="points_pending_source_once"),
            models.CheckConstraint(condition=Q(points__gt=0), name="points_pending_positive"),
            models.CheckConstraint(
                condition=Q(state="open", ended_at__isnull=True, entry__isnull=True)
                | Q(state="settled", ended_at__isnull=False, entry__isnull=False)
                | Q(state="cancelled", ended_at__isnull=False, entry__isnull=True),
                name="points_pending_ends_once",
            ),
        ]
        indexes = [models.Index(fields=["due_on", "member"], condition=Q(state="open"), name="points_pending_due")]

    def __str__(self) -> str:
        return f"{self.source_kind} {self.source_key}: {self.points}"


class PointsCapTotal(models.Model):
    """What a member earned on a business day under a cap; ``granted`` is what its last earning got."""

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("member"), db_index=False)
    cap = models.CharField(_("cap"), max_length=40)
    day = models.DateField(_("business day"))
    points = models.BigIntegerField(_("points"))
    granted = models.BigIntegerField(_("granted last"))

    class Meta:
        verbose_name = _("points under a cap")
        verbose_name_plural = _("points under caps")
        constraints = [
            models.UniqueConstraint(fields=["member", "cap", "day"], name="points_cap_total_once"),
            models.CheckConstraint(condition=Q(points__gte=0, granted__gte=0), name="points_cap_total_bounds"),
        ]
        indexes = [models.Index(fields=["day"], name="points_cap_total_age")]

    def __str__(self) -> str:
        return f"{self.cap} {self.day}: {self.points}"


class PointsAdjustTotal(models.Model):
    """What was adjusted on a day by one person alone, for a member (``member:<id>``) and by staff (``staff:<id>``)."""

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(_("subject"), max_length=40)
    day = models.DateField(_("business day"))
    points = models.BigIntegerField(_("points"))

    class Meta:
        verbose_name = _("adjustments of a day")
        verbose_name_plural = _("adjustments of a day")
        constraints = [
            models.UniqueConstraint(fields=["subject", "day"], name="points_adjust_total_once"),
            models.CheckConstraint(condition=Q(points__gte=0), name="points_adjust_total_positive"),
        ]
        indexes = [models.Index(fields=["day"], name="points_adjust_total_age")]

    def __str__(self) -> str:
        return f"{self.subject} {self.day}: {self.points}"


class PointsPolicy(models.Model):
    """A version of the rules. The newest is in force; versions are added, never changed."""

    id = models.BigAutoField(primary_key=True)
    expiry_mode = models.CharField(
        _("expiry"),
        max_length=16,
        choices=[("never", _("never")), ("rolling_months", _("after some months")), ("fixed_date", _("a day a year"))],
    )
    months = models.PositiveSmallIntegerField(_("months until expiry"))
    fixed_month = models.PositiveSmallIntegerField(_("month of the yearly expiry"))
    fixed_day = models.PositiveSmallIntegerField(_("day of the yearly expiry"))
    fixed_least_days = models.PositiveSmallIntegerField(_("usable for at least (days)"))
    return_days = models.PositiveSmallIntegerField(_("returned points stay usable for (days)"))
    caps = models.JSONField(_("daily caps"), default=list)
    stack_multipliers = models.BooleanField(_("multiply all multipliers"))
    cost_fen_per_100 = models.PositiveIntegerField(_("cost of 100 points (fen)"))
    offset_points_per_yuan = models.PositiveIntegerField(_("points for one yuan"))
    offset_most_bps = models.PositiveIntegerField(_("largest share of an order (1/10,000)"))
    offset_least_order_fen = models.BigIntegerField(_("smallest order (fen)"))
    offset_least_points = models.BigIntegerField(_("fewest points for an order"))
    offset_step = models.PositiveIntegerField(_("in steps of (points)"))
    adjust_alone = models.BigIntegerField(_("adjustments without a second person, a member and day"))
    adjust_alone_staff = models.BigIntegerField(_("adjustments without a second person, a staff user and day"))
    reason = models.CharField(_("reason"), max_length=200)
    created_at = models.DateTimeField(_("in force from"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("set by")
    )

    class Meta:
        verbose_name = _("rules of the points")
        verbose_name_plural = _("rules of the points")

    def __str__(self) -> str:
        return f"#{self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Versions are added, never changed."""
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)
