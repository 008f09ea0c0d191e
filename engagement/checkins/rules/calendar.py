"""What a page shows: the days of a month, what comes next, and the cycle as a row of boxes."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from engagement.checkins.rules.make_ups import Period
from engagement.checkins.rules.payouts import Due, day_reward, of_check_in
from engagement.checkins.rules.plan import Plan
from engagement.checkins.rules.streaks import ONE_DAY, Month, Standing, day_of_cycle, streak_on

BOXES = 31  # a rolling cycle may be longer; a page shows no more


@dataclass(frozen=True)
class Day:
    """A day of the calendar; ``state`` is checked, made_up, frozen, missed, today, coming or outside."""

    day: date
    state: str
    points: int
    can_make_up: bool


@dataclass(frozen=True)
class Marked:
    """What a row says about its day."""

    kind: str
    points: int


STATES = {"daily": "checked", "make_up": "made_up", "frozen": "frozen"}


def month_days(month: Month) -> list[date]:
    """All days of a month."""
    return [date(*month, day) for day in range(1, calendar.monthrange(*month)[1] + 1)]


def days_of(month: Month, *, marks: Mapping[date, Marked], today: date, runs: Period, fillable: set[date]) -> list[Day]:
    """The calendar of ``month``: ``runs`` is when the member could check in, ``fillable`` what can be made up."""
    found = []
    for day in month_days(month):
        mark = marks.get(day)
        state = STATES[mark.kind] if mark else _unmarked(day, today, runs)
        found.append(Day(day, state, mark.points if mark else 0, day in fillable))
    return found


def _unmarked(day: date, today: date, runs: Period) -> str:
    if day not in runs:
        return "outside"
    if day == today:
        return "today"
    return "missed" if day < today else "coming"


@dataclass(frozen=True)
class Upcoming:
    """The next check-in: its day, its place in the cycle, and what it will pay."""

    day: date
    place: int
    due: list[Due]


def upcoming(
    plan: Plan, standing: Standing, *, today: date, birthday: date | None, used: Mapping[Month, int], is_first: bool
) -> Upcoming:
    """What the next check-in pays: today's, or tomorrow's for who has checked in today."""
    day = today if standing.last_on is None or standing.last_on < today else standing.last_on + ONE_DAY
    streak = streak_on(standing, day, used=used, per_month=plan.freezes_per_month) + 1
    due = of_check_in(
        plan, streak=streak, tally=standing.tally + 1, day=day, birthday=birthday, is_first=is_first
    )  # fmt: skip
    return Upcoming(day, day_of_cycle(streak, day, plan.cycle), due)


def boxes(plan: Plan) -> list[tuple[int, list[Due]]]:
    """The days of a cycle with what each pays on a plain day; without cycles, the length of the daily list."""
    length = min(BOXES, plan.cycle.length or len(plan.daily))
    found = []
    for place in range(1, length + 1):
        due = [Due("day", place, day_reward(plan, place, 1))]
        due += [Due("streak", each.days, each.reward) for each in plan.streaks if each.days == place]
        found.append((place, [each for each in due if each.spec["kind"] != "points" or each.points > 0]))
    return found
