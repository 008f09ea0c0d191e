"""Pending points: outside the balance until their day, then one entry, once; called off before that."""

from datetime import date

import pytest

from core.clock import now
from core.commands import scope
from members.points import errors, services
from members.points.models import PointsPending
from members.points.rules import Cap, CapMode, Policy
from tests.factories.points import account, act, earn, everything, lines, lots

pytestmark = pytest.mark.django_db
SOURCE = {"source_kind": "shop.order", "source_key": "7"}


def promise(member, points=30, due_on=date(2026, 11, 29), **arguments):
    return act(services.add_pending, member, points=points, due_on=due_on, label="order:7", **{**SOURCE, **arguments})


def cancel(member):
    with scope():
        services.cancel_pending(member_id=member.pk, at=now(), **SOURCE)


def test_pending_points_are_no_balance(clock, member):
    promise(member)

    assert account(member) == (0, 0, 0, 0)
    assert lines(member) == []


def test_they_arrive_on_their_day_once(clock, member):
    promise(member)
    clock.move_to("2026-11-28 23:59:59")
    assert services.sweep_pending() == 0
    clock.move_to("2026-11-29 00:00")

    assert [services.sweep_pending() for _ in range(3)] == [1, 0, 0]

    row = PointsPending.objects.values_list("state", "entry__source_key", "entry__label").get()
    assert row == ("settled", "7", "order:7")
    assert (account(member), lots(member)) == ((30, 0, 0, 1), {"2027-11-30": 30})


def test_a_settled_one_does_not_settle_again(clock, member):
    pending = promise(member)
    clock.move_to("2026-11-29 00:00")
    services.sweep_pending()
    before = everything()

    with pytest.raises(errors.PendingEnded):
        services.settle(pending_id=pending.id)

    assert everything() == before


def test_they_are_called_off_before_they_arrive(clock, member):
    promise(member)

    assert act(services.withdraw, member, **SOURCE) is None

    clock.move_to("2026-12-29 00:00")
    assert services.sweep_pending() == 0
    assert PointsPending.objects.get().state == "cancelled"


def test_and_reversed_afterwards(clock, member):
    promise(member)
    clock.move_to("2026-11-29 00:00")
    services.sweep_pending()

    act(services.withdraw, member, **SOURCE)

    assert lines(member) == [("earn", 30, 30), ("reverse", -30, 0)]


def test_calling_off_what_is_not_there(clock, member):
    with pytest.raises(errors.PendingNotFound):
        cancel(member)


def test_a_source_is_promised_once_and_not_after_it_was_earned(clock, member):
    promise(member)
    earn(member, 5, source_kind="shop.order", source_key="8")
    before = everything()

    for key in ("7", "8"):
        with pytest.raises(errors.AlreadyRecorded):
            promise(member, source_key=key)

    assert everything() == before


def test_a_source_booked_directly_calls_its_pending_off(clock, member):
    promise(member)
    earn(member, 30, **SOURCE)
    clock.move_to("2026-11-29 00:00")

    services.sweep_pending()

    assert PointsPending.objects.get().state == "cancelled"
    assert account(member)[0] == 30


def test_the_cap_of_the_day_of_the_act_counts(clock, member):
    cap = Cap("shop", ("shop.order",), 40, CapMode.CUT)
    services.set_policy(policy=Policy(caps=(cap,)), actor=None, reason="test")

    given = [promise(member, source_key=key) for key in ("1", "2", "3")]

    assert [(each.points, each.cut_from) for each in given] == [(30, None), (10, 30), (0, 30)]
    clock.move_to("2026-11-29 00:00")
    services.sweep_pending()
    assert account(member)[0] == 40


def test_a_given_last_day_that_passed_while_waiting_is_the_day_of_arrival(clock, member):
    promise(member, expires_on=date(2026, 11, 25))
    clock.move_to("2026-11-29 00:00")

    services.sweep_pending()

    assert lots(member) == {"2026-11-29": 30}
