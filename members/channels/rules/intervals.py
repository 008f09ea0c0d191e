"""How sure a conversion is, and whether two of them really differ.

Wilson's score interval for one share, Newcombe's hybrid score interval (his method 10) for the difference of two: both
stay within what is possible and hold for small numbers, where the school-book interval is wrong. Sources: Wilson, JASA
22 (1927); Newcombe, Statistics in Medicine 17 (1998) 857-872 and 873-890.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from statistics import NormalDist

CONFIDENCE = 0.95
LEAST_PEOPLE = 30  # a side with fewer says nothing, whatever the formula gives


@dataclass(frozen=True, slots=True)
class Interval:
    """A share or a difference of shares, from ``low`` to ``high``; 1.0 is 100 %."""

    value: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether no difference at all is left out."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Side:
    """One variant: how many people came, and how many of them did what counts."""

    name: str
    people: int
    converted: int

    @property
    def is_countable(self) -> bool:
        """Whether it can be a share: nobody converts without having come."""
        return 0 <= self.converted <= self.people


class Verdict(StrEnum):
    """What may be said of a variant against the first one."""

    BETTER = "better"
    WORSE = "worse"
    UNSURE = "unsure"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A variant against the first one: ``difference`` is its share minus the first one's."""

    side: Side
    difference: Interval
    verdict: Verdict
    people_needed: int  # of each side, to show the difference seen so far, if it is real; 0 when it is shown already


def z_of(*, comparisons: int = 1, confidence: float = CONFIDENCE) -> float:
    """The normal quantile for ``comparisons`` made at once (Bonferroni: each gets its part of the error)."""
    return NormalDist().inv_cdf(1 - (1 - confidence) / 2 / max(1, comparisons))


def wilson(converted: int, people: int, *, z: float) -> Interval:
    """Wilson's interval of ``converted`` of ``people``; of nobody anything is possible."""
    if people == 0:
        return Interval(0.0, 0.0, 1.0)
    share, square = converted / people, z * z
    centre = (share + square / (2 * people)) / (1 + square / people)
    half = z * sqrt(share * (1 - share) / people + square / (4 * people * people)) / (1 + square / people)
    low = 0.0 if converted == 0 else max(0.0, min(share, centre - half))
    high = 1.0 if converted == people else min(1.0, max(share, centre + half))
    return Interval(share, low, high)


def newcombe(first: Side, second: Side, *, z: float) -> Interval:
    """The interval of the share of ``second`` minus that of ``first``."""
    one = wilson(first.converted, first.people, z=z)
    two = wilson(second.converted, second.people, z=z)
    difference = two.value - one.value
    below = sqrt((two.value - two.low) ** 2 + (one.high - one.value) ** 2)
    above = sqrt((two.high - two.value) ** 2 + (one.value - one.low) ** 2)
    return Interval(difference, max(-1.0, difference - below), min(1.0, difference + above))


def compare(sides: Sequence[Side]) -> list[Comparison]:
    """Each further variant against the first one, with the error shared out among the comparisons."""
    if len(sides) < 2:
        return []
    z = z_of(comparisons=len(sides) - 1)
    return [_compare(sides[0], side, z) for side in sides[1:]]


def _compare(first: Side, side: Side, z: float) -> Comparison:
    difference = newcombe(first, side, z=z)
    verdict = _verdict(first, side, difference)
    needed = people_needed(first, side, z=z) if verdict in {Verdict.UNSURE, Verdict.TOO_FEW} else 0
    return Comparison(side, difference, verdict, needed)


def _verdict(first: Side, side: Side, difference: Interval) -> Verdict:
    if min(first.people, side.people) < LEAST_PEOPLE:
        return Verdict.TOO_FEW
    if not difference.excludes_zero:
        return Verdict.UNSURE
    return Verdict.BETTER if difference.low > 0 else Verdict.WORSE


def people_needed(first: Side, second: Side, *, z: float) -> int:
    """About how many people each side needs to show the difference seen so far in four of five cases; 0: unknown.

    ``n = (z + 0.84)² · (p₁q₁ + p₂q₂) / (p₁ − p₂)²``, the usual formula for two shares with a power of 80 %.
    """
    if not first.people or not second.people:
        return 0
    one, two = first.converted / first.people, second.converted / second.people
    if one == two:
        return 0
    power = NormalDist().inv_cdf(0.8)
    exact = (z + power) ** 2 * (one * (1 - one) + two * (1 - two)) / (one - two) ** 2
    return max(LEAST_PEOPLE, int(exact) + 1)
