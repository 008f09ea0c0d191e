"""Points under many threads: each scarce thing once with its guard, and once without."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import models

from core import approvals, clock, sql
from core.commands import scope
from core.models import Approval, StaffUser
from members.accounts.models import Member
from members.points import errors, rules, services
from members.points.contract import Entry
from members.points.models import PointsAccount, PointsAdjustTotal, PointsCapTotal, PointsEntry, PointsHold, PointsLot
from members.points.services import adjusting, earning, expiry, holds, ledger, pending
from tests.factories.accounts import make_member
from tests.factories.points import act, earn, findings, spend
from tests.races.harness import RACE, Outcomes, Race, patched, pause, without_constraint

pytestmark = RACE
_numbers = itertools.count(1)
ENTRY_WITHOUT_GUARD = ledger.ENTRY.replace(
    "ON CONFLICT (member_id, source_kind, source_key) DO NOTHING RETURNING id", "RETURNING id"
)


def wins(outcomes: Outcomes) -> int:
    """How many threads got what they wanted."""
    return sum(outcome.succeeded for outcome in outcomes)


def account_of(member: Member) -> PointsAccount:
    return PointsAccount.objects.get(member=member)


@contextmanager
def sources_may_repeat() -> Iterator[None]:
    """Without the unique source behind each entry."""
    with (
        without_constraint(PointsEntry, "points_entry_source_once"),
        patched(ledger, "ENTRY", ENTRY_WITHOUT_GUARD),
    ):
        yield


# ---- spending --------------------------------------------------------------------------------------------------------


def _saver_of_k() -> tuple[Member, int]:
    """A member with 0, 1 or 7 points, in turn."""
    member, k = make_member(), (0, 1, 7)[next(_numbers) % 3]
    for _ in range(k):
        earn(member, 1, expires_on=date(9999, 12, 31))
    return member, k


def _not_exactly_k(state: tuple[Member, int], outcomes: Outcomes) -> int:
    member, k = state
    left = PointsAccount.objects.filter(member=member).aggregate(sum=models.Sum("balance"))["sum"] or 0
    return abs(wins(outcomes) - k) + abs(left) + len(findings())


def _debit_naively(line: ledger.Line, points: int, *, held: int = 0) -> Entry:
    row = PointsAccount.objects.filter(member_id=line.member_id).first()
    if row is None or row.balance < points:
        raise errors.Insufficient(needed=points, available=0)
    pause()
    PointsAccount.objects.filter(pk=row.pk).update(balance=row.balance - points, seq=row.seq + 1)
    return ledger.write_entry(line, ledger.Account(row.seq + 1, row.balance - points, 0), -points)


@contextmanager
def _spending_naively() -> Iterator[None]:
    with (
        without_constraint(PointsEntry, "points_entry_seq_once"),
        patched(earning, "debit", _debit_naively),
    ):
        yield


def test_64_spenders_get_exactly_the_points_that_are_there() -> None:
    race = Race(
        "points: k units, 64 spenders (k = 0, 1, 7)", 64, _saver_of_k, lambda state, _number: spend(state[0], 1),
        _not_exactly_k, refusals=(errors.Insufficient,),
    )  # fmt: skip

    race.prove(_spending_naively).ensure()


# ---- spending and expiry ---------------------------------------------------------------------------------------------


def _last_minute() -> Member:
    """Twenty points whose last day was yesterday, for spenders who began before midnight."""
    member = make_member()
    yesterday = clock.today() - timedelta(days=1)
    earn(member, 20, expires_on=yesterday, on=yesterday)
    return member


def _spend_or_expire(member: Member, number: int) -> int:
    if number % 2:
        return services.expire_due()
    spend(member, 3, on=clock.today() - timedelta(days=1))
    return 0


def _not_spent_xor_expired(member: Member, _outcomes: Outcomes) -> int:
    services.sweep()  # every sweep of the race may have passed by a row that a spender held
    moved = PointsEntry.objects.filter(member=member, delta__lt=0).aggregate(sum=models.Sum("delta"))["sum"] or 0
    left = PointsLot.objects.filter(member=member).aggregate(sum=models.Sum("remaining"))["sum"]
    return abs(moved + 20) + abs(left) + len(findings())


@contextmanager
def _expiring_without_lock() -> Iterator[None]:
    slow = expiry.ENTRIES.replace(
        "FROM points_pointslot l", "FROM (SELECT pg_sleep(0.02)) p, points_pointslot l"
    )  # fmt: skip
    with (
        without_constraint(PointsEntry, "points_entry_seq_once"),
        patched(sql, "skip_locked", lambda: ""),
        patched(expiry, "ENTRIES", slow),
    ):
        yield


def test_a_point_is_spent_or_expires_never_both() -> None:
    race = Race(
        "points: spending against the expiry of one lot", 32, _last_minute, _spend_or_expire, _not_spent_xor_expired,
        refusals=(errors.Insufficient,),
    )  # fmt: skip

    race.prove(_expiring_without_lock).ensure()


# ---- earning ---------------------------------------------------------------------------------------------------------


def _cap(mode: rules.CapMode) -> Member:
    cap = rules.Cap("race", ("test.earn",), 10, mode)
    services.set_policy(policy=rules.Policy(caps=(cap,)), actor=None, reason="race")
    return make_member()


def _above_cap(member: Member, outcomes: Outcomes, fits: int) -> int:
    given = sum(outcome.value.delta for outcome in outcomes if outcome.succeeded)
    return abs(given - fits) + abs(account_of(member).balance - fits) + len(findings())


def _count_naively(cap: rules.Cap, *, member_id: int, points: int, on: date) -> int:
    row, _ = PointsCapTotal.objects.get_or_create(
        member_id=member_id, cap=cap.name, day=on, defaults={"points": 0, "granted": 0}
    )
    pause()
    given = min(points, cap.per_day - row.points)
    if given < points and cap.mode == rules.CapMode.REFUSE:
        raise errors.CapReached
    PointsCapTotal.objects.filter(pk=row.pk).update(points=row.points + given)
    return max(given, 0)


@contextmanager
def _counting_naively() -> Iterator[None]:
    with patched(earning, "count_under_cap", _count_naively):
        yield


@pytest.mark.parametrize(("mode", "fits"), [(rules.CapMode.CUT, 10), (rules.CapMode.REFUSE, 9)])
def test_a_daily_cap_holds_against_32_earnings(mode: rules.CapMode, fits: int) -> None:
    race = Race(
        f"points: earning against a cap that would {mode.value}", 32, lambda: _cap(mode),
        lambda member, _number: earn(member, 3),
        lambda member, outcomes: _above_cap(member, outcomes, fits), refusals=(errors.CapReached,),
    )  # fmt: skip

    race.prove(_counting_naively).ensure()


def test_one_source_earns_once() -> None:
    race = Race(
        "points: one source, 32 earnings", 32, make_member, lambda member, _number: earn(member, 5, source_key="one"),
        lambda member, outcomes: abs(wins(outcomes) - 1) + abs(account_of(member).balance - 5) + len(findings()),
        refusals=(errors.AlreadyRecorded,),
    )  # fmt: skip

    race.prove(sources_may_repeat).ensure()


def _promised() -> int:
    """Pending points that are due."""
    member = make_member()
    made = act(
        services.add_pending, member, points=5, due_on=clock.today(), source_kind="p", source_key="1", label="p"
    )  # fmt: skip
    return int(made.id)


@contextmanager
def _arriving_naively() -> Iterator[None]:
    with (
        sources_may_repeat(),
        patched(pending, "SETTLE", pending.SETTLE.replace("AND state = 'open' ", "")),
        patched(ledger, "hold_account", lambda _member_id: pause()),
    ):
        yield


def test_pending_points_arrive_once() -> None:
    race = Race(
        "points: one pending row, 16 arrivals", 16, _promised, lambda key, _number: services.settle(pending_id=key),
        lambda _key, outcomes: abs(sum(bool(outcome.value) for outcome in outcomes) - 1) + len(findings()),
        refusals=(errors.PendingEnded,),
    )  # fmt: skip

    race.prove(_arriving_naively).ensure()


# ---- holds -----------------------------------------------------------------------------------------------------------


def _held() -> PointsHold:
    """Seven of ten points held, and over time; another hold keeps `held` above zero."""
    member = make_member()
    earn(member, 20)
    for key, points in (("one", 7), ("other", 9)):
        due_at = clock.now() + timedelta(minutes=30)
        act(services.hold, member, points=points, source_kind="h", source_key=key, label="h", due_at=due_at)
    PointsHold.objects.filter(member=member, source_key="one").update(due_at=clock.now() - timedelta(seconds=1))
    return PointsHold.objects.get(member=member, source_key="one")


def _end(found: PointsHold, number: int) -> Any:
    source = {"source_kind": "h", "source_key": "one"}
    match number % 4:
        case 0:
            return act(services.capture, found.member, **source)
        case 1:
            return act(services.capture, found.member, points=3, **source)
        case 2:
            return act(services.release, found.member, **source)
    return services.expire_hold(member_id=found.member_id, **source)


def _not_ended_once(found: PointsHold, outcomes: Outcomes) -> int:
    found.refresh_from_db()
    row = account_of(found.member)
    wrong = row.held != 9 or row.balance != 11 - found.captured
    return abs(wins(outcomes) - 1) + wrong + len(findings())


@contextmanager
def _ending_naively() -> Iterator[None]:
    with (
        without_constraint(PointsAccount, "points_held_not_negative"),
        without_constraint(PointsHold, "points_hold_ends_once"),
        patched(holds, "END", holds.END.replace("AND state = 'open' ", "")),
        patched(ledger, "MOVE_HELD", ledger.MOVE_HELD.replace(" AND held + %(held)s >= 0", "")),
        patched(holds, "UNHOLD", holds.UNHOLD.replace(" AND held >= %(points)s", "")),
    ):
        yield


def _as_many_as_fit(wanted: int) -> int:
    """``wanted`` threads, or as many as the server has connections for (our own test server has 200)."""
    row = sql.fetch_one(
        "SELECT current_setting('max_connections')::int - (SELECT count(*) FROM pg_stat_activity) AS free"
    )
    return max(16, min(wanted, (row or {"free": 0})["free"] - 20))


def test_a_hold_ends_once_by_100_workers() -> None:
    race = Race(
        "points: one hold, 100 workers end it", _as_many_as_fit(100), _held, _end, _not_ended_once,
        refusals=(errors.HoldEnded,),
    )  # fmt: skip

    race.prove(_ending_naively).ensure()


# ---- reversal --------------------------------------------------------------------------------------------------------

PEOPLE, EACH, PAIRS = 25, 20, 8


def _five_hundred() -> list[tuple[Member, int]]:
    """500 earnings of 25 members; each half of the threads goes through all of them."""
    people = [make_member() for _ in range(PEOPLE)]
    return [(member, earn(member, 10).id or 0) for _ in range(EACH) for member in people]


def _reverse_mine(entries: list[tuple[Member, int]], number: int) -> int:
    done = 0
    for member, entry_id in entries[number // 2 :: PAIRS]:
        try:
            act(services.reverse, member, entry_id=entry_id)
            done += 1
        except errors.AlreadyReversed:
            continue
    return done


def _not_restored(entries: list[tuple[Member, int]], outcomes: Outcomes) -> int:
    people = {member.pk for member, _entry in entries}
    left = PointsAccount.objects.filter(pk__in=people).exclude(balance=0, debt=0).count()
    return abs(sum(outcome.value or 0 for outcome in outcomes) - len(entries)) + left + len(findings())


def test_500_entries_reversed_twice_are_reversed_once_each() -> None:
    race = Race("points: 500 entries, each reversed twice", 2 * PAIRS, _five_hundred, _reverse_mine, _not_restored)

    race.prove(sources_may_repeat, rounds_of_race=1).ensure()


# ---- staff -----------------------------------------------------------------------------------------------------------


def staff(*permissions: str) -> StaffUser:
    user = StaffUser.objects.create(username=f"staff-{next(_numbers)}", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def _asked() -> tuple[Approval, StaffUser]:
    member = make_member()
    done = services.adjust(member=member, points=9_000, reason="race", actor=staff("adjust_points"))
    return Approval.objects.get(pk=done.approval_id or 0), staff("approve_adjustment")


def _not_done_once(state: tuple[Approval, StaffUser], outcomes: Outcomes) -> int:
    given = PointsEntry.objects.filter(source_key__startswith=f"approval:{state[0].pk}").count()
    return abs(wins(outcomes) - 1) + abs(given - 1) + len(findings())


@contextmanager
def _deciding_naively() -> Iterator[None]:
    with (
        sources_may_repeat(),
        patched(approvals, "DECIDE", approvals.DECIDE.replace("AND state = 'open' ", "")),
    ):
        yield


def test_a_request_is_approved_once() -> None:
    race = Race(
        "points: one request, 16 approvals", 16, _asked,
        lambda state, _number: approvals.decide(approval=state[0], approver=state[1], approve=True),
        _not_done_once, refusals=(approvals.AlreadyDecided,),
    )  # fmt: skip

    race.prove(_deciding_naively).ensure()


def _clerks() -> tuple[Member, list[StaffUser]]:
    member = make_member()
    with scope():
        services.open_account(member_id=member.pk, at=clock.now())
    return member, [staff("adjust_points") for _ in range(16)]


def _split(state: tuple[Member, list[StaffUser]], number: int) -> int:
    done = services.adjust(member=state[0], points=1_000 + number, reason="race", actor=state[1][number])
    return done.entry.delta if done.entry else 0


def _slipped_under(state: tuple[Member, list[StaffUser]], outcomes: Outcomes) -> int:
    alone = sum(outcome.value or 0 for outcome in outcomes)
    return int(alone > 5_000) + int(alone < 4_000) + abs(account_of(state[0]).balance - alone) + len(findings())


def _alone_naively(*, member_id: int, actor_id: int, points: int, day: date) -> bool:
    rows = PointsAdjustTotal.objects.filter(subject=f"member:{member_id}", day=day)
    total = sum(rows.values_list("points", flat=True))
    pause()
    if total + points > rules.Policy().adjust_alone:
        return False
    PointsAdjustTotal.objects.update_or_create(
        subject=f"member:{member_id}", day=day, defaults={"points": total + points}
    )
    return True


@contextmanager
def _adding_naively() -> Iterator[None]:
    with patched(adjusting, "count_alone", _alone_naively):
        yield


def test_split_adjustments_meet_the_threshold_also_at_once() -> None:
    race = Race("points: 16 split adjustments of a day", 16, _clerks, _split, _slipped_under)

    race.prove(_adding_naively).ensure()
