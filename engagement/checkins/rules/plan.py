"""The plan of a check-in campaign: shape and bounds of the settings that publishing freezes."""

import re
from datetime import date
from typing import Annotated, Any, Literal

import msgspec

from core.errors import FieldError
from engagement.checkins import errors

Spec = dict[str, Any]  # a reward, such as {"kind": "points", "points": 10}; JSON's types only
Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]
Days = Annotated[int, msgspec.Meta(ge=1, le=366)]  # a campaign lasts at most 366 days
MAX_POINTS = 9_999  # of one reward (domain §2.1)
WEEK, LONGEST_MONTH = 7, 31


class Cycle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When the daily list begins anew: never, after ``days`` days, each Monday, or each first of a month."""

    mode: Literal["none", "rolling", "week", "month"] = "week"
    days: Annotated[int, msgspec.Meta(ge=2, le=365)] = 7

    @property
    def length(self) -> int | None:
        """The most days that a cycle can have; ``None`` without cycles."""
        return {"none": None, "rolling": self.days, "week": WEEK, "month": LONGEST_MONTH}[self.mode]


class StreakReward(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reward on exactly the ``days``-th day in a row of a cycle; ``limit`` times a member (0: without limit)."""

    days: Days
    reward: Spec
    limit: Annotated[int, msgspec.Meta(ge=0, le=366)] = 0


class TallyReward(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reward on the ``days``-th day that counts in the campaign, in a row or not."""

    days: Days
    reward: Spec


class SpecialDate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A day on which the day's points are multiplied."""

    day: date
    times: Annotated[int, msgspec.Meta(ge=2, le=10)] = 2


class MakeUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Filling a missed day: how far back, how often a period, for what, and which share of the day it pays."""

    enabled: bool = True
    window_days: Annotated[int, msgspec.Meta(ge=1, le=31)] = 7
    limit: Annotated[int, msgspec.Meta(ge=1, le=31)] = 3
    pay_with: Literal["points", "card"] = "points"
    points: Annotated[int, msgspec.Meta(ge=0, le=MAX_POINTS)] = 20
    share_percent: Percent = 0


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of it. Points of a day: the list's (its last repeats), plus ``increment`` a day up to ``increment_cap``."""

    cycle: Cycle = Cycle()
    daily: Annotated[list[Spec], msgspec.Meta(min_length=1, max_length=366)] = msgspec.field(
        default_factory=lambda: [{"kind": "points", "points": n} for n in (1, 1, 2, 2, 3, 3, 10)]
    )
    increment: Annotated[int, msgspec.Meta(ge=0, le=MAX_POINTS)] = 0
    increment_cap: Annotated[int, msgspec.Meta(ge=0, le=MAX_POINTS)] = 0
    first_time: Spec | None = None
    streaks: Annotated[list[StreakReward], msgspec.Meta(max_length=30)] = []
    tallies: Annotated[list[TallyReward], msgspec.Meta(max_length=30)] = []
    special_dates: Annotated[list[SpecialDate], msgspec.Meta(max_length=60)] = []
    birthday_times: Annotated[int, msgspec.Meta(ge=1, le=10)] = 1
    make_up: MakeUp = MakeUp()
    freezes_per_month: Annotated[int, msgspec.Meta(ge=0, le=31)] = 0
    remind_at: Annotated[str, msgspec.Meta(pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$")] = ""

    def specs(self) -> list[tuple[str, Spec]]:
        """Every reward with the path of its field."""
        found = [(f"/daily/{n}", spec) for n, spec in enumerate(self.daily)]
        found += [("/first_time", self.first_time)] if self.first_time else []
        found += [(f"/streaks/{n}/reward", each.reward) for n, each in enumerate(self.streaks)]
        return found + [(f"/tallies/{n}/reward", each.reward) for n, each in enumerate(self.tallies)]


def parse(settings: dict[str, Any]) -> Plan:
    """``settings`` as a plan; ``InvalidPlan`` names the field that is out of shape or out of bounds."""
    try:
        plan = msgspec.convert(settings, Plan, strict=True)
    except msgspec.ValidationError as error:
        raise errors.InvalidPlan([_fault(str(error))]) from None
    if faults := contradictions(plan):
        raise errors.InvalidPlan(faults)
    return plan


def dump(plan: Plan) -> dict[str, Any]:
    """``plan`` in JSON's types, every field named."""
    return dict(msgspec.to_builtins(plan))


def contradictions(plan: Plan) -> list[FieldError]:
    """What is in bounds but can't be meant: a day twice, a day beyond the cycle, too many points."""
    faults = [
        FieldError(path, "too_many_points", f"At most {MAX_POINTS} points.")
        for path, spec in plan.specs()
        if _too_many(spec)
    ]
    length = plan.cycle.length
    if length is not None:
        faults += [
            FieldError(f"/streaks/{n}/days", "beyond_cycle", f"A cycle has only {length} days.")
            for n, each in enumerate(plan.streaks)
            if each.days > length
        ]
    for name, days in (
        ("streaks", [each.days for each in plan.streaks]),
        ("tallies", [each.days for each in plan.tallies]),
        ("special_dates", [each.day for each in plan.special_dates]),
    ):
        if len(set(days)) < len(days):
            faults.append(FieldError(f"/{name}", "twice", "A day is listed twice."))
    return faults


def _too_many(spec: Spec) -> bool:
    points = spec.get("points")
    return spec.get("kind") == "points" and isinstance(points, int) and points > MAX_POINTS


def _fault(text: str) -> FieldError:
    """msgspec's sentence with the path as a JSON pointer."""
    message, _, path = text.partition(" - at `$")
    return FieldError(re.sub(r"\.|\[", "/", path.rstrip("`")).replace("]", ""), "invalid", message)
