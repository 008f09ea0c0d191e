"""Two people, one decision, one act."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction

from core import approvals, errors
from core.commands import scope
from core.models import Approval, AuditEntry, StaffUser

pytestmark = pytest.mark.django_db
PERMISSION = "core.change_approval"


def person(name: str, *, may_decide: bool = True) -> StaffUser:
    user = StaffUser.objects.create_user(name, is_staff=True)
    if may_decide:
        user.user_permissions.add(Permission.objects.get(content_type__app_label="core", codename="change_approval"))
    return user


@pytest.fixture
def done() -> Iterator[list[dict[str, Any]]]:
    """What approved acts of kind ``test.gift`` did."""
    acts: list[dict[str, Any]] = []
    kind = approvals.ApprovalKind("gift", PERMISSION, lambda approval: acts.append(approval.payload))
    approvals.kinds.register("test.gift", kind)
    yield acts
    approvals.kinds.unregister("test.gift")


def ask(maker: StaffUser, payload: dict[str, Any] | None = None) -> Approval:
    with scope():
        return approvals.ask(
            kind="test.gift", subject="member:1", payload=payload or {"points": 9}, reason="goodwill", maker=maker
        )


def test_an_approved_act_is_done_once(done: list[dict[str, Any]]) -> None:
    maker, approver = person("maker"), person("approver")
    approval = ask(maker)

    approvals.decide(approval=approval, approver=approver, approve=True, reason="fine")

    assert done == [{"points": 9}]
    approval.refresh_from_db()
    assert (approval.state, approval.approver) == ("approved", approver)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.subject, entry.reason) == (
        "approval.approved", approver, "member:1", "fine",
    )  # fmt: skip


def test_a_refused_act_is_not_done(done: list[dict[str, Any]]) -> None:
    approval = ask(person("maker"))

    approvals.decide(approval=approval, approver=person("approver"), approve=False)

    assert done == []
    assert Approval.objects.get().state == "refused"


def test_the_maker_cannot_decide(done: list[dict[str, Any]]) -> None:
    maker = person("maker")
    approval = ask(maker)

    with pytest.raises(approvals.SamePerson):
        approvals.decide(approval=approval, approver=maker, approve=True)
    with pytest.raises(IntegrityError), transaction.atomic():  # nor behind the service's back
        Approval.objects.update(approver=maker, decided_at="2026-11-22T00:00Z", state="approved")

    assert (done, Approval.objects.get().state) == ([], "open")


def test_deciding_needs_the_permission_of_the_kind(done: list[dict[str, Any]]) -> None:
    approval = ask(person("maker"))

    with pytest.raises(approvals.NotAnApprover):
        approvals.decide(approval=approval, approver=person("other", may_decide=False), approve=True)

    assert (done, Approval.objects.get().state) == ([], "open")


def test_what_is_decided_stays_decided(done: list[dict[str, Any]]) -> None:
    approval = ask(person("maker"))
    approvals.decide(approval=approval, approver=person("one"), approve=False)

    with pytest.raises(approvals.AlreadyDecided):
        approvals.decide(approval=approval, approver=person("two"), approve=True)

    assert (done, Approval.objects.get().state) == ([], "refused")


def test_what_is_approved_is_what_was_asked(done: list[dict[str, Any]]) -> None:
    approval = ask(person("maker"))
    Approval.objects.update(payload={"points": 900_000})

    with pytest.raises(errors.InvalidRequest):
        approvals.decide(approval=approval, approver=person("approver"), approve=True)

    assert (done, Approval.objects.get().state) == ([], "open")


def test_an_act_that_fails_leaves_the_request_open() -> None:
    def fail(approval: Approval) -> None:
        raise errors.OutOfStock

    approvals.kinds.register("test.gift", approvals.ApprovalKind("gift", PERMISSION, fail))
    approval = ask(person("maker"))

    with pytest.raises(errors.OutOfStock):
        approvals.decide(approval=approval, approver=person("approver"), approve=True)
    approvals.kinds.unregister("test.gift")

    assert Approval.objects.get().state == "open"
    assert not AuditEntry.objects.exists()


def test_the_same_request_is_open_only_once(done: list[dict[str, Any]]) -> None:
    maker = person("maker")
    ask(maker)

    with pytest.raises(approvals.AlreadyAsked):
        ask(maker)
    ask(maker, {"points": 10})

    assert Approval.objects.count() == 2


def test_a_kind_must_be_known() -> None:
    with pytest.raises(KeyError, match="no approval kind"), scope():
        approvals.ask(kind="test.none", subject="s", payload={}, reason="", maker=person("maker"))
