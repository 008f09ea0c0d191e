"""Earning and spending: the parts that other slices call."""

from dataclasses import replace
from datetime import date, datetime

from core import sql
from core.commands import part
from members.points import contract, errors, rules
from members.points.contract import Entry
from members.points.models import PointsEntry
from members.points.services import ledger, policy

OPEN_ACCOUNT = """
INSERT INTO points_pointsaccount (member_id, balance, debt, held, seq, opened_at)
VALUES (%(member_id)s, 0, 0, 0, 0, %(at)s) ON CONFLICT DO NOTHING
"""
# `granted` is what this earning gets: all of it, what is left of the cap, or (where the cap refuses) no row.
COUNT_UNDER_CAP = """
INSERT INTO points_pointscaptotal (member_id, cap, day, points, granted)
SELECT %(member_id)s, %(cap)s, %(on)s, f.first, f.first
  FROM (SELECT CAST(CASE WHEN %(points)s <= %(most)s THEN %(points)s ELSE %(most)s END AS bigint) AS first) f
 WHERE f.first = %(points)s OR %(cut)s
ON CONFLICT (member_id, cap, day) DO UPDATE SET
  granted = CASE WHEN points_pointscaptotal.points + %(points)s <= %(most)s THEN %(points)s
                 WHEN points_pointscaptotal.points < %(most)s THEN %(most)s - points_pointscaptotal.points ELSE 0 END,
  points = CASE WHEN points_pointscaptotal.points + %(points)s <= %(most)s
                THEN points_pointscaptotal.points + %(points)s
                WHEN points_pointscaptotal.points < %(most)s THEN %(most)s ELSE points_pointscaptotal.points END
 WHERE points_pointscaptotal.points + %(points)s <= %(most)s OR %(cut)s
RETURNING granted
"""
UNCOUNT = """
UPDATE points_pointscaptotal SET points = points - %(points)s
 WHERE member_id = %(member_id)s AND cap = %(cap)s AND day = %(on)s
"""
BALANCE = "SELECT seq, balance, debt FROM points_pointsaccount WHERE member_id = %(member_id)s"
KNOWN = """
SELECT 1 AS known FROM points_pointsentry
 WHERE member_id = %(member_id)s AND source_kind = %(source_kind)s AND source_key = %(source_key)s
"""


@part
def open_account(*, member_id: int, at: datetime) -> None:
    """Open the member's account; a second time nothing happens."""
    sql.execute(OPEN_ACCOUNT, {"member_id": member_id, "at": at})


@part
def earn(
    *, member_id: int, points: int, source_kind: str, source_key: str, label: str, on: date, at: datetime,
    expires_on: date | None = None, multiply: bool = False,
) -> Entry:  # fmt: skip
    """Give ``points`` for a source, once for ever; debt is repaid first. Three statements, four under a cap.

    ``on`` is the business day and ``expires_on`` the last usable day (by the rules in force if left out). With
    ``multiply`` the registered multipliers (tier, event) apply. Raises ``AlreadyRecorded``, ``CapReached`` where the
    source's daily cap refuses, ``InvalidAmount``; a cap that cuts shows in ``Entry.cut_from``.
    """
    now = policy.in_force()
    asked = rules.ensure_amount(points)
    if multiply:
        asked = multiplied(member_id=member_id, points=points, source_kind=source_kind, on=on)
    line = ledger.Line(
        member_id=member_id, kind=PointsEntry.Kind.EARN.value, source_kind=source_kind, source_key=source_key,
        label=label, at=at, on=on, expires_on=usable_until(now, on, expires_on),
    )  # fmt: skip
    cap = rules.cap_for(now, source_kind)
    if cap is None:
        return credit(line, asked)
    return _earn_under(cap, line, asked)


def _earn_under(cap: rules.Cap, line: ledger.Line, asked: int) -> Entry:
    given = count_under_cap(cap, member_id=line.member_id, points=asked, on=line.on)
    if given == 0:
        if is_known(member_id=line.member_id, source_kind=line.source_kind, source_key=line.source_key):
            raise errors.AlreadyRecorded
        row = sql.fetch_one(BALANCE, vars(line)) or {"seq": 0, "balance": 0, "debt": 0}
        return Entry(id=None, delta=0, cut_from=asked, **row)
    try:
        entry = credit(line, given)
    except errors.AlreadyRecorded:
        uncount(cap, member_id=line.member_id, points=given, on=line.on)
        raise
    return replace(entry, cut_from=asked) if given < asked else entry


def is_known(*, member_id: int, source_kind: str, source_key: str) -> bool:
    """Whether the source has its entry already: to answer early, the unique key decides."""
    params = {"member_id": member_id, "source_kind": source_kind, "source_key": source_key}
    return sql.fetch_one(KNOWN, params) is not None


def count_under_cap(cap: rules.Cap, *, member_id: int, points: int, on: date) -> int:
    """Count ``points`` under ``cap`` and return how many fit; ``CapReached`` where it refuses what doesn't fit."""
    row = sql.fetch_one(
        COUNT_UNDER_CAP,
        {"member_id": member_id, "cap": cap.name, "on": on, "points": points, "most": cap.per_day,
         "cut": cap.mode == rules.CapMode.CUT},
    )  # fmt: skip
    if row is None:
        raise errors.CapReached
    return int(row["granted"])


def uncount(cap: rules.Cap, *, member_id: int, points: int, on: date) -> None:
    """Take back what :func:`count_under_cap` counted. Caller still holds the counter's row."""
    sql.execute(UNCOUNT, {"member_id": member_id, "cap": cap.name, "on": on, "points": points})


def usable_until(now: rules.Policy, on: date, asked: date | None) -> date:
    """The last usable day of what is earned on ``on``: the one asked for, or by the rules."""
    if asked is None:
        return rules.expires_on(now, on)
    if asked < on:
        raise ValueError("points can't be given with a last day that has passed")
    return asked


def credit(line: ledger.Line, points: int) -> Entry:
    """Write an earning into the lot of ``line.expires_on``, less what repays debt."""
    account = ledger.move(line.member_id, points, at=line.at)
    entry = ledger.write_entry(line, account, points)
    assert line.expires_on is not None  # noqa: S101 - for the type checker
    ledger.fill_lot(line.member_id, line.expires_on, min(points, account.balance))
    return entry


@part
def spend(
    *, member_id: int, points: int, source_kind: str, source_key: str, label: str, on: date, at: datetime
) -> Entry:
    """Take ``points`` for a source, first to expire first. Four statements.

    Raises ``Insufficient``, ``InDebt``, ``AlreadyRecorded``, ``InvalidAmount``; then nothing has changed.
    """
    line = ledger.Line(
        member_id=member_id, kind=PointsEntry.Kind.SPEND.value, source_kind=source_kind, source_key=source_key,
        label=label, at=at, on=on,
    )  # fmt: skip
    return debit(line, points)


def debit(line: ledger.Line, points: int, *, held: int = 0) -> Entry:
    """Take ``points`` out of the balance and the lots; ``held`` of them stay in the account as held."""
    account = ledger.take(line.member_id, rules.ensure_amount(points), on=line.on, held=held)
    entry = ledger.write_entry(line, account, -points, held=held)
    assert entry.id is not None  # noqa: S101 - for the type checker
    if ledger.take_from_lots(line, entry.id, points) != points:
        raise errors.LotsMoved  # rolls back; only a clock that went backwards in mid-act gets here
    return entry


def multiplied(*, member_id: int, points: int, source_kind: str, on: date) -> int:
    """``points`` times what is registered for this earning (tier, event), within the bounds of the rules."""
    earning = contract.Earning(member_id=member_id, points=points, source_kind=source_kind, on=on)
    factors = [factor(earning) for factor in contract.multipliers.values()]
    return rules.ensure_amount(rules.multiplied(points, factors, stack=policy.in_force().stack_multipliers))
