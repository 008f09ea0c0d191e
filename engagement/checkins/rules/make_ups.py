"""Make-ups: which days may be filled, how many are left, and what filling one earns."""

from dataclasses import dataclass
from datetime import date, timedelta

from engagement.checkins import errors
from engagement.checkins.rules.payouts import Due, day_reward, times_on
from engagement.checkins.rules.plan import Cycle, Plan, Spec
from engagement.checkins.rules.streaks import ONE_DAY, Rows, Standing, day_of_cycle, recompute, streaks_by_day


@dataclass(frozen=True)
class Period:
    """First and last day, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def period_of(day: date, cycle: Cycle) -> Period:
    """The period in which make-ups are counted: the natural week of weekly cycles, else the calendar month."""
    if cycle.mode == "week":
        monday = day - ONE_DAY * (day.isoweekday() - 1)
        return Period(monday, monday + ONE_DAY * 6)
    first = day.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return Period(first, following - ONE_DAY)


def window(plan: Plan, *, today: date, since: date) -> Period | None:
    """The days that can be made up on ``today``: at most ``window_days`` back, not before ``since``."""
    if not plan.make_up.enabled:
        return None
    found = Period(max(since, today - ONE_DAY * plan.make_up.window_days), today - ONE_DAY)
    return found if found.first <= found.last else None


def left(plan: Plan, day: date, made_up: list[date]) -> int:
    """How many make-ups the period of ``day`` still allows; ``made_up`` are the days filled so far."""
    period = period_of(day, plan.cycle)
    return max(0, plan.make_up.limit - sum(each in period for each in made_up))


def ensure_can_fill(plan: Plan, day: date, *, today: date, since: date, rows: Rows, made_up: list[date]) -> None:
    """Refuse unless ``day`` can be made up: ``MakeUpOff``, ``DayNotOpen``, ``DayTaken`` or ``MakeUpsUsedUp``."""
    if not plan.make_up.enabled:
        raise errors.MakeUpOff
    open_days = window(plan, today=today, since=since)
    if open_days is None:
        raise errors.NothingOpen
    if day not in open_days:
        raise errors.DayNotOpen(first=open_days.first.isoformat(), last=open_days.last.isoformat())
    if day in rows:
        raise errors.DayTaken
    if not left(plan, day, made_up):
        raise errors.MakeUpsUsedUp(limit=plan.make_up.limit)


def fill(rows: Rows, day: date) -> Standing:
    """The standing after ``day`` was made up."""
    return recompute({**rows, day: True})


def earned(plan: Plan, rows: Rows, day: date, *, birthday: date | None) -> list[Due]:
    """What filling ``day`` pays: its share of the day, and the streak and tally rewards that it brings about.

    A streak reward is due when the rows reach it more often than before: what was reached before has been paid then,
    or its rule did not exist yet, which is not made good later.
    """
    before, after = streaks_by_day(rows), streaks_by_day({**rows, day: True})
    place = day_of_cycle(after[day], day, plan.cycle)
    share = part_of(day_reward(plan, place, times_on(plan, day, birthday)), plan.make_up.share_percent)
    due = [Due("day", place, share)] if share else []
    due += [
        Due("streak", rule.days, rule.reward)
        for rule in plan.streaks
        if _reaches(after, rule.days, plan.cycle) > _reaches(before, rule.days, plan.cycle)
    ]
    due += [Due("tally", rule.days, rule.reward) for rule in plan.tallies if rule.days == len(after)]
    return due


def _reaches(streaks: dict[date, int], days: int, cycle: Cycle) -> int:
    """How often the ``days``-th place of a cycle was reached."""
    return sum(day_of_cycle(streak, day, cycle) == days for day, streak in streaks.items())


def part_of(spec: Spec, percent: int) -> Spec | None:
    """``percent`` of a reward, points rounded down; what can't be divided is given only for 100 %."""
    if spec["kind"] != "points":
        return spec if percent == 100 else None
    points = int(spec["points"]) * percent // 100
    return {**spec, "points": points} if points else None
