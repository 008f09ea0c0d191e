"""Decisions about points: when they expire, what a cap leaves, what an order may use, how an account moves."""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import prod

from members.points import errors

NEVER = date(9999, 12, 31)  # a real date, since NULL is distinct in a unique key
MOST_POINTS = 1_000_000_000  # in one act; bigint overflows silently on SQLite
MOST_BALANCE = 10**15
NOTICE_DAYS = (30, 7, 1)
WHOLE_BPS = 10_000
MOST_BPS = 5 * WHOLE_BPS  # stacked multipliers end here
EVERY_SOURCE = "*"


class ExpiryMode(StrEnum):
    """When earned points expire."""

    NEVER = "never"
    ROLLING_MONTHS = "rolling_months"
    FIXED_DATE = "fixed_date"


class CapMode(StrEnum):
    """What happens above a cap: give the rest that fits, or nothing."""

    CUT = "cut"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Cap:
    """At most ``per_day`` points a member and business day from ``sources`` together; ``*`` is all others."""

    name: str
    sources: tuple[str, ...]
    per_day: int
    mode: CapMode


@dataclass(frozen=True)
class Policy:
    """The rules in force; ``version`` 0 are the defaults. Points are whole numbers, money is in fen."""

    version: int = 0
    expiry_mode: ExpiryMode = ExpiryMode.ROLLING_MONTHS
    months: int = 12
    fixed_month: int = 12
    fixed_day: int = 31
    fixed_least_days: int = 30
    return_days: int = 7
    caps: tuple[Cap, ...] = ()
    stack_multipliers: bool = False
    cost_fen_per_100: int = 100
    offset_points_per_yuan: int = 100
    offset_most_bps: int = 5_000
    offset_least_order_fen: int = 0
    offset_least_points: int = 0
    offset_step: int = 100
    adjust_alone: int = 5_000
    adjust_alone_staff: int = 50_000


@dataclass(frozen=True)
class Quote:
    """What an order may use: up to ``points`` in steps of ``step``, worth ``discount_fen``; ``asked`` fits or not."""

    points: int
    discount_fen: int
    step: int
    points_per_yuan: int


def ensure_amount(points: int) -> int:
    """``points`` if it is a possible number for one act: 1 to 1,000,000,000."""
    if not 1 <= points <= MOST_POINTS:
        raise errors.InvalidAmount
    return points


def month_end_after(day: date, months: int) -> date:
    """The last day of the month that is ``months`` after the month of ``day`` (31 January + 1: 28 or 29 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, calendar.monthrange(year, month + 1)[1])


def expires_on(policy: Policy, on: date) -> date:
    """The last day on which points earned on ``on`` can be used."""
    if policy.expiry_mode == ExpiryMode.NEVER:
        return NEVER
    if policy.expiry_mode == ExpiryMode.ROLLING_MONTHS:
        return month_end_after(on, policy.months)
    earliest = on + timedelta(days=policy.fixed_least_days)
    this_year = fixed_day_of(policy, earliest.year)
    return this_year if this_year >= earliest else fixed_day_of(policy, earliest.year + 1)


def fixed_day_of(policy: Policy, year: int) -> date:
    """The yearly expiry day in ``year``; a day that the month lacks is its last."""
    last = calendar.monthrange(year, policy.fixed_month)[1]
    return date(year, policy.fixed_month, min(policy.fixed_day, last))


def returned_until(policy: Policy, expires: date, *, on: date) -> date:
    """Where points that come back on ``on`` live on: in their own lot, or some days more when that has passed."""
    return expires if expires >= on else on + timedelta(days=policy.return_days)


def cap_for(policy: Policy, source_kind: str) -> Cap | None:
    """The cap that counts an earning from ``source_kind``: the one that names it, else the one for all others."""
    named = next((cap for cap in policy.caps if source_kind in cap.sources), None)
    return named or next((cap for cap in policy.caps if EVERY_SOURCE in cap.sources), None)


def cost_fen(policy: Policy, points: int) -> int:
    """What ``points`` cost the brand at most, rounded up to a fen."""
    return -(-points * policy.cost_fen_per_100 // 100)


def multiplied(points: int, factors_bps: Sequence[int], *, stack: bool) -> int:
    """``points`` times the largest factor, or times all of them; at least once, at most five times; floored.

    A factor is in basis points: 10,000 is once.
    """
    if not factors_bps:
        return points
    whole = prod(factors_bps) // WHOLE_BPS ** (len(factors_bps) - 1) if stack else max(factors_bps)
    return points * min(max(whole, WHOLE_BPS), MOST_BPS) // WHOLE_BPS


def moved(balance: int, debt: int, delta: int) -> tuple[int, int]:
    """Balance and debt after ``delta``: earnings repay debt first, and what a claw-back lacks becomes debt."""
    total = balance - debt + delta
    return max(total, 0), max(-total, 0)


def notice_for(days_left: int) -> int | None:
    """Which notice is due when points can be used ``days_left`` more days: the closest of 30, 7 and 1."""
    return min((days for days in NOTICE_DAYS if days_left <= days), default=None)


def offset_quote(policy: Policy, *, goods_fen: int, spendable: int) -> Quote:
    """How many points an order of ``goods_fen`` (goods after discounts, without freight) may use."""
    step, rate = max(policy.offset_step, 1), policy.offset_points_per_yuan
    coverable_fen = goods_fen * policy.offset_most_bps // WHOLE_BPS
    most = min(spendable, coverable_fen * rate // 100) // step * step
    if goods_fen < policy.offset_least_order_fen or most < policy.offset_least_points or most < 1:
        most = 0
    return Quote(most, most * 100 // rate, step, rate)


def ensure_offset(quote: Quote, *, points: int, least: int) -> int:
    """The discount in fen for ``points`` if the quote allows them."""
    if not 0 < points <= quote.points or points % quote.step or points < least:
        raise errors.OffsetNotPossible(most=quote.points, step=quote.step)
    return points * 100 // quote.points_per_yuan


def policy_faults(policy: Policy) -> Iterable[str]:
    """What in ``policy`` can't work; each a short name."""
    sources = [source for cap in policy.caps for source in cap.sources]
    names = [cap.name for cap in policy.caps]
    bounds = {
        "months": 1 <= policy.months <= 120,
        "fixed_day": 1 <= policy.fixed_month <= 12 and 1 <= policy.fixed_day <= 31,
        "fixed_least_days": 0 <= policy.fixed_least_days <= 366,
        "return_days": 0 <= policy.return_days <= 366,
        "cost": 0 <= policy.cost_fen_per_100 <= 1_000_000,
        "offset": 1 <= policy.offset_points_per_yuan <= 1_000_000 and 0 <= policy.offset_most_bps <= WHOLE_BPS,
        "offset_step": policy.offset_step >= 1 and policy.offset_least_points >= 0,
        "adjust": 0 <= policy.adjust_alone <= MOST_POINTS and 0 <= policy.adjust_alone_staff <= MOST_POINTS,
        "cap_once": len(sources) == len(set(sources)) and len(names) == len(set(names)),
        "cap_amount": all(0 <= cap.per_day <= MOST_POINTS and cap.sources for cap in policy.caps),
    }
    return [name for name, fine in bounds.items() if not fine]


def parse_caps(text: str) -> tuple[Cap, ...]:
    """Caps, a line each: ``name: source, source = 100 cut`` (or ``refuse``); ``*`` is every other source.

    ``InvalidPolicy`` naming the line that can't be read.
    """
    return tuple(_parse_cap(line.strip()) for line in text.splitlines() if line.strip())


def _parse_cap(line: str) -> Cap:
    head, _, tail = line.partition("=")
    name, _, sources = head.partition(":")
    amount, _, mode = tail.strip().partition(" ")
    named = tuple(source.strip() for source in sources.split(",") if source.strip())
    if not name.strip() or not named or not amount.isdecimal() or mode.strip() not in set(CapMode):
        raise errors.InvalidPolicy(why=line)
    return Cap(name.strip()[:40], named, int(amount), CapMode(mode.strip()))


def format_caps(caps: Sequence[Cap]) -> str:
    """``caps`` as :func:`parse_caps` reads them."""
    return "\n".join(f"{cap.name}: {', '.join(cap.sources)} = {cap.per_day} {cap.mode.value}" for cap in caps)
