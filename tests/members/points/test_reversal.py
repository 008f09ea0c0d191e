"""Reversal: once an entry; earned points are taken back into debt if need be, spent ones return to their lots."""

from datetime import date

import pytest

from members.points import errors, services
from tests.factories.accounts import make_member
from tests.factories.points import account, act, allocations, earn, everything, lines, lots, spend

pytestmark = pytest.mark.django_db


def test_a_claw_back_takes_from_its_own_lot_first(clock, member):
    earn(member, 4, expires_on=date(2026, 12, 31))
    entry = earn(member, 5, expires_on=date(2027, 1, 31))

    back = act(services.reverse, member, entry_id=entry.id)

    assert allocations(back) == {"2027-01-31": -5}
    assert (back.delta, back.balance, back.debt) == (-5, 4, 0)


def test_then_from_what_expires_first_and_the_rest_becomes_debt(clock, member):
    earn(member, 4, expires_on=date(2026, 12, 31))
    entry = earn(member, 5, expires_on=date(2027, 1, 31))
    spend(member, 6)

    back = act(services.reverse, member, entry_id=entry.id)

    assert allocations(back) == {"2027-01-31": -3}
    assert account(member) == (0, 2, 0, 4)


def test_a_claw_back_may_take_other_lots(clock, member):
    entry = earn(member, 5, expires_on=date(2026, 12, 31))
    spend(member, 5)
    earn(member, 9, expires_on=date(2027, 1, 31))
    earn(member, 1, expires_on=date(9999, 12, 31))

    back = act(services.reverse, member, entry_id=entry.id)

    assert allocations(back) == {"2027-01-31": -5}
    assert lots(member) == {"2027-01-31": 4, "9999-12-31": 1}


def test_an_entry_is_reversed_once(clock, member):
    entry = earn(member, 5)
    act(services.reverse, member, entry_id=entry.id)
    before = everything()

    with pytest.raises(errors.AlreadyReversed):
        act(services.reverse, member, entry_id=entry.id)

    assert everything() == before


def test_spent_points_return_to_their_lots(clock, member):
    earn(member, 3, expires_on=date(2026, 12, 31))
    earn(member, 4, expires_on=date(2027, 1, 31))
    entry = spend(member, 6)

    back = act(services.reverse, member, entry_id=entry.id)

    assert allocations(back) == {"2026-12-31": 3, "2027-01-31": 3}
    assert lots(member) == {"2026-12-31": 3, "2027-01-31": 4}
    with pytest.raises(errors.AlreadyReversed):
        act(services.reverse, member, entry_id=entry.id)


def test_what_returns_to_a_lot_that_has_passed_stays_usable_for_a_week(clock, member):
    earn(member, 3, expires_on=date(2026, 11, 30))
    earn(member, 4, expires_on=date(2027, 1, 31))
    entry = spend(member, 6)
    clock.move_to("2026-12-05 12:00")

    act(services.reverse, member, entry_id=entry.id)

    assert lots(member) == {"2026-12-12": 3, "2027-01-31": 4}


def test_a_return_repays_debt_first_and_keeps_what_lasts_longest(clock, member):
    first = earn(member, 3, expires_on=date(2026, 12, 31))
    earn(member, 4, expires_on=date(2027, 1, 31))
    spent = spend(member, 7)
    act(services.reverse, member, entry_id=first.id)
    assert account(member)[:2] == (0, 3)

    act(services.reverse, member, entry_id=spent.id)

    assert account(member)[:2] == (4, 0)
    assert lots(member) == {"2027-01-31": 4}


def test_a_return_that_only_repays_debt_fills_no_lot(clock, member):
    first = earn(member, 5)
    spent = spend(member, 2)
    spend(member, 3)
    act(services.reverse, member, entry_id=first.id)

    back = act(services.reverse, member, entry_id=spent.id)

    assert (account(member), allocations(back)) == ((0, 3, 0, 5), {})


def test_by_its_source(clock, member):
    earn(member, 5, source_kind="shop.order", source_key="7")

    act(services.reverse_source, member, source_kind="shop.order", source_key="7")

    assert lines(member) == [("earn", 5, 5), ("reverse", -5, 0)]


def test_a_reversal_and_an_expiry_are_not_reversed(clock, member):
    entry = earn(member, 5, expires_on=date(2026, 11, 30))
    other = earn(member, 2)
    back = act(services.reverse, member, entry_id=other.id)
    clock.move_to("2026-12-01 00:00")
    services.sweep()
    before = everything()

    from members.points.models import PointsEntry

    for entry_id in (back.id, PointsEntry.objects.get(kind="expire").pk):
        with pytest.raises(errors.NotReversible):
            act(services.reverse, member, entry_id=entry_id)
    assert everything() == before
    assert entry.seq == 1


def test_another_member_s_entry_is_not_found(clock, member):
    entry = earn(make_member(), 5)

    with pytest.raises(errors.EntryNotFound):
        act(services.reverse, member, entry_id=entry.id)
