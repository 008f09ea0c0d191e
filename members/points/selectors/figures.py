"""What the brand sees: points issued and used by day, what is outstanding, and a member's card."""

from datetime import date, timedelta

from django.db.models import Q, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members.points.models import PointsAccount, PointsEntry
from members.points.selectors.statement import get_summary_of, title_of
from members.rewards.contract import GrantLine

ISSUED = Q(kind__in=[PointsEntry.Kind.EARN, PointsEntry.Kind.ADJUST], delta__gt=0)
USED = Q(kind__in=[PointsEntry.Kind.SPEND, PointsEntry.Kind.HOLD, PointsEntry.Kind.RELEASE])


def issued_by_day(first: date, last: date) -> list[int]:
    """Points earned on each business day from ``first`` to ``last``. One query."""
    return _by_day(ISSUED, first, last, sign=1)


def used_by_day(first: date, last: date) -> list[int]:
    """Points spent or held on each business day, less held ones that came back. One query."""
    return _by_day(USED, first, last, sign=-1)


def _by_day(which: Q, first: date, last: date, *, sign: int) -> list[int]:
    rows = (
        PointsEntry.objects.filter(which, business_on__gte=first, business_on__lte=last)
        .values_list("business_on")
        .annotate(points=Sum("delta"))
        .order_by()
    )
    found = dict(rows)
    days = ((first + timedelta(days=n)) for n in range((last - first).days + 1))
    return [max(sign * int(found.get(day) or 0), 0) for day in days]


def get_outstanding() -> tuple[str, str]:
    """For the dashboard: what members can spend, and what is held and owed. One query."""
    sums = PointsAccount.objects.aggregate(balance=Sum("balance"), held=Sum("held"), debt=Sum("debt"))
    numbers = {name: f"{int(value or 0):,}" for name, value in sums.items()}
    return numbers["balance"], gettext("%(held)s held, %(debt)s owed") % numbers


def card_lines(member_id: int) -> list[tuple[str | Promise, str]]:
    """The member's card: the account and the five newest entries. Two queries."""
    summary = get_summary_of(member_id)
    lines: list[tuple[str | Promise, str]] = [
        (_("Balance"), f"{summary['balance']:,}"),
        (_("Owed"), f"{summary['debt']:,}"),
        (_("Held"), f"{summary['held']:,}"),
        (_("Pending"), f"{summary['pending']:,}"),
    ]
    newest = PointsEntry.objects.filter(member_id=member_id).order_by("-seq")[:5]
    return lines + [
        (f"#{entry.seq} {entry.business_on}", f"{entry.delta:+,} · {title_of(entry.source_kind, entry.kind)}")
        for entry in newest
    ]


def reward_lines(member_id: int, limit: int) -> list[GrantLine]:
    """What was given to the member as points, newest first, for the union of all grants. One query."""
    rows = (
        PointsEntry.objects.filter(member_id=member_id, kind=PointsEntry.Kind.EARN)
        .extra(  # constant SQL: a reversal names the entry's key as text
            select={
                "is_reversed": """EXISTS (SELECT 1 FROM points_pointsentry r
                     WHERE r.member_id = points_pointsentry.member_id AND r.source_kind = 'points.reverse'
                       AND r.source_key = CAST(points_pointsentry.id AS text))"""
            }
        )
        .order_by("-seq")[:limit]
    )
    return [
        GrantLine(
            kind="points", source=row.source_kind, key=row.source_key, label=row.label, amount=row.delta,
            cost_fen=None, state="revoked" if row.is_reversed else "granted", at=row.occurred_at, on=row.business_on,
        )
        for row in rows
    ]  # fmt: skip
