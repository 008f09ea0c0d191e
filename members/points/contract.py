"""What other slices register with the points: how an entry reads to a member, and what multiplies an earning."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import Promise

from core.registry import Registry


@dataclass(frozen=True, kw_only=True)
class Earning:
    """An earning before multipliers: whose, how many points, from what, on which business day."""

    member_id: int
    points: int
    source_kind: str
    on: date


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What an act wrote: the entry's key and number, its delta, and the account afterwards.

    ``cut_from`` is what was asked for where a daily cap left less; when it left nothing, ``id`` is ``None``, ``delta``
    0 and no row was written.
    """

    id: int | None
    seq: int
    delta: int
    balance: int
    debt: int
    cut_from: int | None = None


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Points set aside: ``points`` were held, ``captured`` of them are used; open until captured or released."""

    id: int
    member_id: int
    entry_id: int
    points: int
    captured: int
    state: str
    due_at: datetime
    source_kind: str
    source_key: str


@dataclass(frozen=True, kw_only=True)
class Offset:
    """Points held for an order and what they take off its price (fen)."""

    hold: Hold
    discount_fen: int


@dataclass(frozen=True, kw_only=True)
class Pending:
    """Points on their way until ``due_on``. ``cut_from`` as in :class:`Entry`; then ``id`` may be ``None``."""

    id: int | None
    points: int
    due_on: date
    cut_from: int | None = None


@dataclass(frozen=True, kw_only=True)
class Adjustment:
    """What came of a correction by staff: an entry, or a request that waits for a second person (its key)."""

    entry: Entry | None
    approval_id: int | None


@dataclass(frozen=True, kw_only=True)
class Fragment:
    """The writes of an earning as CTEs ``points_account``, ``points_entry`` and ``points_lot`` (PostgreSQL only).

    They run only if the CTE named to :func:`services.earn_fragment` has a row. The outer SELECT may read
    ``points_entry.id``, ``seq``, ``balance_after`` and ``debt_after``.
    """

    ctes: str
    params: dict[str, object]


entry_titles: Registry[str | Promise] = Registry("points entry title")  # by source_kind, such as "checkins.day"
multipliers: Registry[Callable[[Earning], int]] = Registry("points multiplier")  # basis points; 10,000 is once
