"""Earning: once a source, into the lot of its last usable day, debt first, and not above a cap."""

from datetime import date

import pytest

from core.commands import OutsideTransaction
from members.points import errors, services
from members.points.models import PointsEntry
from members.points.rules import NEVER, Cap, CapMode, ExpiryMode, Policy
from tests.factories.points import account, act, earn, everything, lines, lots

pytestmark = pytest.mark.django_db


def rules_in_force(**values):
    services.set_policy(policy=Policy(**values), actor=None, reason="test")


def capped(per_day, mode, sources=("test.earn",)):
    rules_in_force(caps=(Cap("daily", sources, per_day, mode),))


def test_an_earning_is_an_entry_a_lot_and_a_balance(clock, member):
    entry = earn(member, 12, source_key="a", label="campaign:1")

    row = PointsEntry.objects.get(seq=entry.seq)
    assert (entry.seq, entry.delta, entry.balance, entry.debt, entry.cut_from) == (1, 12, 12, 0, None)
    assert (row.kind, row.label, row.source_kind, row.source_key) == ("earn", "campaign:1", "test.earn", "a")
    assert (row.business_on, row.expires_on) == (date(2026, 11, 22), date(2027, 11, 30))
    assert account(member) == (12, 0, 0, 1)
    assert lots(member) == {"2027-11-30": 12}


def test_earnings_of_one_month_share_a_lot(clock, member):
    earn(member, 5)
    clock.move_to("2026-11-30 23:59:59")
    earn(member, 7)
    clock.move_to("2026-12-01 00:00")
    earn(member, 1)

    assert lots(member) == {"2027-11-30": 12, "2027-12-31": 1}


def test_a_source_earns_once(clock, member):
    earn(member, 5, source_key="same")
    before = everything()

    with pytest.raises(errors.AlreadyRecorded):
        earn(member, 5, source_key="same")

    assert everything() == before


def test_a_known_source_leaves_nothing_behind_even_if_the_caller_goes_on(clock, member):
    earn(member, 5, source_key="same")
    capped(100, CapMode.CUT)
    before = everything()

    def twice(member_id, at, on):
        with pytest.raises(errors.AlreadyRecorded):
            services.earn(
                member_id=member_id, points=9, source_kind="test.earn", source_key="same", label="x", on=on, at=at
            )

    act(twice, member)
    capless = [rows for rows in everything() if rows != [] and len(rows[0]) != 6]
    assert capless == [rows for rows in before if rows != [] and len(rows[0]) != 6]


@pytest.mark.parametrize("points", [0, -1, 1_000_000_001])
def test_an_impossible_number_is_refused(clock, member, points):
    with pytest.raises(errors.InvalidAmount):
        earn(member, points)

    assert everything() == [[]] * 9


def test_earning_needs_a_transaction(clock, member):
    with pytest.raises(OutsideTransaction):
        services.earn(
            member_id=member.pk, points=1, source_kind="t", source_key="k", label="l", on=clock.now.date(), at=clock.now
        )


def test_a_given_last_day_wins_over_the_rules(clock, member):
    earn(member, 5, expires_on=date(2026, 11, 22))

    assert lots(member) == {"2026-11-22": 5}


def test_points_that_never_expire(clock, member):
    rules_in_force(expiry_mode=ExpiryMode.NEVER)

    earn(member, 5)

    assert lots(member) == {NEVER.isoformat(): 5}


def test_a_change_of_rules_leaves_what_was_earned_before(clock, member):
    earn(member, 5)
    rules_in_force(months=1)
    earn(member, 6)

    assert lots(member) == {"2026-12-31": 6, "2027-11-30": 5}


def test_a_cap_that_cuts_gives_what_fits(clock, member):
    capped(10, CapMode.CUT)

    given = [earn(member, 7) for _ in range(3)]

    assert [(entry.delta, entry.cut_from) for entry in given] == [(7, None), (3, 7), (0, 7)]
    assert (given[2].id, given[2].balance) == (None, 10)
    assert lines(member) == [("earn", 7, 7), ("earn", 3, 10)]


def test_the_first_earning_may_be_cut_too(clock, member):
    capped(10, CapMode.CUT)

    entry = earn(member, 25)

    assert (entry.delta, entry.cut_from) == (10, 25)


def test_a_cap_that_refuses_gives_nothing(clock, member):
    capped(10, CapMode.REFUSE)
    earn(member, 7)
    before = everything()

    with pytest.raises(errors.CapReached):
        earn(member, 4)

    assert everything() == before
    assert earn(member, 3).balance == 10


def test_a_cap_begins_anew_each_business_day_and_counts_its_sources_only(clock, member):
    capped(10, CapMode.REFUSE)
    clock.move_to("2026-11-22 23:59:59")
    earn(member, 10)
    clock.move_to("2026-11-23 00:00")

    earn(member, 10)
    earn(member, 50, source_kind="test.other")

    assert account(member) == (70, 0, 0, 3)


def test_a_cap_for_all_other_sources(clock, member):
    rules_in_force(caps=(Cap("one", ("test.one",), 5, CapMode.CUT), Cap("rest", ("*",), 8, CapMode.CUT)))

    given = [earn(member, 10, source_kind=kind).delta for kind in ("test.one", "test.two", "test.three")]

    assert given == [5, 8, 0]


def test_an_earning_costs_three_statements(clock, member, django_assert_num_queries):
    earn(member, 1)
    at, on = clock.now, clock.now.date()

    def once(key):
        services.earn(member_id=member.pk, points=1, source_kind="q", source_key=key, label="l", on=on, at=at)

    from core.commands import scope

    with scope():
        once("warm")
        with django_assert_num_queries(3):
            once("counted")
