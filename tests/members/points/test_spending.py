"""Spending: never more than there is, first to expire first, and not while anything is owed."""

from datetime import date

import pytest

from core.commands import scope
from members.points import errors, services
from tests.factories.points import account, act, allocations, earn, everything, lines, lots, spend

pytestmark = pytest.mark.django_db


def three_lots(member):
    earn(member, 5, expires_on=date(9999, 12, 31))
    earn(member, 3, expires_on=date(2026, 12, 31))
    earn(member, 4, expires_on=date(2027, 1, 31))


def test_what_expires_first_is_spent_first_and_never_comes_last(clock, member):
    three_lots(member)

    entry = spend(member, 8)

    assert allocations(entry) == {"2026-12-31": -3, "2027-01-31": -4, "9999-12-31": -1}
    assert lots(member) == {"9999-12-31": 4}
    assert (entry.delta, entry.balance) == (-8, 4)


def test_a_lot_may_be_used_up_to_the_point(clock, member):
    three_lots(member)

    assert allocations(spend(member, 3)) == {"2026-12-31": -3}
    assert allocations(spend(member, 9)) == {"2027-01-31": -4, "9999-12-31": -5}
    assert account(member) == (0, 0, 0, 5)


@pytest.mark.parametrize("points", [13, 1_000_000_000])
def test_more_than_there_is_is_refused(clock, member, points):
    three_lots(member)
    before = everything()

    with pytest.raises(errors.Insufficient) as refusal:
        spend(member, points)

    assert refusal.value.params == {"needed": points, "available": 12}
    assert everything() == before


def test_without_an_account_there_is_nothing_to_spend(clock, member):
    with pytest.raises(errors.Insufficient):
        spend(member, 1)

    assert everything() == [[]] * 9


def test_a_source_spends_once(clock, member):
    three_lots(member)
    spend(member, 2, source_key="order")
    before = everything()

    with pytest.raises(errors.AlreadyRecorded):
        spend(member, 2, source_key="order")

    assert everything() == before


def test_points_can_be_used_on_their_last_day_and_not_on_the_next(clock, member):
    earn(member, 5, expires_on=date(2026, 11, 30))
    clock.move_to("2026-11-30 23:59:59")
    spend(member, 1)
    clock.move_to("2026-12-01 00:00")

    with pytest.raises(errors.Insufficient) as refusal:
        spend(member, 1)

    assert refusal.value.params["available"] == 0
    assert account(member)[0] == 4  # the expiry isn't booked yet, but the points can't be spent


def test_a_lot_that_has_passed_is_passed_over_before_its_expiry_is_booked(clock, member):
    earn(member, 5, expires_on=date(2026, 11, 30))
    earn(member, 6, expires_on=date(2026, 12, 31))
    clock.move_to("2026-12-01 00:00")

    entry = spend(member, 6)

    assert allocations(entry) == {"2026-12-31": -6}
    assert lots(member) == {"2026-11-30": 5}


def test_nothing_is_spent_while_points_are_owed(clock, member):
    entry = earn(member, 5)
    spend(member, 5)
    act(services.reverse, member, entry_id=entry.id)
    before = everything()

    with pytest.raises(errors.InDebt) as refusal:
        spend(member, 1)

    assert refusal.value.params == {"debt": 5}
    assert everything() == before


def test_later_earnings_repay_first(clock, member):
    entry = earn(member, 5)
    spend(member, 5)
    act(services.reverse, member, entry_id=entry.id)

    earn(member, 3)
    assert account(member) == (0, 2, 0, 4)
    assert lots(member) == {}
    earn(member, 10)
    assert account(member) == (8, 0, 0, 5)
    assert lots(member) == {"2027-11-30": 8}
    assert lines(member)[2:] == [("reverse", -5, -5), ("earn", 3, -2), ("earn", 10, 8)]


def test_a_spending_costs_four_statements(clock, member, django_assert_num_queries):
    three_lots(member)
    with scope(), django_assert_num_queries(4):
        services.spend(
            member_id=member.pk, points=9, source_kind="q", source_key="k", label="l", on=clock.now.date(), at=clock.now
        )
