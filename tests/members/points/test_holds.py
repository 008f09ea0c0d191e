"""Holds: set aside, then captured (also partly), released or expired, once."""

from datetime import date, timedelta

import pytest

from members.points import errors, services
from members.points.models import PointsHold
from tests.factories.points import account, act, allocations, earn, everything, lines, lots, spend

pytestmark = pytest.mark.django_db
SOURCE = {"source_kind": "test.order", "source_key": "o-1"}


@pytest.fixture
def saver(member, clock):
    """A member with 3 points until the end of 2026 and 4 until the end of January."""
    earn(member, 3, expires_on=date(2026, 12, 31))
    earn(member, 4, expires_on=date(2027, 1, 31))
    return member


def hold(member, points, clock, minutes=30, **source):
    due_at = clock.now + timedelta(minutes=minutes)
    return act(services.hold, member, points=points, label="order:o-1", due_at=due_at, **{**SOURCE, **source})


def test_held_points_leave_the_balance_and_their_lots(saver, clock):
    held = hold(saver, 5, clock)

    assert account(saver) == (2, 0, 5, 3)
    assert lots(saver) == {"2027-01-31": 2}
    assert lines(saver)[-1] == ("hold", -5, 2)
    assert (held.points, held.captured, held.state) == (5, 0, "open")


def test_a_capture_writes_no_entry(saver, clock):
    hold(saver, 5, clock)

    ended = act(services.capture, saver, **SOURCE)

    assert (ended.state, ended.captured) == ("captured", 5)
    assert account(saver) == (2, 0, 0, 3)
    assert len(lines(saver)) == 3


def test_a_part_is_captured_from_what_expires_first_and_the_rest_returns(saver, clock):
    hold(saver, 5, clock)

    ended = act(services.capture, saver, points=1, **SOURCE)

    assert ended.captured == 1
    assert account(saver) == (6, 0, 0, 4)
    assert lots(saver) == {"2026-12-31": 2, "2027-01-31": 4}
    assert lines(saver)[-1] == ("release", 4, 6)


def test_a_release_returns_everything(saver, clock):
    hold(saver, 5, clock)

    assert act(services.release, saver, **SOURCE).state == "released"
    assert (account(saver), lots(saver)) == ((7, 0, 0, 4), {"2026-12-31": 3, "2027-01-31": 4})


def test_a_release_repays_debt_first(saver, clock):
    hold(saver, 7, clock)
    act(services.reverse, saver, entry_id=saver.points_entries.get(seq=1).pk)
    assert account(saver)[:3] == (0, 3, 7)

    act(services.release, saver, **SOURCE)

    assert account(saver)[:3] == (4, 0, 0)
    assert lots(saver) == {"2027-01-31": 4}


def test_a_hold_ends_by_itself(saver, clock):
    hold(saver, 5, clock)
    assert services.sweep_holds() == 0
    clock.advance(minutes=30)

    assert [services.sweep_holds() for _ in range(3)] == [1, 0, 0]

    assert account(saver) == (7, 0, 0, 4)
    assert PointsHold.objects.get().state == "expired"


def test_what_was_held_past_its_last_day_stays_usable_for_a_week(saver, clock):
    clock.move_to("2026-12-31 23:50")
    hold(saver, 5, clock)
    clock.move_to("2027-01-01 00:20")
    services.sweep()

    services.sweep_holds()

    assert lots(saver) == {"2027-01-08": 3, "2027-01-31": 4}


@pytest.mark.parametrize("first", ["capture", "release"])
@pytest.mark.parametrize("second", ["capture", "release"])
def test_a_hold_ends_once(saver, clock, first, second):
    hold(saver, 5, clock)
    act(getattr(services, first), saver, **SOURCE)
    before = everything()

    with pytest.raises(errors.HoldEnded):
        act(getattr(services, second), saver, **SOURCE)

    assert everything() == before


@pytest.mark.parametrize(
    ("points", "refusal"), [(6, errors.CaptureTooLarge), (0, errors.InvalidAmount), (-1, errors.InvalidAmount)]
)
def test_no_more_than_was_held_is_captured(saver, clock, points, refusal):
    hold(saver, 5, clock)
    before = everything()

    with pytest.raises(refusal):
        act(services.capture, saver, points=points, **SOURCE)

    assert everything() == before


def test_a_captured_hold_can_be_refunded_once(saver, clock):
    held = hold(saver, 5, clock)
    act(services.capture, saver, points=4, **SOURCE)

    back = act(services.reverse_source, saver, **SOURCE)

    assert (back.delta, allocations(back)) == (4, {"2026-12-31": 3, "2027-01-31": 1})
    assert lots(saver) == {"2026-12-31": 3, "2027-01-31": 4}
    with pytest.raises(errors.AlreadyReversed):
        act(services.reverse, saver, entry_id=held.entry_id)


@pytest.mark.parametrize("end", [None, "release"])
def test_a_hold_that_used_nothing_is_not_refunded(saver, clock, end):
    hold(saver, 5, clock)
    if end:
        act(services.release, saver, **SOURCE)

    with pytest.raises(errors.NotReversible):
        act(services.reverse_source, saver, **SOURCE)


def test_more_than_there_is_is_not_held(saver, clock):
    before = everything()

    with pytest.raises(errors.Insufficient):
        hold(saver, 8, clock)

    assert everything() == before


def test_one_source_holds_once(saver, clock):
    hold(saver, 2, clock)
    before = everything()

    with pytest.raises(errors.AlreadyRecorded):
        hold(saver, 2, clock)

    assert everything() == before


def test_a_spending_cannot_use_what_is_held(saver, clock):
    hold(saver, 5, clock)

    with pytest.raises(errors.Insufficient):
        spend(saver, 3)
    spend(saver, 2)
    assert account(saver)[:3] == (0, 0, 5)


def test_an_unknown_hold_is_not_found(saver):
    with pytest.raises(errors.HoldNotFound):
        act(services.release, saver, **SOURCE)
