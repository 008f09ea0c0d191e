"""Expiry: what is left in a lot whose last day has passed becomes an entry, in batches of at most 500 accounts."""

from datetime import date, datetime, timedelta

from core import clock, sql
from core.commands import command, part
from core.events import publish
from members.points import rules
from members.points.events import Expiring

BATCH = 500
SOURCE = "points.expire"

DUE = """
SELECT id, member_id FROM points_pointslot WHERE is_open IS TRUE AND expires_on < %(on)s
 ORDER BY expires_on, member_id LIMIT %(batch)s
"""
DUE_OF_MEMBER = """
SELECT id, member_id FROM points_pointslot
 WHERE member_id = %(member_id)s AND is_open IS TRUE AND expires_on < %(on)s ORDER BY expires_on
"""
LOCK = "SELECT member_id FROM points_pointsaccount WHERE member_id {members} ORDER BY member_id"
# A lot with more than its account has is corrupt: it is left for the reconciliation, and must not stop the others.
ENTRIES = """
INSERT INTO points_pointsentry (member_id, seq, kind, delta, balance_after, debt_after, label, source_kind, source_key,
                                expires_on, occurred_at, business_on)
SELECT a.member_id, a.seq + 1, 'expire', -l.remaining, a.balance - l.remaining, a.debt,
       'expiry:' || CAST(l.expires_on AS text), %(source)s,
       CAST(l.expires_on AS text) || ':' || CAST(a.seq + 1 AS text), NULL, %(at)s, %(on)s
  FROM points_pointslot l JOIN points_pointsaccount a ON a.member_id = l.member_id
 WHERE l.id {lots} AND l.is_open IS TRUE AND l.expires_on < %(on)s AND l.remaining > 0 AND l.remaining <= a.balance
RETURNING id
"""
ALLOCATIONS = """
INSERT INTO points_pointsallocation (entry_id, lot_id, amount)
SELECT e.id, l.id, e.delta FROM points_pointsentry e JOIN points_pointslot l ON l.member_id = e.member_id
 WHERE e.id {entries} AND l.id {lots}
"""
ACCOUNTS = """
UPDATE points_pointsaccount SET balance = e.balance_after, seq = e.seq
  FROM points_pointsentry e WHERE e.id {entries} AND e.member_id = points_pointsaccount.member_id
"""
CLOSE = """
UPDATE points_pointslot SET remaining = 0, is_open = FALSE
 WHERE id {lots} AND is_open IS TRUE AND expires_on < %(on)s
   AND (remaining = 0 OR EXISTS (SELECT 1 FROM points_pointsallocation a
                                  WHERE a.lot_id = points_pointslot.id AND a.entry_id {entries}))
"""
_STAGE = "CASE WHEN expires_on <= %(in_1)s THEN 1 WHEN expires_on <= %(in_7)s THEN 7 ELSE 30 END"
NOTICE = f"""
UPDATE points_pointslot SET noticed_days = {_STAGE}
 WHERE id IN (SELECT id FROM points_pointslot
               WHERE is_open IS TRUE AND expires_on >= %(on)s AND expires_on <= %(in_30)s AND remaining > 0
                 AND (noticed_days IS NULL OR noticed_days > {_STAGE})
               ORDER BY id LIMIT %(batch)s{{lock}})
   AND remaining > 0 AND (noticed_days IS NULL OR noticed_days > {_STAGE})
RETURNING member_id, expires_on, remaining, noticed_days
"""  # noqa: S608 - constant text


def sweep() -> int:
    """Expire everything that is due, a transaction a batch; return how many lots were closed."""
    closed = 0
    while done := expire_due():
        closed += done
    return closed


@command
def expire_due() -> int:
    """Expire one batch, at most one lot a member; return how many lots were closed. 0: nothing left, or all busy."""
    at = clock.now()
    on = clock.business_date(at)
    rows = sql.fetch_all(DUE, {"on": on, "batch": BATCH})
    first_of = {row["member_id"]: row["id"] for row in reversed(rows)}
    return _expire(first_of, on=on, at=at)


@part
def expire_member(*, member_id: int, on: date, at: datetime) -> int:
    """Expire what is due of one member; return how many lots were closed."""
    rows = sql.fetch_all(DUE_OF_MEMBER, {"member_id": member_id, "on": on})
    return sum(_expire({member_id: row["id"]}, on=on, at=at, wait=True) for row in rows)


def _expire(lot_of: dict[int, int], *, on: date, at: datetime, wait: bool = False) -> int:
    """Expire one lot of each member: hold the accounts in the order of their keys, then four set statements."""
    if not lot_of:
        return 0
    members, params = sql.in_list("m", sorted(lot_of))
    lock = sql.for_update() if wait else sql.skip_locked()
    held = [row["member_id"] for row in sql.fetch_all(LOCK.format(members=members) + lock, params)]
    if not held:
        return 0
    lots, lot_params = sql.in_list("l", [lot_of[member] for member in held])
    shared = {**lot_params, "on": on}
    written = sql.fetch_all(ENTRIES.format(lots=lots), {**shared, "source": SOURCE, "at": at})
    entries, entry_params = sql.in_list("e", [row["id"] for row in written])
    if written:
        sql.execute(ALLOCATIONS.format(entries=entries, lots=lots), {**lot_params, **entry_params})
        sql.execute(ACCOUNTS.format(entries=entries), entry_params)
    return sql.execute(CLOSE.format(entries=entries, lots=lots), {**shared, **entry_params})


def notify() -> int:
    """Tell of everything that expires within 30, 7 and 1 days, once each; return how many events were written."""
    told = 0
    while done := notify_batch():
        told += done
    return told


@command
def notify_batch() -> int:
    """One batch of notices: the mark on the lot and the event commit together."""
    now = clock.now()
    on = clock.business_date(now)
    ahead = {f"in_{days}": on + timedelta(days=days) for days in rules.NOTICE_DAYS}
    rows = sql.fetch_all(
        NOTICE.format(lock=sql.skip_locked()), {**ahead, "on": on, "batch": BATCH}, expires_on="date"
    )  # fmt: skip
    for row in rows:
        publish(
            Expiring(
                member_id=row["member_id"], points=row["remaining"], expires_on=row["expires_on"],
                days_before=row["noticed_days"],
            ),
            occurred_at=now, on=on,
        )  # fmt: skip
    return len(rows)
