"""Events are written with their effect and act once, in order within a member, until they are given up."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError

from core import errors, events, ids, outbox, sql
from core.commands import OutsideTransaction, command, scope
from core.models import Event, InboxEntry

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, kw_only=True)
class Happened(events.Event):
    """Something happened to a thing."""

    topic = "test.happened"
    thing: int
    at: datetime | None = None
    day: date | None = None
    ref: UUID | None = None
    tags: tuple[str, ...] = ()

    def key(self) -> str:
        return f"thing:{self.thing}"


class Listener:
    """A handler that keeps what it got and fails as often as it is told."""

    def __init__(self) -> None:
        self.got: list[events.Envelope] = []
        self.failures: dict[int, int] = {}

    @property
    def things(self) -> list[int]:
        return [event.payload["thing"] for event in self.got]

    def __call__(self, event: events.Envelope) -> None:
        thing = event.payload["thing"]
        if self.failures.get(thing, 0) > 0:
            self.failures[thing] -= 1
            raise ValueError("this text may hold anything")
        self.got.append(event)


@pytest.fixture
def listener() -> Iterator[Listener]:
    heard = Listener()

    @events.subscribe("test.happened/1", Happened)
    def listen(event: events.Envelope) -> None:
        heard(event)

    yield heard
    events.unsubscribe("test.happened/1", f"{__name__}.listen")


def publish(*things: int, member: int | None = None, **fields: Any) -> None:
    with scope():
        for thing in things:
            events.publish(Happened(thing=thing, member_id=member, **fields))


# ---- publishing ------------------------------------------------------------------------------------------------------


def test_an_event_is_a_row_with_plain_values(clock: Any) -> None:
    ref = ids.uuid7()
    publish(5, member=9, at=datetime(2026, 11, 22, 1, tzinfo=UTC), day=date(2026, 11, 22), ref=ref, tags=("a", "b"))

    row = Event.objects.get()
    assert row.payload == {
        "thing": 5, "at": "2026-11-22T09:00:00+08:00", "day": "2026-11-22", "ref": str(ref), "tags": ["a", "b"],
    }  # fmt: skip
    assert (row.topic, row.version, row.member_id, row.subject) == ("test.happened", 1, 9, "thing:5")
    assert (row.occurred_at, row.business_on) == (clock.now, date(2026, 11, 22))
    assert row.event_id == ids.event_uuid("test.happened", "thing:5")


def test_without_subscribers_an_event_is_born_delivered() -> None:
    publish(1)

    assert Event.objects.get().delivered_at is not None
    assert outbox.drain() == 0


def test_the_same_fact_can_be_written_only_once() -> None:
    publish(1)

    with pytest.raises(IntegrityError):
        publish(1)

    assert Event.objects.count() == 1


def test_publishing_needs_a_transaction_and_goes_with_it(listener: Listener) -> None:
    @command
    def act() -> None:
        events.publish(Happened(thing=1))
        raise errors.OutOfStock

    with pytest.raises(OutsideTransaction):
        events.publish(Happened(thing=1))
    with pytest.raises(errors.OutOfStock):
        act()

    assert not Event.objects.exists()


def test_a_payload_has_a_bound() -> None:
    with pytest.raises(ValueError, match="8192 bytes"):
        publish(1, tags=("积" * 3000,))


# ---- delivery --------------------------------------------------------------------------------------------------------


def test_draining_delivers_each_event_once(listener: Listener) -> None:
    publish(1, 2, 3)

    assert (outbox.drain(), outbox.drain()) == (3, 0)
    assert listener.things == [1, 2, 3]
    assert not Event.objects.filter(delivered_at=None).exists()
    assert InboxEntry.objects.count() == 3


def test_a_handler_gets_the_envelope(listener: Listener, clock: Any) -> None:
    campaign = ids.uuid7()
    publish(4, member=8, campaign_id=campaign, is_test=True)

    outbox.drain()

    event = listener.got[0]
    assert (event.topic, event.version, event.member_id, event.campaign_id) == ("test.happened", 1, 8, campaign)
    assert (event.occurred_at, event.business_on, event.is_test) == (clock.now, date(2026, 11, 22), True)


def test_an_event_delivered_twice_acts_once(listener: Listener) -> None:
    publish(1)
    outbox.drain()
    Event.objects.update(
        delivered_at=None, available_at=datetime(2026, 1, 1, tzinfo=UTC)
    )  # the worker died before this

    assert outbox.drain() == 1
    assert listener.things == [1]


def test_a_handler_that_fails_takes_its_effect_and_its_mark_back(listener: Listener) -> None:
    publish(1)
    listener.failures = {1: 1}

    assert outbox.drain() == 0

    row = Event.objects.get()
    assert (row.attempts, row.delivered_at, row.dead) == (1, None, False)
    assert not InboxEntry.objects.exists()


@pytest.mark.parametrize(("attempt", "least", "most"), [(1, 1.6, 2.4), (4, 12.8, 19.2), (9, 240, 360), (15, 240, 360)])
def test_the_next_try_waits_longer_each_time(
    listener: Listener, clock: Any, attempt: int, least: float, most: float
) -> None:
    publish(1)
    Event.objects.update(attempts=attempt - 1)
    listener.failures = {1: 1}

    outbox.drain()

    wait = (Event.objects.get().available_at - clock.now).total_seconds()
    assert least <= wait <= most


def test_after_the_wait_it_succeeds(listener: Listener, clock: Any) -> None:
    publish(1)
    listener.failures = {1: 1}
    outbox.drain()

    clock.advance(seconds=1)
    assert outbox.drain() == 0  # too early
    clock.advance(seconds=2)
    assert outbox.drain() == 1
    assert listener.things == [1]


def test_after_20_tries_it_is_given_up(listener: Listener, clock: Any) -> None:
    publish(1)
    listener.failures = {1: 99}

    for _ in range(25):
        outbox.drain()
        clock.advance(minutes=7)

    row = Event.objects.get()
    assert (row.attempts, row.dead, row.delivered_at) == (20, True, None)
    assert listener.failures == {1: 79}


def test_an_event_that_kills_its_workers_is_given_up_too(listener: Listener) -> None:
    publish(1)
    Event.objects.update(attempts=outbox.MAX_ATTEMPTS)  # claimed 20 times, and nobody lived to say what came of it

    outbox.drain()

    assert Event.objects.get().dead is True
    assert listener.things == []


def test_within_a_member_the_order_holds_even_when_the_first_fails(listener: Listener, clock: Any) -> None:
    publish(1, 2, member=7)
    publish(3, member=8)
    listener.failures = {1: 1}

    outbox.drain()
    assert listener.things == [3]  # 2 waits for 1; another member doesn't
    clock.advance(seconds=3)
    outbox.drain()

    assert listener.things == [3, 1, 2]


def test_an_event_given_up_no_longer_holds_up_its_member(listener: Listener) -> None:
    publish(1, 2, member=7)
    Event.objects.filter(subject="thing:1").update(dead=True)

    outbox.drain()

    assert listener.things == [2]


def test_a_claim_of_a_dead_worker_runs_out(listener: Listener, clock: Any) -> None:
    publish(1)
    outbox._claim(10)  # and the worker dies

    assert outbox.drain() == 0
    clock.advance(seconds=outbox.LEASE.total_seconds() + 1)
    assert outbox.drain() == 1


def test_draining_stops_at_its_limit(listener: Listener) -> None:
    publish(*range(5))

    assert outbox.drain(limit=3) == 3
    assert Event.objects.filter(delivered_at=None).count() == 2


@pytest.mark.postgres
def test_a_claim_is_never_larger_than_its_batch_whatever_the_plan(listener: Listener) -> None:
    publish(*range(5))
    for kind in ("hashjoin", "mergejoin", "hashagg", "sort"):
        sql.execute(f"SET LOCAL enable_{kind} = off")

    assert len(outbox._claim(3)) == 3


def test_every_handler_of_a_topic_acts_once_whatever_the_others_do(listener: Listener, clock: Any) -> None:
    seen: list[int] = []

    @events.subscribe("test.happened/1")
    def second(event: events.Envelope) -> None:
        seen.append(event.payload["thing"])
        if len(seen) == 1:
            raise RuntimeError

    publish(1)
    outbox.drain()
    clock.advance(seconds=3)
    outbox.drain()
    events.unsubscribe("test.happened/1", f"{__name__}.second")

    assert (listener.things, seen) == ([1], [1, 1])
    assert timedelta(seconds=30) == outbox.LEASE


def test_a_handler_may_call_one_command_after_the_other() -> None:
    written: list[bool] = []

    @command
    def act() -> None:
        written.append(True)

    @events.subscribe("test.happened/1")
    def acting(event: events.Envelope) -> None:
        act()
        act()

    publish(1)
    delivered = outbox.drain()
    events.unsubscribe("test.happened/1", f"{__name__}.acting")

    assert (delivered, written) == (1, [True, True])
