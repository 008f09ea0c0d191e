"""Reads of check-ins: facts before an act, rows and counts, and the pages of the consumer API."""

from engagement.checkins.selectors.facts import Facts, Record, get_facts, plan_of
from engagement.checkins.selectors.rows import (
    Extras,
    Mark,
    count_by_day,
    fillable,
    freezes_used,
    get_cards,
    get_extras,
    list_marks,
    list_standings,
    made_up_days,
    recompute,
    rows_of,
    streak_rewards_paid,
)

__all__ = [
    "Extras",
    "Facts",
    "Mark",
    "Record",
    "count_by_day",
    "fillable",
    "freezes_used",
    "get_cards",
    "get_extras",
    "get_facts",
    "list_marks",
    "list_standings",
    "made_up_days",
    "plan_of",
    "recompute",
    "rows_of",
    "streak_rewards_paid",
]
