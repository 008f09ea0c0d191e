"""Events: what slices publish and to what they subscribe.

A publisher declares a frozen dataclass below :class:`Event`; a subscriber declares a dataclass of its own with the
fields that it needs and names the topic as a string, so that nobody imports a neighbour. A test checks each
subscription against the publisher's fields.
"""

import dataclasses
import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from core import clock, ids, sql
from core.commands import part

MAX_PAYLOAD_BYTES = 8 * 1024
_ENVELOPE_FIELDS = frozenset({"member_id", "campaign_id", "is_test"})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all published events.

    ``topic`` is ``<slice>.<past_tense>``; ``key()`` is the natural key: the same fact always gets the same event id, so
    that it can be written only once. Fields hold ids, numbers and dates; personal data never.
    """

    topic: ClassVar[str] = ""
    version: ClassVar[int] = 1
    member_id: int | None = None
    campaign_id: UUID | None = None
    is_test: bool = False

    def key(self) -> str:
        """The natural key within the topic."""
        raise NotImplementedError

    def payload(self) -> dict[str, Any]:
        """The fields but for those that are columns of the event table, in JSON's types."""
        return {
            field.name: _plain(getattr(self, field.name))
            for field in dataclasses.fields(self)
            if field.name not in _ENVELOPE_FIELDS
        }


@dataclasses.dataclass(frozen=True, kw_only=True)
class Envelope:
    """An event as a handler receives it; ``payload`` is plain JSON, to be parsed by the handler's own dataclass."""

    id: int
    event_id: UUID
    topic: str
    version: int
    member_id: int | None
    campaign_id: UUID | None
    payload: dict[str, Any]
    occurred_at: datetime
    business_on: date
    is_test: bool


Handler = Callable[[Envelope], None]


@dataclasses.dataclass(frozen=True)
class Subscription:
    """One handler of one topic and version; ``fields`` are what its payload dataclass reads."""

    topic: str
    name: str
    handler: Handler
    fields: frozenset[str]


_subscriptions: dict[str, list[Subscription]] = {}


def subscribe(topic: str, payload: type[Any] | None = None) -> Callable[[Handler], Handler]:
    """Register a handler for ``topic`` (such as ``checkins.checked_in/1``).

    The handler runs inside the transaction that also marks the event as acted on, and calls parts or one command.
    ``payload`` is the dataclass with which it parses; its fields are checked against the publisher's in a test.
    """
    names = frozenset(f.name for f in dataclasses.fields(payload)) if payload else frozenset()

    def register(handler: Handler) -> Handler:
        name = f"{handler.__module__}.{handler.__name__}"
        mine = _subscriptions.setdefault(topic, [])
        if all(known.name != name for known in mine):
            mine.append(Subscription(topic, name, handler, names))
        return handler

    return register


def subscriptions(topic: str | None = None) -> list[Subscription]:
    """The subscriptions to ``topic``, or all."""
    if topic is not None:
        return _subscriptions.get(topic, [])
    return [each for group in _subscriptions.values() for each in group]


def unsubscribe(topic: str, name: str) -> None:
    """Take a handler out again (tests add handlers of their own)."""
    _subscriptions[topic] = [known for known in _subscriptions.get(topic, []) if known.name != name]


INSERT_EVENT = """
INSERT INTO core_event (event_id, topic, version, member_id, campaign_id, subject, payload, occurred_at, business_on,
                        is_test, delivered_at, attempts, available_at, dead)
VALUES (%(event_id)s, %(topic)s, %(version)s, %(member_id)s, %(campaign_id)s, %(subject)s, %(payload)s, %(now)s,
        %(business_on)s, %(is_test)s, %(delivered_at)s, 0, %(now)s, %(dead)s)
"""


def insert_params(event: Event, *, occurred_at: datetime | None = None, on: date | None = None) -> dict[str, Any]:
    """The parameters of :data:`INSERT_EVENT`; slices that write their rows in one statement use them too."""
    now = occurred_at or clock.now()
    payload = event.payload()
    if len(json.dumps(payload, ensure_ascii=False).encode()) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"the payload of {event.topic} is over {MAX_PAYLOAD_BYTES} bytes")
    key = event.key()
    return {
        "event_id": ids.event_uuid(event.topic, key),
        "topic": event.topic,
        "version": event.version,
        "member_id": event.member_id,
        "campaign_id": event.campaign_id,
        "subject": key[:80],
        "payload": payload,
        "now": now,
        "business_on": on or clock.business_date(now),
        "is_test": event.is_test,
        "delivered_at": None if subscriptions(f"{event.topic}/{event.version}") else now,
        "dead": False,
    }


@part
def publish(event: Event, *, occurred_at: datetime | None = None, on: date | None = None) -> None:
    """Write ``event`` in the transaction of its effect. A second one of the same fact is an ``IntegrityError``."""
    sql.execute(INSERT_EVENT, insert_params(event, occurred_at=occurred_at, on=on))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value
