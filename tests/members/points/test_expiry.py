"""Expiry: each point once, right at midnight, whatever the clock does; and a notice 30, 7 and 1 days before."""

from datetime import date

import pytest

from core.models import Event
from members.points import services
from members.points.models import PointsEntry, PointsLot
from tests.factories.accounts import make_member
from tests.factories.points import account, act, allocations, earn, everything, lines, lots, spend

pytestmark = pytest.mark.django_db


def test_what_is_left_expires_at_midnight_after_the_last_day(clock, member):
    earn(member, 5, expires_on=date(2026, 11, 30))
    spend(member, 2)
    clock.move_to("2026-11-30 23:59:59")
    assert services.sweep() == 0
    clock.move_to("2026-12-01 00:00")

    assert services.sweep() == 1

    assert account(member) == (0, 0, 0, 3)
    assert lines(member)[-1] == ("expire", -3, 0)
    row = PointsEntry.objects.get(kind="expire")
    assert (row.label, row.source_key, row.business_on) == ("expiry:2026-11-30", "2026-11-30:3", date(2026, 12, 1))
    assert list(PointsLot.objects.values_list("remaining", "is_open")) == [(0, False)]


def test_expiring_again_changes_nothing(clock, member):
    earn(member, 5, expires_on=date(2026, 11, 30))
    clock.move_to("2026-12-01 00:00")
    services.sweep()
    before = everything()

    assert [services.sweep() for _ in range(50)] == [0] * 50
    assert everything() == before


def test_each_lot_of_a_long_absence_is_a_line(clock, member):
    for day in (date(2026, 11, 30), date(2026, 12, 31), date(2027, 1, 31)):
        earn(member, 5, expires_on=day)
    earn(member, 1, expires_on=date(9999, 12, 31))
    clock.advance(days=400)

    assert services.sweep() == 3

    assert [line for line in lines(member) if line[0] == "expire"] == [
        ("expire", -5, 11), ("expire", -5, 6), ("expire", -5, 1)
    ]  # fmt: skip
    assert lots(member) == {"9999-12-31": 1}


def test_an_empty_lot_is_closed_without_a_line(clock, member):
    earn(member, 5, expires_on=date(2026, 11, 30))
    spend(member, 5)
    clock.move_to("2026-12-01 00:00")

    assert services.sweep() == 1
    assert len(lines(member)) == 2


def test_many_members_expire_in_batches(clock, db, monkeypatch):
    monkeypatch.setattr("members.points.services.expiry.BATCH", 3)
    people = [make_member() for _ in range(8)]
    for number, person in enumerate(people, 1):
        earn(person, number, expires_on=date(2026, 11, 30))
    clock.move_to("2026-12-01 00:00")

    assert services.sweep() == 8
    assert [account(person)[0] for person in people] == [0] * 8


def test_a_clock_that_went_back_expires_nothing_twice(clock, member):
    earn(member, 5, expires_on=date(2026, 11, 30))
    clock.move_to("2026-12-01 00:00")
    services.sweep()
    clock.advance(days=-1)
    earn(member, 4, expires_on=date(2026, 11, 30))
    assert lots(member) == {"2026-11-30": 4}
    clock.advance(days=1)

    services.sweep()

    assert lines(member) == [("earn", 5, 5), ("expire", -5, 0), ("earn", 4, 4), ("expire", -4, 0)]


@pytest.mark.parametrize(
    ("earned", "last_day"),
    [
        ("2027-01-31 23:59:59", "2028-01-31"),
        ("2027-02-28 12:00", "2028-02-29"),
        ("2028-02-29 00:00", "2029-02-28"),
        ("2026-12-31 23:59:59", "2027-12-31"),
        ("2027-01-01 00:00", "2028-01-31"),
    ],
)
def test_twelve_months_to_the_month_s_end(clock, member, earned, last_day):
    clock.move_to(earned)

    earn(member, 5)

    assert lots(member) == {last_day: 5}


def notices():
    rows = Event.objects.filter(topic="points.expiring").order_by("id")
    return [(row.payload["days_before"], row.payload["points"], row.business_on.isoformat()) for row in rows]


def test_notices_are_given_30_7_and_1_days_before_once_each(clock, member):
    earn(member, 5, expires_on=date(2026, 12, 31))
    for _day in range(41):
        services.notify()
        services.notify()
        clock.advance(days=1)

    assert notices() == [(30, 5, "2026-12-01"), (7, 5, "2026-12-24"), (1, 5, "2026-12-30")]


def test_a_missed_day_is_made_up_for_and_a_spent_lot_stays_silent(clock, member):
    earn(member, 5, expires_on=date(2026, 12, 31))
    other = make_member()
    earn(other, 9, expires_on=date(2026, 12, 31))
    spend(other, 9)
    clock.move_to("2026-12-27 10:00")

    assert services.notify() == 1

    assert notices() == [(7, 5, "2026-12-27")]
    assert Event.objects.get().member_id == member.pk


def test_expiring_one_member_is_a_part_of_other_acts(clock, member):
    entry = earn(member, 5, expires_on=date(2026, 11, 30))
    earn(member, 7, expires_on=date(2026, 12, 31))
    clock.move_to("2026-12-01 00:00")

    back = act(services.reverse, member, entry_id=entry.id)

    assert lines(member)[2:] == [("expire", -5, 7), ("reverse", -5, 2)]
    assert allocations(back) == {"2026-12-31": -5}
