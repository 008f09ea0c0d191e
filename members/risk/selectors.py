"""Reads of the risk gate: the lists for the process, the lines of a member's card."""

from datetime import timedelta

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import clock, sql
from members.risk import rules
from members.risk.contract import Decision
from members.risk.models import BlockEntry, RiskDecision

MOST_LISTED = 50_000  # a process holds the list; about 10 MB
POLICIES = "SELECT act, scope, measure, most, seconds, decision, is_active FROM risk_riskpolicy"
LISTED = "SELECT scope, value, decision, until FROM risk_blockentry ORDER BY id DESC LIMIT %(most)s"


def list_policies() -> list[tuple[rules.Policy, bool]]:
    """The brand's own policies, each with whether it is in force."""
    rows = sql.fetch_all(POLICIES, is_active="bool")
    marks = [row.pop("is_active") for row in rows]
    return [
        (rules.Policy(**row | {"decision": Decision(row["decision"])}), mark)
        for row, mark in zip(rows, marks, strict=True)
    ]


def list_blocked() -> dict[tuple[str, str], rules.Listed]:
    """The block list by (scope, value)."""
    rows = sql.fetch_all(LISTED, {"most": MOST_LISTED}, until="datetime")
    return {(row["scope"], row["value"]): rules.Listed(Decision(row["decision"]), row["until"]) for row in rows}


def card_lines(member_id: int) -> list[tuple[str | Promise, str]]:
    """Whether the member is listed, and the decisions of the last 30 days."""
    entry = BlockEntry.objects.filter(member_id=member_id).first()
    since = clock.now() - timedelta(days=30)
    counts = dict(
        RiskDecision.objects.filter(member_id=member_id, at__gte=since)
        .values_list("decision")
        .annotate(count=Count("id"))
        .order_by()
    )
    return [
        (_("Block list"), f"{entry.get_decision_display()} · {entry.reason}" if entry else str(_("not listed"))),
        (_("Refused in 30 days"), str(counts.get("refuse", 0))),
        (_("Held back in 30 days"), str(counts.get("hold", 0))),
    ]
