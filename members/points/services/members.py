"""What the points do when accounts merge, when a member asks for the data, and when one leaves."""

from datetime import date, datetime
from typing import Any

from core import clock, sql
from core.commands import part
from members.accounts.contract import Joined
from members.points import errors
from members.points.models import PointsAccount, PointsEntry, PointsPending
from members.points.services import earning, expiry, ledger, reversal

MERGE = "points.merge"
HOLD_ACCOUNTS = "SELECT member_id, debt, held FROM points_pointsaccount WHERE member_id {both} ORDER BY member_id"
OPEN_LOTS = """
SELECT expires_on, remaining FROM points_pointslot
 WHERE member_id = %(member_id)s AND remaining > 0 ORDER BY expires_on
"""
# The pending row moves on under the same source; one that the target has already is dropped.
MOVE_PENDING = """
UPDATE points_pointspending SET member_id = %(target)s
 WHERE member_id = %(source)s AND state = 'open' AND NOT EXISTS (
   SELECT 1 FROM points_pointspending t WHERE t.member_id = %(target)s
      AND t.source_kind = points_pointspending.source_kind AND t.source_key = points_pointspending.source_key)
"""
DROP_PENDING = """
UPDATE points_pointspending SET state = 'cancelled', ended_at = %(at)s WHERE member_id = %(source)s AND state = 'open'
"""


class PointsData:
    """The points' answer to ``accounts.contract.MemberData``; every act is a part."""

    tables: tuple[str, ...] = (
        "points_pointsaccount",
        "points_pointslot",
        "points_pointsentry",
        "points_pointsallocation",
        "points_pointshold",
        "points_pointspending",
        "points_pointscaptotal",
    )

    @staticmethod
    @part
    def merge(*, source_id: int, target_id: int) -> None:
        """Close the source's account into the target's, lot by lot, by pairs of entries with one source key."""
        at = clock.now()
        merge(source_id=source_id, target_id=target_id, on=clock.business_date(at), at=at)

    @staticmethod
    def export(member_id: int) -> dict[str, Any]:
        """The account and every entry."""
        account = PointsAccount.objects.filter(member_id=member_id).first()
        entries = PointsEntry.objects.filter(member_id=member_id).order_by("seq")
        return {
            "points_balance": account.balance if account else 0,
            "points_debt": account.debt if account else 0,
            "points_entries": [
                {"number": entry.seq, "kind": entry.kind, "points": entry.delta, "balance_after": entry.balance_after,
                 "source": entry.source_kind, "at": clock.iso(entry.occurred_at)}
                for entry in entries
            ],
            "points_pending": list(
                PointsPending.objects.filter(member_id=member_id, state="open").values_list("points", flat=True)
            ),
        }  # fmt: skip

    @staticmethod
    def erase(member_id: int) -> None:
        """Nothing: the ledger holds no personal data and stays under the pseudonym."""


def merge(*, source_id: int, target_id: int, on: date, at: datetime) -> None:
    """Move everything; ``PointsHeld`` while the source has open holds. Holds both accounts in the order of keys."""
    for member_id in sorted((source_id, target_id)):
        earning.open_account(member_id=member_id, at=at)
    both, params = sql.in_list("m", [source_id, target_id])
    rows = {row["member_id"]: row for row in sql.fetch_all(HOLD_ACCOUNTS.format(both=both) + sql.for_update(), params)}
    if rows[source_id]["held"]:
        raise errors.PointsHeld
    expiry.expire_member(member_id=source_id, on=on, at=at)
    for lot in sql.fetch_all(OPEN_LOTS, {"member_id": source_id}, expires_on="date"):
        _move_lot(source_id, target_id, lot, on=on, at=at)
    if debt := rows[source_id]["debt"]:
        _move_debt(source_id, target_id, debt, on=on, at=at)
    pending = {"source": source_id, "target": target_id, "at": at}
    sql.execute(MOVE_PENDING, pending)
    sql.execute(DROP_PENDING, pending)


def _line(member_id: int, other_id: int, key: str, *, on: date, at: datetime, into: date | None = None) -> ledger.Line:
    return ledger.Line(
        member_id=member_id, kind=PointsEntry.Kind.MERGE.value, source_kind=MERGE, source_key=key,
        label=f"merge:{other_id}", at=at, on=on, expires_on=into,
    )  # fmt: skip


def _move_lot(source_id: int, target_id: int, lot: sql.Row, *, on: date, at: datetime) -> None:
    key, points = f"{source_id}:{target_id}:{lot['expires_on']}:{clock.iso(at)}", lot["remaining"]
    out = _line(source_id, target_id, key, on=on, at=at)
    account = ledger.move(source_id, -points, at=at)
    entry = ledger.write_entry(out, account, -points)
    assert entry.id is not None  # noqa: S101 - for the type checker
    ledger.take_from_lots(out, entry.id, points, own=lot["expires_on"])
    earning.credit(_line(target_id, source_id, key, on=on, at=at, into=lot["expires_on"]), points)


def _move_debt(source_id: int, target_id: int, debt: int, *, on: date, at: datetime) -> None:
    key = f"{source_id}:{target_id}:debt:{clock.iso(at)}"
    account = ledger.move(source_id, debt, at=at)
    ledger.write_entry(_line(source_id, target_id, key, on=on, at=at), account, debt)
    reversal.claw_back(_line(target_id, source_id, key, on=on, at=at), debt, own=None)


@part
def open_on_joining(joined: Joined) -> None:
    """A new member has an account."""
    earning.open_account(member_id=joined.member_id, at=joined.at)
