"""A second person decides: through the page, with a reason, once."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import reverse

from core import approvals
from core.commands import scope
from core.models import Approval, AuditEntry, StaffUser

pytestmark = pytest.mark.django_db
Page = Callable[[Approval, str], str]


@pytest.fixture
def done() -> Iterator[list[int]]:
    """The approvals whose act was done."""
    acted: list[int] = []
    kind = approvals.ApprovalKind("加大预算", "core.change_staffuser", lambda approval: acted.append(approval.pk))
    approvals.kinds.register("test.budget", kind)
    yield acted
    approvals.kinds.unregister("test.budget")


@pytest.fixture
def approval(done: list[int], colleague: StaffUser) -> Approval:
    with scope():
        return approvals.ask(
            kind="test.budget", subject="budget:1", payload={"fen": 5000}, reason="双十一", maker=colleague
        )


def address(approval: Approval, act: str) -> str:
    return reverse(f"admin:core_approval_{act}", args=[approval.pk])


def submit(browser: Client, url: str, *, key: str = "k1", reason: str = "可以") -> str:
    response = browser.post(url, {"act_key": key, "reason": reason}, follow=True)
    return response.content.decode()


def test_approving_does_the_act(browser: Client, approval: Approval, done: list[int], staff: StaffUser):
    text = submit(browser, address(approval, "approve"))

    approval.refresh_from_db()
    assert (approval.state, approval.approver, done) == ("approved", staff, [approval.pk])
    assert "已通过并执行" in text
    assert AuditEntry.objects.get().reason == "可以"


def test_refusing_does_nothing(browser: Client, approval: Approval, done: list[int]):
    submit(browser, address(approval, "refuse"))

    approval.refresh_from_db()
    assert (approval.state, done) == ("refused", [])


def test_no_reason_no_decision(browser: Client, approval: Approval, done: list[int]):
    text = submit(browser, address(approval, "approve"), reason="  ")

    approval.refresh_from_db()
    assert (approval.state, done) == ("open", [])
    assert "该字段是必填项" in text


def test_double_click_acts_once_and_says_so_once(browser: Client, approval: Approval, done: list[int]):
    first = submit(browser, address(approval, "approve"), key="same")
    second = submit(browser, address(approval, "approve"), key="same")

    assert done == [approval.pk]
    assert "已通过并执行" in first
    assert "已通过并执行" in second


def test_decided_before_is_said_in_words(browser: Client, approval: Approval, done: list[int]):
    submit(browser, address(approval, "refuse"), key="one")

    text = submit(browser, address(approval, "approve"), key="two")

    assert "这项申请已经处理过了" in text
    assert done == []


def test_maker_cannot_decide(colleague: StaffUser, approval: Approval, done: list[int]):
    maker = Client()
    maker.force_login(colleague)

    page = maker.get(reverse("admin:core_approval_change", args=[approval.pk])).content.decode()
    text = submit(maker, address(approval, "approve"))

    approval.refresh_from_db()
    assert address(approval, "approve") not in page
    assert "需要另一个人来审批" in text
    assert (approval.state, done, AuditEntry.objects.count()) == ("open", [], 0)


def test_page_shows_what_is_asked_and_the_buttons(browser: Client, approval: Approval):
    page = browser.get(reverse("admin:core_approval_change", args=[approval.pk])).content.decode()

    assert "5000" in page
    assert address(approval, "approve") in page
    assert address(approval, "refuse") in page
