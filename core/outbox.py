"""Delivery of events: claim due ones in batches, call each handler in a transaction of its own, once.

A claim is a lease: a worker that dies leaves its events to the next one after :data:`LEASE`. Events of one member are
handled in the order of their ids: an event waits while an earlier one of its member is open. A handler that fails is
tried again after ``min(2^n, 300)`` s ± 20 %; after 20 tries the event is given up and an operator is told.
"""

from collections.abc import Iterator
from datetime import timedelta

import structlog
from django.db import transaction

from core import clock, randomness, sql
from core.commands import scope
from core.events import Envelope, Subscription, subscriptions
from core.reconcile import Finding, stream

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=30)  # longer than any handler may take; half of the promised recovery of 60 s
BATCH = 100
MAX_ATTEMPTS = 20


class GivenUp(Exception):
    """An event that was claimed :data:`MAX_ATTEMPTS` times without an end, handler's error or success."""


STUCK_AFTER = timedelta(minutes=10)

# Materialized: a plain subquery may be run again for each row, and each time it locks others (PostgreSQL).
CLAIM = """
WITH due AS MATERIALIZED (
  SELECT e.id FROM core_event e
   WHERE e.delivered_at IS NULL AND e.dead IS FALSE AND e.available_at <= %(now)s
     AND NOT EXISTS (SELECT 1 FROM core_event b
                      WHERE b.member_id = e.member_id AND b.id < e.id
                        AND b.delivered_at IS NULL AND b.dead IS FALSE)
   ORDER BY e.id LIMIT %(batch)s{lock})
UPDATE core_event SET available_at = %(lease)s, attempts = attempts + 1
 WHERE id IN (SELECT id FROM due)
   AND delivered_at IS NULL AND dead IS FALSE AND available_at <= %(now)s
RETURNING id, event_id, topic, version, member_id, campaign_id, payload, occurred_at, business_on, is_test, attempts
"""
MARK_ACTED = """
INSERT INTO core_inboxentry (event_id, handler, acted_at) VALUES (%(event_id)s, %(handler)s, %(now)s)
ON CONFLICT DO NOTHING RETURNING handler
"""
DELIVERED = "UPDATE core_event SET delivered_at = %(now)s WHERE id = %(id)s AND delivered_at IS NULL"
RETRY = """
UPDATE core_event SET available_at = %(at)s, dead = CASE WHEN attempts >= %(most)s THEN TRUE ELSE dead END
 WHERE id = %(id)s AND delivered_at IS NULL
"""


def drain(*, limit: int = 2000) -> int:
    """Deliver what is due, at most ``limit`` events, and return how many were delivered."""
    done = 0
    while done < limit:
        claimed = _claim(min(BATCH, limit - done))
        if not claimed:
            break
        done += sum(_deliver(event, attempts) for event, attempts in claimed)
    return done


def _claim(batch: int) -> list[tuple[Envelope, int]]:
    now = clock.now()
    lock = " FOR UPDATE OF e SKIP LOCKED" if sql.is_postgres() else ""
    with transaction.atomic(durable=True):
        rows = sql.fetch_all(
            CLAIM.format(lock=lock),
            {"lease": now + LEASE, "now": now, "batch": batch},
            event_id="uuid",
            campaign_id="uuid",
            payload="json",
            occurred_at="datetime",
            business_on="date",
            is_test="bool",
        )
    attempts = {row["id"]: row.pop("attempts") for row in rows}
    return [(Envelope(**row), attempts[row["id"]]) for row in sorted(rows, key=lambda row: row["id"])]


def _deliver(event: Envelope, attempts: int) -> bool:
    if attempts > MAX_ATTEMPTS:  # its workers died before they could give it up
        _put_off(event, attempts, GivenUp())
        return False
    try:
        for subscription in subscriptions(f"{event.topic}/{event.version}"):
            _act(event, subscription)
    except Exception as error:  # noqa: BLE001 - whatever a handler does, the others must go on
        _put_off(event, attempts, error)
        return False
    with transaction.atomic(durable=True):
        sql.execute(DELIVERED, {"id": event.id, "now": clock.now()})
    return True


def _act(event: Envelope, subscription: Subscription) -> None:
    with scope():
        acted = sql.fetch_one(
            MARK_ACTED, {"event_id": event.event_id, "handler": subscription.name, "now": clock.now()}
        )
        if acted:  # nothing inserted: this handler has already acted on this event
            subscription.handler(event)


def _put_off(event: Envelope, attempts: int, error: Exception) -> None:
    wait = randomness.jitter(min(2**attempts, 300))
    with transaction.atomic(durable=True):
        sql.execute(RETRY, {"id": event.id, "at": clock.now() + timedelta(seconds=wait), "most": MAX_ATTEMPTS})
    log.warning(
        "event_put_off",
        event_id=str(event.event_id),
        topic=event.topic,
        attempts=attempts,
        error=type(error).__name__,
        given_up=attempts >= MAX_ATTEMPTS,
    )


STUCK = """
SELECT id, topic, attempts, dead FROM core_event
 WHERE delivered_at IS NULL AND (dead IS TRUE OR occurred_at < %(before)s) ORDER BY id
"""


def stuck() -> Iterator[Finding]:
    """Events that were given up, or that wait longer than :data:`STUCK_AFTER` (a reconciliation check)."""
    for event_id, topic, attempts, dead in stream(STUCK, {"before": clock.now() - STUCK_AFTER}):
        state = "given up" if dead else "waiting"
        yield Finding(f"event:{event_id}", f"{topic} is {state} after {attempts} attempts")
