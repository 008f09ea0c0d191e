"""Counting days: streak, place in the cycle, freezes. Everything follows from the rows alone.

A row is a day that counts (checked in or made up) or a day that a freeze protects: it keeps the streak together but
does not count. A *run* is rows without a missing day between them; the streak is the number of counting days of the
run up to the last counting day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from engagement.checkins.rules.plan import Cycle

ONE_DAY = timedelta(days=1)
Rows = Mapping[date, bool]  # day -> whether it counts; False is a day protected by a freeze
Month = tuple[int, int]


@dataclass(frozen=True)
class Standing:
    """Where a member stands in a campaign. Before the first day all is zero and ``last_on`` is ``None``."""

    streak: int = 0
    longest: int = 0
    tally: int = 0
    last_on: date | None = None


@dataclass(frozen=True)
class Step:
    """A standing after one more day, and the missed days that freezes cover on the way."""

    standing: Standing
    frozen: tuple[date, ...] = ()


def month_of(day: date) -> Month:
    """Year and month of ``day``."""
    return day.year, day.month


def missed_between(last_on: date | None, day: date) -> list[date]:
    """The days strictly between ``last_on`` and ``day``."""
    if last_on is None:
        return []
    return [last_on + ONE_DAY * n for n in range(1, (day - last_on).days)]


def freezes_for(missed: list[date], *, used: Mapping[Month, int], per_month: int) -> tuple[date, ...] | None:
    """The days to freeze so that the streak survives ``missed``, or ``None`` when they don't suffice.

    Each missed day takes one freeze of its own calendar month, all or none: a freeze is never spent on a streak that
    breaks anyway.
    """
    need: dict[Month, int] = {}
    for day in missed:
        need[month_of(day)] = need.get(month_of(day), 0) + 1
    enough = all(used.get(month, 0) + count <= per_month for month, count in need.items())
    return tuple(missed) if enough else None


def advance(standing: Standing, day: date, *, used: Mapping[Month, int], per_month: int) -> Step:
    """The standing after a check-in on ``day``, which is later than ``last_on``."""
    frozen = freezes_for(missed_between(standing.last_on, day), used=used, per_month=per_month)
    streak = 1 if frozen is None or standing.last_on is None else standing.streak + 1
    after = Standing(streak, max(streak, standing.longest), standing.tally + 1, day)
    return Step(after, frozen or ())


def streaks_by_day(rows: Rows) -> dict[date, int]:
    """The streak on each counting day, from the rows alone."""
    found: dict[date, int] = {}
    streak, previous = 0, None
    for day in sorted(rows):
        if previous is None or day - previous > ONE_DAY:
            streak = 0
        if rows[day]:
            streak += 1
            found[day] = streak
        previous = day
    return found


def recompute(rows: Rows) -> Standing:
    """The standing that ``rows`` say: what the stored one must equal at any time."""
    by_day = streaks_by_day(rows)
    if not by_day:
        return Standing()
    last_on = max(by_day)
    return Standing(by_day[last_on], max(by_day.values()), len(by_day), last_on)


def day_of_cycle(streak: int, day: date, cycle: Cycle) -> int:
    """The place of a counting day in its cycle, from 1 on.

    Rolling: the N-th day is followed by a first one. Week and month: at most as many days as the period has seen, so
    that Monday or the first of the month begins anew while the streak goes on.
    """
    if streak <= 0:
        return 0
    if cycle.mode == "rolling":
        return (streak - 1) % cycle.days + 1
    if cycle.mode == "week":
        return min(streak, day.isoweekday())
    return min(streak, day.day) if cycle.mode == "month" else streak


def streak_on(standing: Standing, day: date, *, used: Mapping[Month, int], per_month: int) -> int:
    """The streak as a page shows it on ``day``: zero once it is lost for good."""
    if standing.last_on is None:
        return 0
    frozen = freezes_for(missed_between(standing.last_on, day), used=used, per_month=per_month)
    return 0 if frozen is None else standing.streak
