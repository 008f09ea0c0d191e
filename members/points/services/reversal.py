"""Reversing entries: an earning is clawed back, into debt if need be; a spending comes back to its own lots."""

from dataclasses import dataclass
from datetime import date, datetime

from core import sql
from core.commands import part
from members.points import errors, rules
from members.points.contract import Entry
from members.points.models import PointsEntry, PointsHold
from members.points.services import expiry, ledger, policy

SOURCE = "points.reverse"
_COLUMNS = """
SELECT e.id, e.kind, e.delta, e.expires_on, e.label, h.state, h.points AS held, h.captured
  FROM points_pointsentry e LEFT JOIN points_pointshold h ON h.entry_id = e.id
 WHERE e.member_id = %(member_id)s
"""
BY_ID = _COLUMNS + " AND e.id = %(entry_id)s"
BY_SOURCE = _COLUMNS + " AND e.source_kind = %(source_kind)s AND e.source_key = %(source_key)s"
_REVERSIBLE = {PointsEntry.Kind.EARN.value, PointsEntry.Kind.SPEND.value, PointsEntry.Kind.ADJUST.value}


@dataclass(frozen=True)
class Target:
    """The entry that is reversed, and its hold if it is one."""

    id: int
    kind: str
    delta: int
    expires_on: date | None
    label: str
    state: str | None
    held: int | None
    captured: int | None


@part
def reverse(*, member_id: int, entry_id: int, on: date, at: datetime, label: str = "") -> Entry:
    """Reverse one entry, at most once: earned points are taken back, spent ones returned.

    What a claw-back doesn't find becomes debt. Returned points go to the lots that they came from; where the last day
    of one has passed, they stay usable for the days that the rules name. A captured hold returns what was captured.
    Raises ``EntryNotFound``, ``NotReversible``, ``AlreadyReversed``.
    """
    row = sql.fetch_one(BY_ID, {"member_id": member_id, "entry_id": entry_id}, expires_on="date")
    return _reverse(member_id, row, on=on, at=at, label=label)


@part
def reverse_source(
    *, member_id: int, source_kind: str, source_key: str, on: date, at: datetime, label: str = ""
) -> Entry:
    """Reverse the entry of a source; see :func:`reverse`."""
    params = {"member_id": member_id, "source_kind": source_kind, "source_key": source_key}
    return _reverse(member_id, sql.fetch_one(BY_SOURCE, params, expires_on="date"), on=on, at=at, label=label)


def _reverse(member_id: int, row: sql.Row | None, *, on: date, at: datetime, label: str) -> Entry:
    if row is None:
        raise errors.EntryNotFound
    target = Target(**row)
    is_captured_hold = target.state == PointsHold.State.CAPTURED
    if target.kind not in _REVERSIBLE and not is_captured_hold:
        raise errors.NotReversible
    line = ledger.Line(
        member_id=member_id, kind=PointsEntry.Kind.REVERSE.value, source_kind=SOURCE, source_key=str(target.id),
        label=label or target.label, at=at, on=on,
    )  # fmt: skip
    try:
        if target.delta > 0:
            return claw_back(line, target.delta, own=target.expires_on)
        unused = (target.held or 0) - (target.captured or 0)
        return put_back(line, -target.delta - unused, of=target.id, skip=unused)
    except errors.AlreadyRecorded:
        raise errors.AlreadyReversed from None


def claw_back(line: ledger.Line, points: int, *, own: date | None) -> Entry:
    """Take ``points`` whatever the balance is: from the lot of ``own`` first, then first to expire, then as debt.

    What has expired is booked first, so that the outcome doesn't depend on when the sweep comes by.
    """
    expiry.expire_member(member_id=line.member_id, on=line.on, at=line.at)
    account = ledger.move(line.member_id, -points, at=line.at)
    entry = ledger.write_entry(line, account, -points)
    assert entry.id is not None  # noqa: S101 - for the type checker
    ledger.take_from_lots(line, entry.id, points, own=own or rules.NEVER)
    return entry


def put_back(line: ledger.Line, points: int, *, of: int, skip: int = 0) -> Entry:
    """Return ``points`` that entry ``of`` took, passing over the ``skip`` that expire last; debt is repaid first."""
    return write_return(line, ledger.move(line.member_id, points, at=line.at), points, of=of, skip=skip)


def write_return(line: ledger.Line, account: ledger.Account, points: int, *, of: int, skip: int = 0) -> Entry:
    """The entry of a return and its lots. Caller holds the account's row, moved by ``points``."""
    entry = ledger.write_entry(line, account, points)
    assert entry.id is not None  # noqa: S101 - for the type checker
    to_lots = min(points, entry.balance)
    if to_lots:
        return_on = rules.returned_until(policy.in_force(), date.min, on=line.on)
        ledger.give_back(line, entry.id, of=of, points=to_lots, skip=skip, return_on=return_on)
    return entry
