"""The value core under many threads: idempotency keys, shared stock, delivery of events."""

import itertools
import json
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from core import audit, errors, events, idempotency, outbox, sql, stock
from core.commands import command, scope
from core.idempotency import Answer, Once
from core.models import AuditEntry, Event, IdempotencyRecord, InboxEntry, StockShard
from tests.races.harness import RACE, Outcomes, Race, patched, pause, without_constraint

pytestmark = RACE
_numbers = itertools.count(1)

# ---- idempotency -----------------------------------------------------------------------------------------------------


def _answered(key: str, number: int) -> Answer:
    def act() -> Answer:
        audit.record(actor=None, action="test.effect", subject=key, detail={"by": number})
        return Answer(201, {"by": number, "key": key})

    def refused(refusal: errors.DomainError) -> Answer:
        return Answer(refusal.status, {"code": refusal.code})

    return Once("member", 7, key, "h").run(act, refused)


def _refused(key: str, number: int) -> Answer:
    def act() -> Answer:
        audit.record(actor=None, action="test.effect", subject=key)
        raise errors.OutOfStock

    return Once("member", 7, key, "h").run(act, lambda refusal: Answer(refusal.status, {"by": number}))


def _not_one_answer(outcomes: Outcomes) -> int:
    bodies = {json.dumps(outcome.value.body) for outcome in outcomes if outcome.succeeded}
    fresh = sum(outcome.succeeded and not outcome.value.replayed for outcome in outcomes)
    return abs(len(bodies) - 1) + abs(fresh - 1)


def _claim_naively(self: Once) -> Answer | None:
    row = sql.fetch_one(idempotency.READ, self._params(Answer(0, None)))
    pause()
    if row:
        return self._stored()
    sql.execute(idempotency.CLAIM, self._params(Answer(0, None)))
    return None


@contextmanager
def _without_the_key() -> Iterator[None]:
    with (
        without_constraint(IdempotencyRecord, "core_idempotencyrecord_pkey"),
        patched(Once, "_claim", _claim_naively),
    ):
        yield


def test_one_key_from_16_threads_has_one_effect_and_one_answer() -> None:
    def broken(key: str, outcomes: Outcomes) -> int:
        return abs(AuditEntry.objects.filter(subject=key).count() - 1) + _not_one_answer(outcomes)

    race = Race("core.idempotency: one key", 16, lambda: f"k{next(_numbers)}", _answered, broken)

    race.prove(_without_the_key).ensure()


def test_one_refused_key_from_16_threads_has_one_answer_and_no_effect() -> None:
    def broken(key: str, outcomes: Outcomes) -> int:
        return AuditEntry.objects.filter(subject=key).count() + _not_one_answer(outcomes)

    @contextmanager
    def storing_naively() -> Iterator[None]:
        def store(self: Once, answer: Answer) -> Answer:
            with scope():
                sql.execute(idempotency.CLAIM, self._params(answer))
            return answer

        with _without_the_key(), patched(Once, "_store_refusal", store):
            yield

    race = Race("core.idempotency: one refused key", 16, lambda: f"r{next(_numbers)}", _refused, broken)

    race.prove(storing_naively).ensure()


# ---- stock -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pool:
    """A pool of ``k`` pieces, new in each round."""

    k: int
    pool: str


@command
def _take(pool: str) -> int:
    return stock.take(kind="test", pool=pool)


def _take_naively(*, kind: str, pool: str, **_rest: Any) -> int:
    rows = sql.fetch_all(stock.READ, {"kind": kind, "id": pool, "day": None})
    pause()
    for row in rows:
        if row["remaining"] >= 1:
            shards = StockShard.objects.filter(pool_id=pool, shard=row["shard"])
            shards.update(remaining=row["remaining"] - 1)
            return int(row["shard"])
    raise errors.OutOfStock


def _pool(k: int, shards: int) -> Pool:
    pool = uuid.uuid4().hex
    with scope():
        stock.top_up(kind="test", pool=pool, n=k, shards=shards)
    return Pool(k, pool)


def _not_exactly_k(state: Pool, outcomes: Outcomes) -> int:
    given = sum(outcome.succeeded for outcome in outcomes)
    negative = StockShard.objects.filter(pool_id=state.pool, remaining__lt=0).count()
    return abs(given - state.k) + abs(stock.remaining(kind="test", pool=state.pool)) + negative


@contextmanager
def _taking_naively() -> Iterator[None]:
    with patched(stock, "take", _take_naively):
        yield


@contextmanager
def _taking_unguarded() -> Iterator[None]:
    bare = stock.TAKE.replace("AND remaining >= %(n)s", "")
    assert bare != stock.TAKE
    with (
        without_constraint(StockShard, "stock_remaining_not_negative"),
        patched(stock, "TAKE", bare),
    ):
        yield


@pytest.mark.parametrize(("k", "shards"), [(0, 1), (1, 1), (7, 1), (7, 4), (64, 8)])
def test_64_takers_get_exactly_what_is_there(k: int, shards: int) -> None:
    race = Race(
        f"core.stock: {k} pieces in {shards} shards", 64, lambda: _pool(k, shards),
        lambda state, _number: _take(state.pool), _not_exactly_k, refusals=(errors.OutOfStock,),
    )  # fmt: skip

    race.prove(_taking_naively if k else _taking_unguarded).ensure()


def test_what_is_put_back_is_there_again() -> None:
    @command
    def give_back(state: Pool) -> None:
        stock.put_back(kind="test", pool=state.pool)

    def put_back_naively(*, kind: str, pool: str, **_rest: Any) -> None:
        row = sql.fetch_all(stock.READ, {"kind": kind, "id": pool, "day": None})[0]
        pause()
        StockShard.objects.filter(pool_id=pool).update(remaining=row["remaining"] + 1)

    def lost(state: Pool, _outcomes: Outcomes) -> int:
        return abs(stock.remaining(kind="test", pool=state.pool) - 32)

    race = Race("core.stock: put back", 32, lambda: _pool(0, 1), lambda state, _number: give_back(state), lost)

    race.prove(lambda: patched(stock, "put_back", put_back_naively)).ensure()


def test_a_pool_made_by_many_is_one_pool() -> None:
    @command
    def top_up(pool: str) -> None:
        stock.top_up(kind="test", pool=pool, n=5, shards=2)

    def lost(pool: str, _outcomes: Outcomes) -> int:
        rows = StockShard.objects.filter(pool_id=pool)
        return abs(sum(row.remaining for row in rows) - 80) + abs(len(rows) - 2)

    @contextmanager
    def twice() -> Iterator[None]:
        with without_constraint(StockShard, "stock_shard_once"):
            yield

    race = Race("core.stock: made at once", 16, lambda: uuid.uuid4().hex, lambda pool, _n: top_up(pool), lost)

    race.prove(twice).ensure()


# ---- outbox ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Raced(events.Event):
    """The ``step``-th thing that happened to a member."""

    topic = "test.raced"
    run: str
    step: int

    def key(self) -> str:
        return f"{self.run}:{self.member_id}:{self.step}"


@pytest.fixture
def acts() -> Iterator[None]:
    """A handler that leaves a line an act."""

    @events.subscribe("test.raced/1")
    def note(event: events.Envelope) -> None:
        detail = {"member": event.member_id, "step": event.payload["step"]}
        audit.record(actor=None, action="test.acted", subject=event.payload["run"], detail=detail)

    yield
    events.unsubscribe("test.raced/1", f"{__name__}.note")


def _five_members_six_steps() -> str:
    run = uuid.uuid4().hex
    with scope():
        for step in range(6):
            for member in range(5):
                events.publish(Raced(member_id=member + 1, run=run, step=step))
    return run


def _not_once_or_out_of_order(run: str, _outcomes: Outcomes) -> int:
    lines = [entry.detail for entry in AuditEntry.objects.filter(subject=run).order_by("id")]
    acted = Counter((line["member"], line["step"]) for line in lines)
    wrong = sum(count - 1 for count in acted.values()) + 30 - len(acted)
    for member in range(1, 6):
        steps = [line["step"] for line in lines if line["member"] == member]
        wrong += sum(later < earlier for earlier, later in itertools.pairwise(steps))
    return wrong + Event.objects.filter(subject__startswith=run, delivered_at=None).count()


def _drain(_run: str, _number: int) -> int:
    return outbox.drain()


def test_four_drainers_act_once_even_when_leases_are_too_short(acts: None) -> None:
    race = Race("core.outbox: acts once", 4, _five_members_six_steps, _drain, _not_once_or_out_of_order)

    def mark_naively(event: events.Envelope, subscription: events.Subscription) -> None:
        with scope():
            if not InboxEntry.objects.filter(event_id=event.event_id, handler=subscription.name).exists():
                pause()
                sql.execute(outbox.MARK_ACTED, {"event_id": event.event_id, "handler": subscription.name,
                                                "now": event.occurred_at})  # fmt: skip
                subscription.handler(event)

    @contextmanager
    def without_inbox() -> Iterator[None]:
        with ExitStack() as stack:
            stack.enter_context(without_constraint(InboxEntry, "core_inboxentry_pkey"))
            stack.enter_context(patched(outbox, "_act", mark_naively))
            yield

    # A claim protects nobody, and an event is claimed again and again while it is handled: only the inbox protects.
    with patched(outbox, "LEASE", timedelta(0)), patched(outbox, "MAX_ATTEMPTS", 30_000):
        race.prove(without_inbox).ensure()


def test_four_drainers_keep_the_order_within_a_member(acts: None) -> None:
    race = Race("core.outbox: order within a member", 4, _five_members_six_steps, _drain, _not_once_or_out_of_order)
    start = outbox.CLAIM.index("AND NOT EXISTS")
    unordered = outbox.CLAIM[:start] + outbox.CLAIM[outbox.CLAIM.index("ORDER BY") :]

    with patched(outbox, "BATCH", 3):
        race.prove(lambda: patched(outbox, "CLAIM", unordered)).ensure()
