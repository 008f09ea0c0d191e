"""The protocol of a reward kind, the reader of a ledger that is its own grant, and where slices register theirs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from django.utils.functional import Promise

from core.registry import Registry

Spec = dict[str, Any]  # such as {"kind": "points", "points": 10}; JSON's types only


@dataclass(frozen=True, kw_only=True)
class Source:
    """Why value leaves: ``source`` and ``key`` together are unique for ever, so a grant can't happen twice.

    ``source`` is ``<slice>.<reason>`` (``checkins.day``), ``key`` its natural key, ``label`` where totals are counted
    (``campaign:<uuid>``, ``staff:<id>``, ``welcome:<id>``), ``on`` the business day.
    """

    source: str
    key: str
    label: str
    on: date
    at: datetime
    campaign_id: UUID | None = None
    campaign_version_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Granted:
    """What a member got: the kind, a number for the page (points, pieces) and the kind's own detail."""

    kind: str
    amount: int
    detail: Spec


@dataclass(frozen=True, kw_only=True)
class GrantLine:
    """A reward that a member got; ``cost_fen`` is ``None`` where a ledger does not keep it."""

    kind: str
    source: str
    key: str
    label: str
    amount: int
    cost_fen: int | None
    state: str  # "granted" or "revoked"
    at: datetime
    on: date


class RewardKind(Protocol):
    """A kind of reward; the slice that owns the value implements it and registers it in ``SliceConfig.register()``."""

    name: str
    label: str | Promise
    writes_grant: bool  # False for points, whose ledger entry carries the same (source, key)

    def parse(self, spec: Spec) -> Spec:
        """``spec`` in normal form, or ``rewards.errors.InvalidReward``."""
        ...

    def describe(self, spec: Spec, lang: str) -> str:
        """For the rules page and the consumer, in ``zh-hans`` or ``en``."""
        ...

    def cost_fen(self, spec: Spec) -> int:
        """What it costs the brand at most, in fen."""
        ...

    def market_value_fen(self, spec: Spec) -> int:
        """Its market price in fen, for the legal bounds on prizes."""
        ...

    def grant(self, member_id: int, spec: Spec, source: Source) -> Granted:
        """A part: give it; the caller guarantees that (source, key) is new for kinds with ``writes_grant``."""
        ...

    def revoke(self, member_id: int, spec: Spec, source: Source) -> None:
        """A part: take back what ``source`` gave, as far as it can be."""
        ...


kinds: Registry[RewardKind] = Registry("reward kind")

# A kind without grant rows says what it gave: ``read(member_id, limit)`` gives the newest lines first.
ledgers: Registry[Callable[[int, int], list[GrantLine]]] = Registry("reward ledger")
