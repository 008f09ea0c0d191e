"""Corrections by staff: a reason always, alone up to a daily sum, beyond it with a second person."""

import pytest
from django.contrib.auth.models import Permission

from core import approvals
from core import errors as core_errors
from core.models import Approval, AuditEntry, Event, StaffUser
from members.points import errors, services
from members.points.models import PointsEntry
from members.points.rules import Policy
from tests.factories.accounts import make_member
from tests.factories.points import account, earn, everything, lines, spend

pytestmark = pytest.mark.django_db


def staff(name, *permissions):
    user = StaffUser.objects.create_user(username=name, password="not-used-here-1", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


@pytest.fixture
def clerk(db):
    return staff("clerk", "adjust_points")


@pytest.fixture
def manager(db):
    return staff("manager", "approve_adjustment", "adjust_points")


def adjust(member, points, actor, reason="好评补偿"):
    return services.adjust(member=member, points=points, reason=reason, actor=actor)


def test_a_small_correction_is_made_at_once_and_leaves_a_trail(clock, member, clerk):
    done = adjust(member, 200, clerk)

    row = PointsEntry.objects.get(pk=done.entry.id)
    assert (row.kind, row.delta, row.label, row.source_kind) == ("adjust", 200, f"staff:{clerk.pk}", "points.adjust")
    audit = AuditEntry.objects.get()
    assert (audit.actor, audit.action, audit.subject) == (clerk, "points.adjust", f"member:{member.pk}")
    assert (audit.reason, audit.detail["points"]) == ("好评补偿", 200)
    assert Event.objects.get(topic="points.adjusted").payload == {"entry_id": row.pk, "points": 200}


def test_points_are_taken_as_far_as_they_are_there(clock, member, clerk):
    earn(member, 50)
    adjust(member, -20, clerk)
    before = everything()

    with pytest.raises(errors.Insufficient):
        adjust(member, -31, clerk)

    assert everything() == before
    assert lines(member) == [("earn", 50, 50), ("adjust", -20, 30)]


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_reason_is_needed(clock, member, clerk, reason):
    with pytest.raises(errors.ReasonRequired):
        adjust(member, 1, clerk, reason)

    assert lines(member) == []


def test_the_permission_is_needed(clock, member, db):
    with pytest.raises(core_errors.Forbidden):
        adjust(member, 1, staff("guest"))


@pytest.mark.parametrize("points", [0, 1_000_000_001])
def test_an_impossible_number(clock, member, clerk, points):
    with pytest.raises(errors.InvalidAmount):
        adjust(member, points, clerk)


def test_a_large_one_waits_for_a_second_person(clock, member, clerk, manager):
    asked = adjust(member, 5_001, clerk)

    assert (asked.entry, lines(member)) == (None, [])
    approval = Approval.objects.get(pk=asked.approval_id)
    assert (approval.maker, approval.payload) == (clerk, {"member_id": member.pk, "points": 5_001})
    approvals.decide(approval=approval, approver=manager, approve=True)
    assert lines(member) == [("adjust", 5_001, 5_001)]
    assert PointsEntry.objects.get().label == f"staff:{clerk.pk}"


def test_a_refused_one_changes_nothing(clock, member, clerk, manager):
    approval = Approval.objects.get(pk=adjust(member, 9_999, clerk).approval_id)

    approvals.decide(approval=approval, approver=manager, approve=False)

    assert lines(member) == []


def test_nobody_approves_their_own_and_nobody_without_the_right(clock, member, clerk, manager):
    approval = Approval.objects.get(pk=adjust(member, 9_999, manager).approval_id)

    with pytest.raises(approvals.SamePerson):
        approvals.decide(approval=approval, approver=manager, approve=True)
    with pytest.raises(approvals.NotAnApprover):
        approvals.decide(approval=approval, approver=clerk, approve=True)

    assert lines(member) == []


def test_it_is_decided_once(clock, member, clerk, manager):
    approval = Approval.objects.get(pk=adjust(member, 9_999, clerk).approval_id)
    approvals.decide(approval=approval, approver=manager, approve=True)

    with pytest.raises(approvals.AlreadyDecided):
        approvals.decide(approval=approval, approver=manager, approve=True)

    assert account(member) == (9_999, 0, 0, 1)


def test_small_ones_of_a_day_count_together_in_both_directions(clock, member, clerk, manager):
    adjust(member, 3_000, clerk)
    adjust(member, -2_000, manager)

    assert adjust(member, 1, clerk).entry is None

    clock.move_to("2026-11-23 00:00")
    assert adjust(member, 5_000, clerk).entry is not None


def test_one_clerk_s_day_counts_over_all_members(clock, member, clerk, db):
    services.set_policy(policy=Policy(adjust_alone=5_000, adjust_alone_staff=8_000), actor=None, reason="test")
    adjust(make_member(), 5_000, clerk)

    asked = adjust(member, 3_001, clerk)

    assert asked.entry is None
    assert adjust(member, 3_000, clerk).entry is not None  # what was asked for has not counted


def test_an_approved_one_does_not_count(clock, member, clerk, manager):
    approval = Approval.objects.get(pk=adjust(member, 9_999, clerk).approval_id)
    approvals.decide(approval=approval, approver=manager, approve=True)

    assert adjust(member, 5_000, clerk).entry is not None


def test_an_approval_that_can_not_be_done_stays_open(clock, member, clerk, manager):
    earn(member, 6_000)
    approval = Approval.objects.get(pk=adjust(member, -6_000, clerk).approval_id)
    spend(member, 1)

    with pytest.raises(errors.Insufficient):
        approvals.decide(approval=approval, approver=manager, approve=True)

    approval.refresh_from_db()
    assert approval.state == "open"
    assert account(member)[0] == 5_999
