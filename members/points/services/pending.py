"""Points that arrive later: rows of their own until a sweep makes each one an entry, once."""

from contextlib import suppress
from datetime import date, datetime
from typing import Any

from core import clock, sql
from core.commands import command, part
from members.points import errors, rules
from members.points.contract import Entry, Pending
from members.points.models import PointsEntry
from members.points.services import earning, ledger, policy, reversal

BATCH = 500

INSERT = """
INSERT INTO points_pointspending (member_id, points, due_on, state, label, source_kind, source_key, expires_on,
                                  created_at)
VALUES (%(member_id)s, %(points)s, %(due_on)s, 'open', %(label)s, %(source_kind)s, %(source_key)s, %(expires_on)s,
        %(at)s)
ON CONFLICT (member_id, source_kind, source_key) DO NOTHING RETURNING id
"""
READ = """
SELECT id, member_id, points, due_on, state, label, source_kind, source_key, expires_on FROM points_pointspending
 WHERE id = %(id)s
"""
SETTLE = """
UPDATE points_pointspending SET state = 'settled', entry_id = %(entry_id)s, ended_at = %(at)s
 WHERE id = %(id)s AND state = 'open' RETURNING id
"""
CANCEL = """
UPDATE points_pointspending SET state = 'cancelled', ended_at = %(at)s
 WHERE member_id = %(member_id)s AND source_kind = %(source_kind)s AND source_key = %(source_key)s AND state = 'open'
RETURNING id
"""
FIND = """
SELECT state FROM points_pointspending
 WHERE member_id = %(member_id)s AND source_kind = %(source_kind)s AND source_key = %(source_key)s
"""
DUE = """
SELECT id FROM points_pointspending WHERE state = 'open' AND due_on <= %(on)s AND id > %(after)s
 ORDER BY id LIMIT %(batch)s
"""


@part
def add_pending(
    *, member_id: int, points: int, due_on: date, source_kind: str, source_key: str, label: str, on: date,
    at: datetime, expires_on: date | None = None, multiply: bool = False,
) -> Pending:  # fmt: skip
    """Promise ``points`` for ``due_on``; they count under the daily cap of ``on``, and not again when they arrive.

    ``expires_on`` left out: by the rules of the day on which they arrive. Raises ``AlreadyRecorded``, ``CapReached``,
    ``InvalidAmount``.
    """
    now = policy.in_force()
    asked = rules.ensure_amount(points)
    if multiply:
        asked = earning.multiplied(member_id=member_id, points=points, source_kind=source_kind, on=on)
    if earning.is_known(member_id=member_id, source_kind=source_kind, source_key=source_key):
        raise errors.AlreadyRecorded
    earning.open_account(member_id=member_id, at=at)
    cap = rules.cap_for(now, source_kind)
    given = earning.count_under_cap(cap, member_id=member_id, points=asked, on=on) if cap else asked
    cut_from = asked if given < asked else None
    if given == 0:
        return Pending(id=None, points=0, due_on=due_on, cut_from=cut_from)
    row = sql.fetch_one(
        INSERT,
        {"member_id": member_id, "points": given, "due_on": due_on, "label": label, "source_kind": source_kind,
         "source_key": source_key, "expires_on": expires_on, "at": at},
    )  # fmt: skip
    if row is None:
        if cap:
            earning.uncount(cap, member_id=member_id, points=given, on=on)
        raise errors.AlreadyRecorded
    return Pending(id=row["id"], points=given, due_on=due_on, cut_from=cut_from)


@part
def cancel_pending(*, member_id: int, source_kind: str, source_key: str, at: datetime) -> None:
    """Call off points that have not arrived. Raises ``PendingNotFound``, ``PendingEnded``."""
    params = {"member_id": member_id, "source_kind": source_kind, "source_key": source_key, "at": at}
    ledger.hold_account(member_id)
    if sql.fetch_one(CANCEL, params) is None:
        raise errors.PendingEnded if sql.fetch_one(FIND, params) else errors.PendingNotFound


@part
def withdraw(*, member_id: int, source_kind: str, source_key: str, on: date, at: datetime) -> Entry | None:
    """Take back what a source gave, wherever it is: call it off while pending, else reverse its entry, once."""
    source: dict[str, Any] = {"member_id": member_id, "source_kind": source_kind, "source_key": source_key}
    with suppress(errors.PendingNotFound, errors.PendingEnded):
        cancel_pending(**source, at=at)
        return None
    return reversal.reverse_source(**source, on=on, at=at)


def sweep() -> int:
    """Let everything that is due arrive, a transaction each; return how many did."""
    arrived, after = 0, 0
    while rows := sql.fetch_all(DUE, {"on": clock.today(), "after": after, "batch": BATCH}):
        after = rows[-1]["id"]
        for row in rows:
            with suppress(errors.PendingEnded):
                settle(pending_id=row["id"])
                arrived += 1
    return arrived


@command
def settle(*, pending_id: int) -> Entry | None:
    """Turn one pending row into its entry. ``PendingEnded`` if it is called off, has arrived, or isn't due.

    The source's entry is unique, and the account's row is held from before the look at the row: so it arrives once.
    ``None`` if the source was booked directly in the meantime: then the pending row is called off.
    """
    at = clock.now()
    on = clock.business_date(at)
    found = sql.fetch_one(READ, {"id": pending_id}, due_on="date", expires_on="date")
    if found is None:
        raise errors.PendingNotFound
    ledger.hold_account(found["member_id"])
    found = sql.fetch_one(READ, {"id": pending_id}, due_on="date", expires_on="date")
    if found is None or found["state"] != "open" or found["due_on"] > on:
        raise errors.PendingEnded
    try:
        entry = _arrive(found, on=on, at=at)
    except errors.AlreadyRecorded:
        sql.execute(CANCEL, {**found, "at": at})
        return None
    if sql.fetch_one(SETTLE, {"id": pending_id, "entry_id": entry.id, "at": at}) is None:
        raise errors.PendingEnded  # rolls the entry back
    return entry


def _arrive(found: sql.Row, *, on: date, at: datetime) -> Entry:
    expires_on = found["expires_on"] or rules.expires_on(policy.in_force(), on)
    line = ledger.Line(
        member_id=found["member_id"], kind=PointsEntry.Kind.EARN.value, source_kind=found["source_kind"],
        source_key=found["source_key"], label=found["label"], at=at, on=on, expires_on=max(expires_on, on),
    )  # fmt: skip
    return earning.credit(line, found["points"])
