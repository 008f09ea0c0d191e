"""The checks of the book: what must agree, each as one statement that returns only what doesn't."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import clock
from core.reconcile import Check, Finding, stream

LATE_HOLD = timedelta(minutes=10)  # the sweep comes every quarter of a minute

ACCOUNTS = """
SELECT a.member_id, a.balance - a.debt, COALESCE(e.total, 0), a.seq, COALESCE(e.entries, 0), COALESCE(e.last_seq, 0)
  FROM points_pointsaccount a
  LEFT JOIN (SELECT member_id, CAST(sum(delta) AS bigint) AS total, count(*) AS entries, max(seq) AS last_seq
               FROM points_pointsentry GROUP BY member_id) e ON e.member_id = a.member_id
 WHERE a.balance - a.debt <> COALESCE(e.total, 0) OR a.seq <> COALESCE(e.entries, 0)
    OR a.seq <> COALESCE(e.last_seq, 0)
"""
LAST = """
SELECT a.member_id, a.balance, a.debt, e.balance_after, e.debt_after
  FROM points_pointsaccount a LEFT JOIN points_pointsentry e ON e.member_id = a.member_id AND e.seq = a.seq
 WHERE a.seq > 0 AND (e.id IS NULL OR e.balance_after <> a.balance OR e.debt_after <> a.debt)
    OR a.balance < 0 OR a.debt < 0 OR (a.balance > 0 AND a.debt > 0)
"""
CHAIN = """
SELECT t.member_id, t.seq, t.before, t.delta, t.total
  FROM (SELECT member_id, seq, delta, balance_after - debt_after AS total, balance_after, debt_after,
               COALESCE(lag(balance_after - debt_after) OVER w, 0) AS before, COALESCE(lag(seq) OVER w, 0) AS previous
          FROM points_pointsentry WINDOW w AS (PARTITION BY member_id ORDER BY seq)) t
 WHERE t.total <> t.before + t.delta OR t.seq <> t.previous + 1 OR (t.balance_after <> 0 AND t.debt_after <> 0)
"""
LOTS = """
SELECT a.member_id, a.balance, COALESCE(l.total, 0), COALESCE(l.lowest, 0)
  FROM points_pointsaccount a
  LEFT JOIN (SELECT member_id, CAST(sum(remaining) AS bigint) AS total, min(remaining) AS lowest
               FROM points_pointslot GROUP BY member_id) l ON l.member_id = a.member_id
 WHERE a.balance <> COALESCE(l.total, 0) OR l.lowest < 0
"""
LOT_MOVES = """
SELECT l.member_id, l.expires_on, l.remaining, COALESCE(f.points, 0) + COALESCE(a.points, 0)
  FROM points_pointslot l
  LEFT JOIN (SELECT member_id, expires_on,
                    CAST(sum(CASE WHEN delta < balance_after THEN delta ELSE balance_after END) AS bigint) AS points
               FROM points_pointsentry WHERE expires_on IS NOT NULL AND delta > 0
              GROUP BY member_id, expires_on) f ON f.member_id = l.member_id AND f.expires_on = l.expires_on
  LEFT JOIN (SELECT lot_id, CAST(sum(amount) AS bigint) AS points
               FROM points_pointsallocation GROUP BY lot_id) a ON a.lot_id = l.id
 WHERE l.remaining <> COALESCE(f.points, 0) + COALESCE(a.points, 0)
"""
ENTRY_MOVES = """
SELECT t.member_id, t.seq, t.moved, COALESCE(a.points, 0)
  FROM (SELECT id, member_id, seq, expires_on,
               balance_after - COALESCE(lag(balance_after) OVER (PARTITION BY member_id ORDER BY seq), 0) AS moved
          FROM points_pointsentry) t
  LEFT JOIN (SELECT entry_id, CAST(sum(amount) AS bigint) AS points
               FROM points_pointsallocation GROUP BY entry_id) a ON a.entry_id = t.id
 WHERE (t.expires_on IS NULL AND t.moved <> COALESCE(a.points, 0))
    OR (t.expires_on IS NOT NULL AND a.points IS NOT NULL)
"""
HELD = """
SELECT a.member_id, a.held, COALESCE(h.points, 0)
  FROM points_pointsaccount a
  LEFT JOIN (SELECT member_id, CAST(sum(points) AS bigint) AS points
               FROM points_pointshold WHERE state = 'open' GROUP BY member_id) h ON h.member_id = a.member_id
 WHERE a.held <> COALESCE(h.points, 0)
"""
HOLDS = """
SELECT h.member_id, h.id, 'entry', h.points FROM points_pointshold h LEFT JOIN points_pointsentry e ON e.id = h.entry_id
 WHERE e.id IS NULL OR e.kind <> 'hold' OR e.delta <> -h.points OR e.member_id <> h.member_id
UNION ALL
SELECT e.member_id, e.seq, 'no hold', -e.delta
  FROM points_pointsentry e LEFT JOIN points_pointshold h ON h.entry_id = e.id WHERE e.kind = 'hold' AND h.id IS NULL
UNION ALL
SELECT h.member_id, h.id, 'overdue', h.points FROM points_pointshold h WHERE h.state = 'open' AND h.due_at < %(late)s
UNION ALL
SELECT h.member_id, h.id, 'not returned', h.points - h.captured
  FROM points_pointshold h
  LEFT JOIN points_pointsentry r ON r.member_id = h.member_id AND r.source_kind = 'points.release'
                                AND r.source_key = CAST(h.id AS text)
 WHERE h.state <> 'open' AND COALESCE(r.delta, 0) <> h.points - h.captured
"""
PENDING = """
SELECT p.member_id, p.id, p.state, p.points FROM points_pointspending p
  LEFT JOIN points_pointsentry e ON e.id = p.entry_id
 WHERE (p.state = 'settled' AND (e.id IS NULL OR e.delta <> p.points OR e.member_id <> p.member_id
                                 OR e.source_kind <> p.source_kind OR e.source_key <> p.source_key))
    OR (p.state <> 'settled' AND p.entry_id IS NOT NULL) OR (p.state = 'open' AND p.due_on < %(yesterday)s)
"""
ORPHANS = """
SELECT t.member_id, t.what FROM (
  SELECT DISTINCT member_id, 'entries' AS what FROM points_pointsentry
  UNION SELECT DISTINCT member_id, 'lots' FROM points_pointslot WHERE remaining <> 0
  UNION SELECT DISTINCT member_id, 'holds' FROM points_pointshold) t
  LEFT JOIN points_pointsaccount a ON a.member_id = t.member_id WHERE a.member_id IS NULL
"""
BOOK = """
SELECT b.balances, e.entries, l.lots, s.labels
  FROM (SELECT COALESCE(CAST(sum(balance - debt) AS bigint), 0) AS balances,
               COALESCE(CAST(sum(balance) AS bigint), 0) AS spendable FROM points_pointsaccount) b,
       (SELECT COALESCE(CAST(sum(delta) AS bigint), 0) AS entries FROM points_pointsentry) e,
       (SELECT COALESCE(CAST(sum(remaining) AS bigint), 0) AS lots FROM points_pointslot) l,
       (SELECT COALESCE(CAST(sum(t.points) AS bigint), 0) AS labels
          FROM (SELECT label, sum(delta) AS points FROM points_pointsentry GROUP BY label) t) s
 WHERE b.balances <> e.entries OR b.spendable <> l.lots OR s.labels <> b.balances
"""


def _late() -> dict[str, Any]:
    return {"late": clock.now() - LATE_HOLD, "yesterday": clock.today() - timedelta(days=1)}


def _member_check(statement: str, *names: str, params: Callable[[], dict[str, Any]] | None = None) -> Any:
    """A check whose rows begin with a member's key; ``names`` say what the other columns are."""

    def run() -> Iterator[Finding]:
        values = params() if params else None
        used = {name: value for name, value in (values or {}).items() if f"%({name})s" in statement}
        for member_id, *columns in stream(statement, used or None):
            detail = ", ".join(f"{name} {value}" for name, value in zip(names, columns, strict=True))
            yield Finding(f"points:{member_id}", detail)

    return run


def _book() -> Iterator[Finding]:
    for balances, entries, lots, labels in stream(BOOK):
        yield Finding("points", f"balances less debts {balances}, entries {entries}, lots {lots}, labels {labels}")


CHECKS: dict[str, Check] = {
    "points.accounts": Check(
        _("Balance less debt is the sum of the entries, and each entry is there"),
        _member_check(ACCOUNTS, "balance less debt", "sum of entries", "last number", "entries", "highest number"),
    ),
    "points.last": Check(
        _("The last entry says what the account says"),
        _member_check(LAST, "balance", "debt", "last balance", "last debt"),
    ),
    "points.chain": Check(
        _("Each entry goes on from the one before"), _member_check(CHAIN, "entry", "before", "moved", "after")
    ),
    "points.lots": Check(_("The lots add up to the balance"), _member_check(LOTS, "balance", "lots", "lowest lot")),
    "points.lot_moves": Check(
        _("A lot holds what entries put in and took out"), _member_check(LOT_MOVES, "lot", "remaining", "moved")
    ),
    "points.entry_moves": Check(
        _("An entry's allocations are what it moved"), _member_check(ENTRY_MOVES, "entry", "moved", "allocated")
    ),
    "points.held": Check(_("Held points are the sum of the open holds"), _member_check(HELD, "held", "open holds")),
    "points.holds": Check(
        _("Each hold has its entry and ends in time"), _member_check(HOLDS, "hold", "fault", "points", params=_late)
    ),
    "points.pending": Check(
        _("Pending points arrive once and in time"),
        _member_check(PENDING, "pending", "state", "points", params=_late),
    ),
    "points.orphans": Check(_("Nothing stands without an account"), _member_check(ORPHANS, "without an account")),
    "points.book": Check(_("The whole book adds up, by label too"), _book),
}
