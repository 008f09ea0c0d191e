"""N of the acts without an endpoint: read, change and save with the ORM, as a tutorial would. Frozen."""

from datetime import date, timedelta

from django.db import transaction

from core import clock
from members.points.models import PointsAccount, PointsAllocation, PointsEntry, PointsHold, PointsLot


def earn(member: int, key: str) -> None:
    """Account, entry, lot."""
    with transaction.atomic():
        account = PointsAccount.objects.select_for_update().get(member_id=member)
        account.balance, account.seq = account.balance + 5, account.seq + 1
        account.save()
        _entry(account, "earn", 5, key, date(2027, 11, 30))
        lot, _ = PointsLot.objects.get_or_create(
            member_id=member, expires_on=date(2027, 11, 30), defaults={"remaining": 0}
        )
        lot.remaining += 5
        lot.save()


def spend(member: int, key: str) -> None:
    """Account, entry, allocations, lots."""
    with transaction.atomic():
        _take(member, "spend", key)


def hold_and_capture(member: int, key: str) -> None:
    """As spending, with a hold that a second transaction captures."""
    with transaction.atomic():
        entry = _take(member, "hold", key)
        now = clock.now()
        PointsHold.objects.create(
            member_id=member, entry=entry, points=5, source_kind="bench.act", source_key=key,
            due_at=now + timedelta(minutes=15),
        )  # fmt: skip
    with transaction.atomic():
        hold = PointsHold.objects.select_for_update().get(member_id=member, source_kind="bench.act", source_key=key)
        hold.state, hold.captured, hold.ended_at = PointsHold.State.CAPTURED, 5, clock.now()
        hold.save()
        account = PointsAccount.objects.select_for_update().get(member_id=member)
        account.held -= 5
        account.save()


def _entry(account: PointsAccount, kind: str, delta: int, key: str, expires_on: date | None) -> PointsEntry:
    return PointsEntry.objects.create(
        member_id=account.member_id, seq=account.seq, kind=kind, delta=delta, balance_after=account.balance,
        debt_after=0, label="bench", source_kind="bench.act", source_key=key, expires_on=expires_on,
        occurred_at=clock.now(), business_on=clock.today(),
    )  # fmt: skip


def _take(member: int, kind: str, key: str) -> PointsEntry:
    account = PointsAccount.objects.select_for_update().get(member_id=member)
    account.balance, account.seq = account.balance - 5, account.seq + 1
    account.held += 5 if kind == "hold" else 0
    account.save()
    entry = _entry(account, kind, -5, key, None)
    left = 5
    for lot in PointsLot.objects.filter(member_id=member, remaining__gt=0).order_by("expires_on"):
        used = min(left, lot.remaining)
        PointsAllocation.objects.create(entry=entry, lot=lot, amount=-used)
        lot.remaining -= used
        lot.save()
        left -= used
        if not left:
            break
    return entry
