"""Rewards under many threads: one source grants once, a budget is never overspent, a grant is taken back once."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from core import errors as core_errors
from core import sql, stock
from core.commands import command, scope
from core.models import AuditEntry, StockShard
from members.rewards import errors, selectors, services
from members.rewards.models import Grant
from tests.factories.accounts import make_member
from tests.factories.rewards import pebble_spec, pebbles, source_of
from tests.races.harness import RACE, Outcomes, Race, patched, pause, without_constraint

pytestmark = RACE
_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _kind() -> Iterator[None]:
    with pebbles():
        yield


@dataclass(frozen=True)
class Round:
    """The member and the name that this round's keys and budget begin with."""

    member_id: int
    name: str


def _round() -> Round:
    return Round(make_member().pk, f"round-{next(_numbers)}")


@command
def grant(state: Round, key: str, budget: str = "") -> None:
    services.grant(member_id=state.member_id, spec=pebble_spec(1), source=source_of(key), budget=budget)


@command
def revoke(state: Round) -> None:
    services.revoke(member_id=state.member_id, source=source_of(state.name))


def _acts(action: str, name: str) -> int:
    return AuditEntry.objects.filter(action=action, subject__startswith=f"test.reason/{name}").count()


def insert_naively(member_id: int, kind: Any, spec: Any, source: Any, **rest: Any) -> int:
    """Look, then insert: what the unique key is there to prevent."""
    if Grant.objects.filter(source=source.source, key=source.key).exists():
        raise errors.AlreadyGranted
    pause()
    return Grant.objects.create(
        member_id=member_id, source=source.source, key=source.key, label="", kind=kind.name, spec=spec, amount=0,
        granted_at=source.at, business_on=source.on, **rest,
    ).pk  # fmt: skip


def test_32_threads_grant_one_source_once() -> None:
    def not_once(state: Round, outcomes: Outcomes) -> int:
        succeeded = sum(outcome.succeeded for outcome in outcomes)
        rows = Grant.objects.filter(key=state.name).count()
        return abs(succeeded - 1) + abs(rows - 1) + abs(_acts("test.given", state.name) - 1)

    @contextmanager
    def control() -> Iterator[None]:
        with without_constraint(Grant, "grant_once"), patched(services, "_insert", insert_naively):
            yield

    race = Race(
        "rewards: one source", 32, _round, lambda state, _number: grant(state, state.name), not_once,
        refusals=(errors.AlreadyGranted,),
    )  # fmt: skip

    race.prove(control).ensure()


def take_naively(*, kind: str, pool: str, n: int, **_rest: Any) -> int:
    """Read, decide, write: what the guarded statement is there to prevent."""
    row = sql.fetch_all(stock.READ, {"kind": kind, "id": pool, "day": None})[0]
    if row["remaining"] < n:
        raise core_errors.OutOfStock
    pause()
    StockShard.objects.filter(pool_kind=kind, pool_id=pool).update(remaining=row["remaining"] - n)
    return 0


@pytest.mark.parametrize(("covered", "limit_fen"), [(7, 700), (40, 4_050)])
def test_64_threads_never_overspend_a_budget(covered: int, limit_fen: int) -> None:
    def given() -> Round:
        state = _round()
        with scope():
            services.set_budget(budget=state.name, fen=limit_fen)
        return state

    def overspent(state: Round, outcomes: Outcomes) -> int:
        succeeded = sum(outcome.succeeded for outcome in outcomes)
        cost = sum(Grant.objects.filter(budget=state.name).values_list("cost_fen", flat=True))
        left = selectors.budget_left(state.name) or 0
        return abs(succeeded - covered) + abs(limit_fen - cost - left) + abs(_acts("test.given", state.name) - covered)

    race = Race(
        f"rewards: a budget for {covered}", 64, given,
        lambda state, number: grant(state, f"{state.name}:{number}", state.name), overspent,
        refusals=(errors.BudgetSpent,),
    )  # fmt: skip

    race.prove(lambda: patched(stock, "take", take_naively)).ensure()


def test_16_threads_take_a_grant_back_once() -> None:
    def given() -> Round:
        state = _round()
        grant(state, state.name)
        return state

    def not_once(state: Round, outcomes: Outcomes) -> int:
        return abs(sum(outcome.succeeded for outcome in outcomes) - 1) + abs(_acts("test.taken_back", state.name) - 1)

    race = Race(
        "rewards: taken back", 16, given, lambda state, _number: revoke(state), not_once, refusals=(errors.NotGranted,)
    )
    unguarded = services.REVOKE_GRANT.replace("AND state = 'granted'", "")
    assert unguarded != services.REVOKE_GRANT

    race.prove(lambda: patched(services, "REVOKE_GRANT", unguarded)).ensure()


def test_a_budget_raised_by_many_at_once_is_raised_once() -> None:
    def given() -> Round:
        state = _round()
        with scope():
            services.set_budget(budget=state.name, fen=100)
        return state

    @command
    def raise_budget(state: Round) -> None:
        services.set_budget(budget=state.name, fen=500)

    def more_than_raised(state: Round, _outcomes: Outcomes) -> int:
        return abs((selectors.budget_left(state.name) or 0) - 500)

    race = Race(
        "rewards: budget raised", 16, given, lambda state, _number: raise_budget(state), more_than_raised,
        refusals=(core_errors.Busy,),
    )  # fmt: skip
    unguarded = services.RAISE_BUDGET.replace("AND limit_fen = %(old)s", "AND %(old)s >= 0")

    race.prove(lambda: patched(services, "RAISE_BUDGET", unguarded)).ensure()
