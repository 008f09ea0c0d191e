"""Retention: how long rows are kept. Slices register a :class:`core.contract.Purge`; a nightly tick runs them all.

Deleting goes in batches of at most 500 rows, each in a transaction of its own, oldest first.
"""

from datetime import timedelta

import structlog

from core import clock, idempotency, sql
from core.commands import scope
from core.contract import purges

log = structlog.get_logger(__name__)
BATCH = 500
EVENT_DAYS = 400  # the logs of a network operator are kept six months at least; reports compare with last year

# The head of the table is looked at, never the whole: ids grow with time.
DELETE_EVENTS = """
DELETE FROM core_event WHERE id IN (
  SELECT head.id FROM (SELECT id, occurred_at, delivered_at, dead FROM core_event ORDER BY id LIMIT %(batch)s) head
   WHERE head.occurred_at < %(before)s AND (head.delivered_at IS NOT NULL OR head.dead IS TRUE))
"""
DELETE_INBOX = """
DELETE FROM core_inboxentry WHERE (event_id, handler) IN (
  SELECT event_id, handler FROM core_inboxentry WHERE acted_at < %(before)s ORDER BY acted_at LIMIT %(batch)s)
"""


def delete_in_batches(statement: str, *, days: int) -> int:
    """Run ``statement`` (it takes ``before`` and ``batch``) until it deletes nothing more; return how many it did."""
    before, gone = clock.now() - timedelta(days=days), 0
    while True:
        with scope():
            count = sql.execute(statement, {"before": before, "batch": BATCH})
        gone += count
        if count == 0:
            return gone


def purge_events() -> int:
    """Events that were delivered or given up, after 400 days."""
    return delete_in_batches(DELETE_EVENTS, days=EVENT_DAYS)


def purge_inbox() -> int:
    """What handlers acted on, as long as the events themselves: a shorter memory could let one act twice."""
    return delete_in_batches(DELETE_INBOX, days=EVENT_DAYS)


def purge_answers() -> int:
    """Answers to idempotency keys, after 7 days."""
    return idempotency.purge()


def run_all() -> dict[str, int]:
    """Run every registered purge; one that fails doesn't stop the others. Returns how many rows each deleted."""
    done: dict[str, int] = {}
    for name, purge in purges.items():
        try:
            done[name] = purge.run()
        except Exception as error:
            log.error("purge_failed", name=name, exc_info=error)  # noqa: TRY400 - the text may hold values
        else:
            log.info("purged", name=name, count=done[name])
    return done
