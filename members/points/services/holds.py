"""Holds: points set aside for an order. A hold ends once: captured (also partly), released, or expired.

The member's account comes before the hold's row, as in every act, so that two acts on one member never wait for each
other. An end therefore moves the account first, and the guarded update of the hold then says whether it was the first
to end it; if not, the move is taken back.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta

from core import clock, sql
from core.commands import command, part
from members.points import errors, rules
from members.points.contract import Hold
from members.points.models import PointsEntry, PointsHold
from members.points.services import earning, ledger, reversal

RELEASE = "points.release"
BATCH = 500
LONGEST = timedelta(days=30)  # an order that takes longer spends; a hold is for the minutes until it is paid

INSERT = """
INSERT INTO points_pointshold (member_id, entry_id, points, captured, state, source_kind, source_key, due_at)
VALUES (%(member_id)s, %(entry_id)s, %(points)s, 0, 'open', %(source_kind)s, %(source_key)s, %(due_at)s)
RETURNING id, member_id, entry_id, points, captured, state, due_at, source_kind, source_key
"""
READ = """
SELECT id, member_id, entry_id, points, captured, state, due_at, source_kind, source_key
  FROM points_pointshold
 WHERE member_id = %(member_id)s AND source_kind = %(source_kind)s AND source_key = %(source_key)s
"""
UNHOLD = """
UPDATE points_pointsaccount SET held = held - %(points)s WHERE member_id = %(member_id)s AND held >= %(points)s
RETURNING member_id
"""
END = """
UPDATE points_pointshold SET state = %(state)s, captured = %(captured)s, ended_at = %(at)s
 WHERE id = %(id)s AND state = 'open' RETURNING id
"""
DUE = """
SELECT member_id, source_kind, source_key FROM points_pointshold
 WHERE state = 'open' AND due_at <= %(now)s ORDER BY due_at, id LIMIT %(batch)s
"""


@part
def hold(
    *, member_id: int, points: int, source_kind: str, source_key: str, label: str, on: date, at: datetime,
    due_at: datetime,
) -> Hold:  # fmt: skip
    """Set ``points`` aside until ``due_at`` at the latest: they leave the balance, first to expire first.

    Raises what :func:`earning.spend` raises; then nothing has changed.
    """
    if not at < due_at <= at + LONGEST:
        raise ValueError("a hold ends after it begins and within 30 days")
    line = ledger.Line(
        member_id=member_id, kind=PointsEntry.Kind.HOLD.value, source_kind=source_kind, source_key=source_key,
        label=label, at=at, on=on,
    )  # fmt: skip
    entry = earning.debit(line, points, held=points)
    row = sql.fetch_one(
        INSERT, {**vars(line), "entry_id": entry.id, "points": points, "due_at": due_at}, due_at="datetime"
    )
    assert row is not None, "the entry's source was new, so the hold's is"  # noqa: S101 - for the type checker
    return Hold(**row)


@part
def capture(
    *, member_id: int, source_kind: str, source_key: str, on: date, at: datetime, points: int | None = None
) -> Hold:
    """Use the held points, or ``points`` of them: those that expire first. The rest goes back to its lots.

    Raises ``HoldNotFound``, ``HoldEnded``, ``CaptureTooLarge``.
    """
    found = get(member_id=member_id, source_kind=source_kind, source_key=source_key)
    used = found.points if points is None else rules.ensure_amount(points)
    if used > found.points:
        raise errors.CaptureTooLarge(held=found.points)
    return _end(found, state=PointsHold.State.CAPTURED, captured=used, on=on, at=at)


@part
def release(*, member_id: int, source_kind: str, source_key: str, on: date, at: datetime) -> Hold:
    """Give the held points back to their lots; debt is repaid first. Raises ``HoldNotFound``, ``HoldEnded``."""
    found = get(member_id=member_id, source_kind=source_kind, source_key=source_key)
    return _end(found, state=PointsHold.State.RELEASED, captured=0, on=on, at=at)


def get(*, member_id: int, source_kind: str, source_key: str) -> Hold:
    """The member's hold of a source, or ``HoldNotFound``."""
    params = {"member_id": member_id, "source_kind": source_kind, "source_key": source_key}
    row = sql.fetch_one(READ, params, due_at="datetime")
    if row is None:
        raise errors.HoldNotFound
    return Hold(**row)


def _end(found: Hold, *, state: PointsHold.State, captured: int, on: date, at: datetime) -> Hold:
    if found.state != PointsHold.State.OPEN:
        raise errors.HoldEnded
    back = found.points - captured
    account = _free(found, back)
    ended = {"id": found.id, "state": state.value, "captured": captured, "at": at}
    if sql.fetch_one(END, ended) is None:  # nothing updated: somebody else ended it first
        _hold_again(found, account, back)
        raise errors.HoldEnded
    if account:
        line = ledger.Line(
            member_id=found.member_id, kind=PointsEntry.Kind.RELEASE.value, source_kind=RELEASE,
            source_key=str(found.id), label=f"hold:{found.id}", at=at, on=on,
        )  # fmt: skip
        reversal.write_return(line, account, back, of=found.entry_id)
    return replace(found, state=state.value, captured=captured)


def _free(found: Hold, back: int) -> ledger.Account | None:
    """Take the hold out of ``held`` and put ``back`` into the balance; the account if that makes an entry."""
    if back:
        account = ledger.move_held(found.member_id, back, held=-found.points)
        if account is None:  # another end has just taken it out of ``held``
            raise errors.HoldEnded
        return account
    if sql.fetch_one(UNHOLD, {"member_id": found.member_id, "points": found.points}) is None:
        raise errors.HoldEnded
    return None


def _hold_again(found: Hold, account: ledger.Account | None, back: int) -> None:
    """Undo :func:`_free` while the account's row is still ours."""
    if account:
        ledger.take_back(found.member_id, account, back, held=-found.points)
    else:
        sql.execute(UNHOLD, {"member_id": found.member_id, "points": -found.points})


def sweep() -> int:
    """Release what was held too long, a transaction a hold; return how many were ended."""
    ended = 0
    rows = sql.fetch_all(DUE, {"now": clock.now(), "batch": BATCH})
    for row in rows:
        with suppress(errors.HoldEnded):
            expire_hold(**row)
            ended += 1
    return ended


@command
def expire_hold(*, member_id: int, source_kind: str, source_key: str) -> Hold:
    """End one hold whose time is over; before that, ``HoldEnded`` is the answer too."""
    at = clock.now()
    found = get(member_id=member_id, source_kind=source_kind, source_key=source_key)
    if found.due_at > at:
        raise errors.HoldEnded
    return _end(found, state=PointsHold.State.EXPIRED, captured=0, on=clock.business_date(at), at=at)
