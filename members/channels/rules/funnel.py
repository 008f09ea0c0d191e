"""The funnel's arithmetic: sums that add up, rates, what a new member cost, and costs spread over days.

Formulas: scan rate = unique ÷ printed pieces; signed in ÷ unique; joined ÷ signed in; first action ÷ joined; CAC =
(cost + gifts) ÷ joined. Money is in fen, rates in basis points (1 % = 100).
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from itertools import accumulate

STEPS = ("unique", "signed_in", "joined", "first_actions", "first_orders")  # after the scans: of people
LONGEST_DAYS = 400  # of a period on the page, as long as details are kept


@dataclass(frozen=True, slots=True)
class Sums:
    """How many came how far, and what that cost; adding two adds every figure."""

    scans: int = 0
    unique: int = 0
    signed_in: int = 0
    joined: int = 0
    first_actions: int = 0
    first_orders: int = 0
    cost_fen: int = 0
    gift_fen: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(Sums)})

    @property
    def spent_fen(self) -> int:
        """Media, print and gifts together."""
        return self.cost_fen + self.gift_fen

    @property
    def cac_fen(self) -> int | None:
        """What a new member cost, rounded to the nearest fen; ``None`` while nobody joined."""
        return (2 * self.spent_fen + self.joined) // (2 * self.joined) if self.joined else None


@dataclass(frozen=True, slots=True)
class Cost:
    """What a channel cost: ``amount_fen`` each day, or once for ``quantity`` pieces on the first day."""

    kind: str
    amount_fen: int
    quantity: int
    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True)
class Drop:
    """A step of the funnel: how many reached it, of those of the step before, and of all people at the top."""

    step: str
    count: int
    of_previous_bps: int | None
    of_first_bps: int | None


def total(rows: Iterable[Sums]) -> Sums:
    """The sum of ``rows``."""
    return sum(rows, start=Sums())


def bps(part: int, whole: int) -> int | None:
    """``part`` of ``whole`` in basis points, rounded to the nearest; ``None`` of nothing."""
    return (20_000 * part + whole) // (2 * whole) if whole else None


def drops(sums: Sums, *, with_orders: bool) -> list[Drop]:
    """The steps from unique persons on; first orders only when there is a shop that reports them."""
    steps = STEPS if with_orders else STEPS[:-1]
    counts = [getattr(sums, step) for step in steps]
    previous = [0, *counts]
    return [
        Drop(step, count, bps(count, previous[place]), bps(count, counts[0]))
        for place, (step, count) in enumerate(zip(steps, counts, strict=True))
    ]


def cost_between(cost: Cost, first: date, last: date) -> int:
    """How much of ``cost`` falls on the days from ``first`` to ``last``, both included."""
    if cost.kind == "piece":
        return cost.amount_fen * cost.quantity if first <= cost.first_on <= last else 0
    days = (min(last, cost.last_on) - max(first, cost.first_on)).days + 1
    return cost.amount_fen * max(0, days)


def cost_by_day(costs: Iterable[Cost], first: date, last: date) -> dict[date, int]:
    """What each day of the period cost, days without costs left out; the values add up to ``cost_between`` of all.

    Each cost is noted where it begins and where it is over; the days then add up what has begun and is not over.
    """
    days = (last - first).days + 1
    changes = [0] * (days + 1)
    for cost in costs:
        begin, end, fen = _span(cost, first, days)
        if begin < end:
            changes[begin] += fen
            changes[end] -= fen
    return {first + timedelta(days=place): fen for place, fen in enumerate(accumulate(changes[:-1])) if fen}


def _span(cost: Cost, first: date, days: int) -> tuple[int, int, int]:
    """From which day of the period to before which it costs how much a day; nothing if the first is not earlier."""
    begin = (cost.first_on - first).days
    if cost.kind == "piece":
        return (begin, begin + 1, cost.amount_fen * cost.quantity) if 0 <= begin < days else (0, 0, 0)
    return max(0, begin), min(days, (cost.last_on - first).days + 1), cost.amount_fen
