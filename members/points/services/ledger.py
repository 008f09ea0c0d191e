"""The guarded statements behind every act on points; nothing else writes accounts, lots, entries and allocations.

Each act first moves the account's row in one guarded statement, and so holds it until COMMIT: that orders everything
that happens to one member. Then come the entry (its unique source decides whether the act is new), the allocations and
the lots. When the entry turns out to be known, the move is taken back before the refusal.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core import sql
from members.points import errors, rules
from members.points.contract import Entry

_TOTAL = "points_pointsaccount.balance - points_pointsaccount.debt + %(delta)s"
_MOVED = f"""
balance = CASE WHEN {_TOTAL} > 0 THEN {_TOTAL} ELSE 0 END,
debt = CASE WHEN {_TOTAL} < 0 THEN -({_TOTAL}) ELSE 0 END,
seq = points_pointsaccount.seq + 1
"""
MOVE = f"""
UPDATE points_pointsaccount SET {_MOVED} WHERE member_id = %(member_id)s RETURNING seq, balance, debt
"""  # noqa: S608 - constant text
MOVE_HELD = f"""
UPDATE points_pointsaccount SET {_MOVED}, held = held + %(held)s
 WHERE member_id = %(member_id)s AND held + %(held)s >= 0 RETURNING seq, balance, debt
"""  # noqa: S608 - as above
OPEN = f"""
INSERT INTO points_pointsaccount (member_id, balance, debt, held, seq, opened_at)
VALUES (%(member_id)s, CASE WHEN %(delta)s > 0 THEN %(delta)s ELSE 0 END,
        CASE WHEN %(delta)s < 0 THEN -%(delta)s ELSE 0 END, 0, 1, %(at)s)
ON CONFLICT (member_id) DO UPDATE SET {_MOVED} RETURNING seq, balance, debt
"""  # noqa: S608 - as above
# A lot whose last day has passed no longer counts, whether its expiry was booked already or not.
SPEND = """
UPDATE points_pointsaccount SET balance = balance - %(points)s, held = held + %(held)s, seq = seq + 1
 WHERE member_id = %(member_id)s AND debt = 0 AND balance - %(points)s >= COALESCE((
   SELECT CAST(sum(l.remaining) AS bigint) FROM points_pointslot l
    WHERE l.member_id = %(member_id)s AND l.expires_on < %(on)s), 0)
RETURNING seq, balance, debt
"""
SPENDABLE = """
SELECT a.balance, a.debt, COALESCE((
   SELECT CAST(sum(l.remaining) AS bigint) FROM points_pointslot l
    WHERE l.member_id = a.member_id AND l.expires_on < %(on)s), 0) AS expired
  FROM points_pointsaccount a WHERE a.member_id = %(member_id)s
"""
LOCK = "SELECT member_id FROM points_pointsaccount WHERE member_id = %(member_id)s"
TAKE_BACK = """
UPDATE points_pointsaccount SET balance = %(balance)s, debt = %(debt)s, held = held - %(held)s, seq = seq - 1
 WHERE member_id = %(member_id)s
"""
ENTRY = """
INSERT INTO points_pointsentry (member_id, seq, kind, delta, balance_after, debt_after, label, source_kind, source_key,
                                expires_on, occurred_at, business_on)
VALUES (%(member_id)s, %(seq)s, %(kind)s, %(delta)s, %(balance)s, %(debt)s, %(label)s, %(source_kind)s, %(source_key)s,
        %(expires_on)s, %(at)s, %(on)s)
ON CONFLICT (member_id, source_kind, source_key) DO NOTHING RETURNING id
"""
FILL_LOT = """
INSERT INTO points_pointslot (member_id, expires_on, remaining, is_open)
VALUES (%(member_id)s, %(expires_on)s, %(points)s, TRUE)
ON CONFLICT (member_id, expires_on)
DO UPDATE SET remaining = points_pointslot.remaining + excluded.remaining, is_open = TRUE
"""
# First to expire first, by a running sum: the lots that are used up whole, and the rest out of the next one.
ALLOCATE = """
INSERT INTO points_pointsallocation (entry_id, lot_id, amount)
SELECT %(entry_id)s, t.id, -CASE WHEN t.run <= %(points)s THEN t.remaining ELSE %(points)s - (t.run - t.remaining) END
  FROM (SELECT id, remaining, CAST(sum(remaining) OVER (ORDER BY {order}) AS bigint) AS run
          FROM points_pointslot WHERE member_id = %(member_id)s AND remaining > 0 AND expires_on >= %(on)s) t
 WHERE t.run - t.remaining < %(points)s
RETURNING amount
"""
TAKE_FIRST_TO_EXPIRE = ALLOCATE.format(order="expires_on")
TAKE_OWN_LOT_FIRST = ALLOCATE.format(order="CASE WHEN expires_on = %(own)s THEN 0 ELSE 1 END, expires_on")
ROOM_FOR_RETURNS = """
INSERT INTO points_pointslot (member_id, expires_on, remaining, is_open)
SELECT %(member_id)s, %(return_on)s, 0, TRUE
 WHERE EXISTS (SELECT 1 FROM points_pointsallocation a JOIN points_pointslot l ON l.id = a.lot_id
                WHERE a.entry_id = %(of)s AND l.expires_on < %(on)s)
ON CONFLICT (member_id, expires_on) DO NOTHING
"""
# Give back what the entry `of` took, last to expire first: `points` of it, after the first `skip`.
GIVE_BACK = """
INSERT INTO points_pointsallocation (entry_id, lot_id, amount)
SELECT %(entry_id)s, t.id, CAST(sum(p.upper_end - p.lower_end) AS bigint)
  FROM (SELECT CASE WHEN x.expires_on < %(on)s THEN %(return_on)s ELSE x.expires_on END AS expires_on,
               CASE WHEN x.run < %(skip)s + %(points)s THEN x.run ELSE %(skip)s + %(points)s END AS upper_end,
               CASE WHEN x.run - x.amount > %(skip)s THEN x.run - x.amount ELSE %(skip)s END AS lower_end
          FROM (SELECT l.expires_on, -a.amount AS amount,
                       CAST(sum(-a.amount) OVER (ORDER BY l.expires_on DESC) AS bigint) AS run
                  FROM points_pointsallocation a JOIN points_pointslot l ON l.id = a.lot_id
                 WHERE a.entry_id = %(of)s) x) p
  JOIN points_pointslot t ON t.member_id = %(member_id)s AND t.expires_on = p.expires_on
 WHERE p.upper_end > p.lower_end
 GROUP BY t.id
RETURNING amount
"""
APPLY = """
UPDATE points_pointslot
   SET remaining = points_pointslot.remaining + a.amount,
       is_open = CASE WHEN points_pointslot.is_open IS TRUE OR a.amount > 0 THEN TRUE ELSE FALSE END
  FROM points_pointsallocation a WHERE a.entry_id = %(entry_id)s AND points_pointslot.id = a.lot_id
"""


@dataclass(frozen=True, kw_only=True)
class Line:
    """What an entry says besides its numbers: whose it is, why, when, and into which lot it goes."""

    member_id: int
    kind: str
    source_kind: str
    source_key: str
    label: str
    at: datetime
    on: date
    expires_on: date | None = None


@dataclass(frozen=True)
class Account:
    """The account's row right after a move."""

    seq: int
    balance: int
    debt: int


def move(member_id: int, delta: int, *, at: datetime) -> Account:
    """Add ``delta`` to the account, which is opened if need be; the caller holds its row from here on."""
    params = {"member_id": member_id, "delta": delta, "at": at}
    row = sql.fetch_one(MOVE, params) or sql.fetch_one(OPEN, params)
    assert row is not None, "an upsert always returns its row"  # noqa: S101 - for the type checker
    return Account(**row)


def move_held(member_id: int, delta: int, *, held: int) -> Account | None:
    """Add ``delta`` and change what is held; ``None``, and nothing changed, if ``held`` would fall below zero."""
    row = sql.fetch_one(MOVE_HELD, {"member_id": member_id, "delta": delta, "held": held})
    return Account(**row) if row else None


def take(member_id: int, points: int, *, on: date, held: int = 0) -> Account:
    """Take ``points`` out of what can be spent on ``on``, or refuse and change nothing."""
    params: dict[str, Any] = {"member_id": member_id, "points": points, "on": on, "held": held}
    row = sql.fetch_one(SPEND, params) or _take_again(params)
    return Account(**row)


def hold_account(member_id: int) -> None:
    """Hold the account's row until COMMIT, for acts that look before they move."""
    sql.fetch_one(LOCK + sql.for_update(), {"member_id": member_id})


def spendable(*, member_id: int, on: date) -> int:
    """What can be spent on ``on``: a hint, never a decision. One statement."""
    state = sql.fetch_one(SPENDABLE, {"member_id": member_id, "on": on})
    return max(int(state["balance"]) - int(state["expired"]), 0) if state else 0


def _take_again(params: dict[str, Any]) -> sql.Row:
    """Why nothing was taken. If it was a race with an expiry, try once more with the row held: then it is exact."""
    state = sql.fetch_one(SPENDABLE, params)
    if state and not state["debt"] and state["balance"] - state["expired"] >= params["points"]:
        sql.fetch_one(LOCK + sql.for_update(), params)
        if row := sql.fetch_one(SPEND, params):
            return row
        state = sql.fetch_one(SPENDABLE, params)
    if state and state["debt"]:
        raise errors.InDebt(debt=state["debt"])
    available = state["balance"] - state["expired"] if state else 0
    raise errors.Insufficient(needed=params["points"], available=max(available, 0))


def write_entry(line: Line, account: Account, delta: int, *, held: int = 0) -> Entry:
    """Write the entry of a move; if its source is known, take the move back and raise ``AlreadyRecorded``.

    Caller holds the account's row by :func:`move` or :func:`take`; ``held`` is what that added to ``held``.
    """
    row = sql.fetch_one(
        ENTRY, {**vars(line), "seq": account.seq, "delta": delta, "balance": account.balance, "debt": account.debt}
    )
    if row is None:
        take_back(line.member_id, account, delta, held=held)
        raise errors.AlreadyRecorded
    return Entry(id=row["id"], seq=account.seq, delta=delta, balance=account.balance, debt=account.debt)


def take_back(member_id: int, account: Account, delta: int, *, held: int = 0) -> None:
    """Undo a move whose row the caller still holds, so that a refusal leaves nothing behind."""
    balance, debt = rules.moved(account.balance, account.debt, -delta)
    sql.execute(TAKE_BACK, {"member_id": member_id, "balance": balance, "debt": debt, "held": held})


def fill_lot(member_id: int, expires_on: date, points: int) -> None:
    """Put ``points`` into the member's lot of ``expires_on``. Caller holds the account's row."""
    if points:
        sql.execute(FILL_LOT, {"member_id": member_id, "expires_on": expires_on, "points": points})


def take_from_lots(line: Line, entry_id: int, points: int, *, own: date | None = None) -> int:
    """Allocate up to ``points`` to the lots that are usable on ``line.on``; return how many the lots gave.

    First to expire first, or the lot of ``own`` before all others. Caller holds the account's row.
    """
    params = {"entry_id": entry_id, "member_id": line.member_id, "points": points, "on": line.on, "own": own}
    taken = sql.fetch_all(TAKE_OWN_LOT_FIRST if own else TAKE_FIRST_TO_EXPIRE, params)
    if taken:
        sql.execute(APPLY, {"entry_id": entry_id})
    return -sum(int(row["amount"]) for row in taken)


def give_back(line: Line, entry_id: int, *, of: int, points: int, skip: int, return_on: date) -> int:
    """Return ``points`` that entry ``of`` took to the same lots, last to expire first, passing over ``skip``.

    What came from a lot whose last day has passed goes into the lot of ``return_on``. Caller holds the account's row.
    """
    params = {
        "entry_id": entry_id, "member_id": line.member_id, "of": of, "points": points, "skip": skip,
        "on": line.on, "return_on": return_on,
    }  # fmt: skip
    sql.execute(ROOM_FOR_RETURNS, params)
    given = sql.fetch_all(GIVE_BACK, params)
    sql.execute(APPLY, {"entry_id": entry_id})
    return sum(int(row["amount"]) for row in given)
