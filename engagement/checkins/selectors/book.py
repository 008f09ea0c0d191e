"""Checks of the slice's own book: standings against rows, cards against their entries."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import sql
from core.reconcile import FETCH, Check, Finding
from engagement.checkins.models import CheckIn, CheckInStanding
from engagement.checkins.rules.streaks import Standing, recompute

Key = tuple[int, Any]
CARDS = """
SELECT c.member_id, c.count, COALESCE(CAST(sum(e.delta) AS bigint), 0) AS entered
  FROM checkins_makeupcard c LEFT JOIN checkins_makeupcardentry e ON e.member_id = c.member_id
 GROUP BY c.member_id, c.count HAVING c.count <> COALESCE(CAST(sum(e.delta) AS bigint), 0)
"""


def check_standings() -> Iterator[Finding]:
    """Standings that differ from what their rows say; both are read once, in the order of their keys."""
    told, kept = _counted(), _stored()
    said, stored = next(told, None), next(kept, None)
    while said or stored:
        both = [each[0] for each in (said, stored) if each]
        first = min(both)
        rows = said[1] if said and said[0] == first else Standing()
        standing = stored[1] if stored and stored[0] == first else Standing()
        if rows != standing:
            yield Finding(f"checkins:{first[0]}:{first[1]}", f"rows: {_text(rows)}; standing: {_text(standing)}")
        said = next(told, None) if said and said[0] == first else said
        stored = next(kept, None) if stored and stored[0] == first else stored


def _counted() -> Iterator[tuple[Key, Standing]]:
    days = CheckIn.objects.order_by("member_id", "campaign_id", "checked_on")
    rows = days.values_list("member_id", "campaign_id", "checked_on", "kind").iterator(chunk_size=FETCH)
    for key, group in groupby(rows, key=lambda row: (row[0], row[1])):
        yield key, recompute({day: kind != "frozen" for _member, _campaign, day, kind in group})


def _stored() -> Iterator[tuple[Key, Standing]]:
    rows = CheckInStanding.objects.order_by("member_id", "campaign_id").values_list(
        "member_id", "campaign_id", "streak", "longest", "tally", "last_on"
    )
    for member_id, campaign_id, streak, longest, tally, last_on in rows.iterator(chunk_size=FETCH):
        yield (member_id, campaign_id), Standing(streak, longest, tally, last_on)


def _text(standing: Standing) -> str:
    return f"{standing.streak}/{standing.longest}/{standing.tally} on {standing.last_on}"


def check_cards() -> Iterator[Finding]:
    """Counts of make-up cards that are not the sum of their entries."""
    for row in sql.fetch_all(CARDS):
        yield Finding(f"cards:{row['member_id']}", f"entries say {row['entered']}, the count {row['count']}")


CHECKS = {
    "checkins.standings": Check(_("Streaks are what the check-ins say"), check_standings),
    "checkins.cards": Check(_("Make-up cards are what their entries say"), check_cards),
}
