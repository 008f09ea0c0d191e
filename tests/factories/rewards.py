"""A reward kind for tests: pebbles, which leave an audit entry each time that they are given or taken back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from django.utils.functional import Promise

from core import audit
from members.rewards import contract, errors
from members.rewards.contract import Granted, Source, Spec


class Pebbles:
    """``{"kind": "test.pebbles", "n": 3}``; a pebble costs 100 fen."""

    name = "test.pebbles"
    label: str | Promise = "pebbles"

    def __init__(self, *, writes_grant: bool = True) -> None:
        self.writes_grant = writes_grant

    def parse(self, spec: Spec) -> Spec:
        n = spec.get("n")
        if type(n) is not int or not 0 < n < 1000:
            raise errors.InvalidReward(reason="n")
        return {"kind": self.name, "n": n}

    def describe(self, spec: Spec, lang: str) -> str:
        return f"{spec['n']} 颗石子" if lang == "zh-hans" else f"{spec['n']} pebbles"

    def cost_fen(self, spec: Spec) -> int:
        return int(spec["n"]) * 100

    def market_value_fen(self, spec: Spec) -> int:
        return int(spec["n"]) * 150

    def grant(self, member_id: int, spec: Spec, source: Source) -> Granted:
        audit.record(actor=None, action="test.given", subject=f"{source.source}/{source.key}", detail=spec)
        return Granted(kind=self.name, amount=spec["n"], detail=spec)

    def revoke(self, member_id: int, spec: Spec, source: Source) -> None:
        audit.record(actor=None, action="test.taken_back", subject=f"{source.source}/{source.key}", detail=spec)


@contextmanager
def pebbles(*, writes_grant: bool = True) -> Iterator[Pebbles]:
    """The kind, registered meanwhile."""
    kind = Pebbles(writes_grant=writes_grant)
    contract.kinds.register(kind.name, kind)
    yield kind
    contract.kinds.unregister(kind.name)


def pebble_spec(n: Any = 3) -> Spec:
    """A reward of ``n`` pebbles."""
    return {"kind": "test.pebbles", "n": n}


def source_of(key: str = "k", **changed: Any) -> Source:
    """A source ``test.reason`` of 22 November 2026."""
    fields: dict[str, Any] = {
        "source": "test.reason", "key": key, "label": "campaign:1", "on": date(2026, 11, 22),
        "at": datetime(2026, 11, 22, 1, tzinfo=UTC),
    }  # fmt: skip
    return Source(**fields | changed)
