"""What a day pays: the day's own reward, the first-time bonus, streak and tally rewards."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from engagement.checkins.rules.plan import Plan, Spec
from engagement.checkins.rules.streaks import day_of_cycle


@dataclass(frozen=True)
class Due:
    """A reward that falls due: why (``day``, ``first``, ``streak``, ``tally``), for which rule's days, and what."""

    reason: str
    days: int
    spec: Spec

    @property
    def points(self) -> int:
        """The points of a points reward, else 0."""
        return int(self.spec["points"]) if self.spec["kind"] == "points" else 0

    def record(self) -> dict[str, Any]:
        """The form in which the check-in keeps it."""
        return {"reason": self.reason, "days": self.days, "spec": self.spec}


def is_birthday(birthday: date | None, day: date) -> bool:
    """Whether ``day`` is the birthday; who is born on 29 February has it on the 28th in common years."""
    if birthday is None:
        return False
    if (birthday.month, birthday.day) != (2, 29) or _is_leap(day.year):
        return (birthday.month, birthday.day) == (day.month, day.day)
    return (day.month, day.day) == (2, 28)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def times_on(plan: Plan, day: date, birthday: date | None) -> int:
    """By how much the day's points are multiplied: the highest of special date and birthday, not their product."""
    special = next((each.times for each in plan.special_dates if each.day == day), 1)
    return max(special, plan.birthday_times if is_birthday(birthday, day) else 1)


def day_reward(plan: Plan, place: int, times: int) -> Spec:
    """The reward of the ``place``-th day (1-based) of a cycle; only points grow and multiply.

    points = (list[place] + min(increment × (place − 1), cap)) × times; a cap of 0 means none.
    """
    spec = plan.daily[min(place, len(plan.daily)) - 1]
    if spec["kind"] != "points":
        return spec
    extra = plan.increment * (place - 1)
    if plan.increment_cap:
        extra = min(extra, plan.increment_cap)
    return {**spec, "points": (int(spec["points"]) + extra) * times}


def of_check_in(plan: Plan, *, streak: int, tally: int, day: date, birthday: date | None, is_first: bool) -> list[Due]:
    """The rewards of a check-in on ``day`` that made ``streak`` and ``tally``; nothing that is worth nothing.

    A streak reward falls on its own day only, so a rule added later pays nobody for the past.
    """
    place = day_of_cycle(streak, day, plan.cycle)
    due = [Due("day", place, day_reward(plan, place, times_on(plan, day, birthday)))]
    if is_first and plan.first_time:
        due.append(Due("first", 1, plan.first_time))
    due += [Due("streak", each.days, each.reward) for each in plan.streaks if each.days == place]
    due += [Due("tally", each.days, each.reward) for each in plan.tallies if each.days == tally]
    return [each for each in due if each.spec["kind"] != "points" or each.points > 0]


def limits_reached(plan: Plan, paid: dict[int, int]) -> set[int]:
    """The streak rewards (by days) of which a member already had as many as the rule allows."""
    return {each.days for each in plan.streaks if each.limit and paid.get(each.days, 0) >= each.limit}


def has_limit(plan: Plan, due: list[Due]) -> bool:
    """Whether a limit must be looked at before ``due`` is paid."""
    limited = {each.days for each in plan.streaks if each.limit}
    return any(each.reason == "streak" and each.days in limited for each in due)


def within_limits(due: list[Due], reached: set[int]) -> list[Due]:
    """``due`` without the streak rewards whose limit is reached."""
    return [each for each in due if each.reason != "streak" or each.days not in reached]


def most_for_cycle(plan: Plan, *, days: int) -> list[Due]:
    """What a member gets for ``days`` days in a row on plain days, from the first day of a cycle on."""
    due: list[Due] = []
    for place in range(1, days + 1):
        due.append(Due("day", place, day_reward(plan, place, 1)))
        due += [Due("streak", each.days, each.reward) for each in plan.streaks if each.days == place]
    return [each for each in due if each.spec["kind"] != "points" or each.points > 0]


def most_for_campaign(plan: Plan, first_day: str, days: int) -> list[Due]:
    """What a member gets who checks in on each of ``days`` days from ``first_day`` (ISO) on; birthdays left out."""
    start = date.fromisoformat(first_day)
    due: list[Due] = []
    paid: dict[int, int] = {}
    for n in range(1, days + 1):
        day = start + timedelta(days=n - 1)
        today = of_check_in(plan, streak=n, tally=n, day=day, birthday=None, is_first=n == 1)
        today = within_limits(today, limits_reached(plan, paid))
        for each in today:
            if each.reason == "streak":
                paid[each.days] = paid.get(each.days, 0) + 1
        due += today
    return due


def total_points(due: list[Due]) -> int:
    """The sum of the points rewards."""
    return sum(each.points for each in due)
