"""The rows of a member in a campaign, and what is counted from rows."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from core import sql
from engagement.checkins.rules import make_ups, streaks
from engagement.checkins.rules.streaks import Standing
from engagement.checkins.selectors.facts import Facts

READ_ROWS = """
SELECT checked_on, kind, points FROM checkins_checkin
 WHERE member_id = %(member)s AND campaign_id = %(campaign)s AND checked_on >= %(since)s ORDER BY checked_on
"""
READ_REWARDS = """
SELECT rewards FROM checkins_checkin WHERE member_id = %(member)s AND campaign_id = %(campaign)s
"""
READ_CARDS = "SELECT count AS cards FROM checkins_makeupcard WHERE member_id = %(member)s"
READ_EXTRAS = """
SELECT (SELECT count FROM checkins_makeupcard WHERE member_id = %(member)s) AS cards,
       (SELECT count(*) FROM checkins_firstcheckin WHERE member_id = %(member)s)
     + (SELECT count(*) FROM checkins_checkinstanding WHERE member_id = %(member)s AND tally > 0) AS earlier
"""
BY_DAY = """
SELECT checked_on, CAST(count(*) AS bigint) AS number FROM checkins_checkin
 WHERE campaign_id IN (SELECT id FROM campaigns_campaign WHERE mechanism = 'checkins')
   AND checked_on BETWEEN %(first)s AND %(last)s AND kind = 'daily'
 GROUP BY checked_on
"""
READ_STANDINGS = """
SELECT c.name, s.streak, s.longest, s.tally, s.last_on FROM checkins_checkinstanding s
  JOIN campaigns_campaign c ON c.id = s.campaign_id
 WHERE s.member_id = %(member)s AND s.tally > 0 ORDER BY s.id DESC LIMIT 5
"""


@dataclass(frozen=True)
class Mark:
    """A row of the calendar: what happened on ``checked_on``."""

    checked_on: date
    kind: str
    points: int


def list_marks(member_id: int, campaign_id: UUID, *, since: date = date.min) -> list[Mark]:
    """The member's rows of a campaign from ``since`` on, in order (at most 366: a campaign's length)."""
    params = {"member": member_id, "campaign": campaign_id, "since": since}
    return [Mark(**row) for row in sql.fetch_all(READ_ROWS, params)]


def rows_of(marks: list[Mark]) -> dict[date, bool]:
    """``marks`` in the form in which the rules count them."""
    return {mark.checked_on: mark.kind != "frozen" for mark in marks}


def made_up_days(marks: list[Mark]) -> list[date]:
    """The days among ``marks`` that were made up."""
    return [mark.checked_on for mark in marks if mark.kind == "make_up"]


def freezes_used(marks: list[Mark]) -> dict[streaks.Month, int]:
    """How many days a freeze protects, by month."""
    used: dict[streaks.Month, int] = {}
    for mark in marks:
        if mark.kind == "frozen":
            month = streaks.month_of(mark.checked_on)
            used[month] = used.get(month, 0) + 1
    return used


def streak_rewards_paid(member_id: int, campaign_id: UUID) -> dict[int, int]:
    """How often each streak reward (by its days) was paid to the member."""
    paid: dict[int, int] = {}
    rows = sql.fetch_all(READ_REWARDS, {"member": member_id, "campaign": campaign_id}, rewards="json")
    for reward in (each for row in rows for each in row["rewards"] if each["reason"] == "streak"):
        paid[reward["days"]] = paid.get(reward["days"], 0) + 1
    return paid


def get_cards(member_id: int) -> int:
    """How many make-up cards the member holds."""
    row = sql.fetch_one(READ_CARDS, {"member": member_id})
    return int(row["cards"]) if row else 0


@dataclass(frozen=True)
class Extras:
    """What a page shows beside the rows: cards in hand, and whether the first-time bonus is still ahead."""

    cards: int
    is_first: bool


def get_extras(member_id: int) -> Extras:
    """Cards and firsts of a member, by one statement."""
    row = sql.fetch_one(READ_EXTRAS, {"member": member_id}) or {"cards": 0, "earlier": 0}
    return Extras(int(row["cards"] or 0), is_first=not row["earlier"])


def recompute(member_id: int, campaign_id: UUID) -> Standing:
    """The standing that the rows say; what the stored one must equal."""
    return streaks.recompute(rows_of(list_marks(member_id, campaign_id)))


def count_by_day(first: date, last: date) -> list[int]:
    """Check-ins on each business day from ``first`` to ``last``, in order; make-ups left out."""
    found = {row["checked_on"]: int(row["number"]) for row in sql.fetch_all(BY_DAY, {"first": first, "last": last})}
    return [found.get(first + timedelta(days=n), 0) for n in range((last - first).days + 1)]


def list_standings(member_id: int) -> list[dict[str, Any]]:
    """The member's newest standings with the campaign's name, at most five."""
    return sql.fetch_all(READ_STANDINGS, {"member": member_id})


def fillable(facts: Facts, marks: list[Mark]) -> set[date]:
    """The days that could be made up now, by rows, window and limit (not by cost)."""
    period = make_ups.window(facts.plan, today=facts.today, since=facts.since)
    if period is None:
        return set()
    rows, made_up = rows_of(marks), made_up_days(marks)
    days = [period.first + timedelta(days=n) for n in range((period.last - period.first).days + 1)]
    return {day for day in days if day not in rows and make_ups.left(facts.plan, day, made_up)}
