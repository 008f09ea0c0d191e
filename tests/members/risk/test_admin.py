"""Staff set limits, keep the list with reasons, and look at decisions; few queries a page."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core import clock as product_clock
from core.admin.pages import page_url
from core.models import AuditEntry, StaffUser
from members.risk.models import BlockEntry, RiskDecision, RiskPolicy
from tests.factories.accounts import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(StaffUser.objects.create_superuser("boss"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_member_is_listed_and_lifted_with_reasons(staff: Client) -> None:
    member = make_member()
    form = {"kind": "member", "value": member.member_no, "decision": "refuse", "reason": "farm", "act_key": "key-1"}

    listed = staff.post(page_url("risk-block"), form)
    entry = BlockEntry.objects.get()
    lifted = staff.post(reverse("admin:risk_blockentry_lift", args=[entry.pk]), {"reason": "sorry", "act_key": "key-2"})

    assert (listed.status_code, lifted.status_code) == (302, 302)
    assert (entry.member, entry.decision, entry.reason) == (member, "refuse", "farm")
    assert not BlockEntry.objects.exists()
    assert [each.action for each in AuditEntry.objects.order_by("id")] == ["risk.block", "risk.unblock"]


def test_a_limit_is_set_by_a_form(staff: Client) -> None:
    form = {"act": "*", "scope": "member", "measure": "acts", "most": 5, "seconds": 60, "decision": "refuse"}

    assert staff.post(reverse("admin:risk_riskpolicy_add"), form | {"is_active": "on"}).status_code == 302
    assert staff.post(reverse("admin:risk_riskpolicy_add"), form | {"act": "a.b", "most": 0}).status_code == 200

    assert RiskPolicy.objects.get().most == 5


def test_decisions_are_only_to_look_at_with_few_queries(staff: Client, django_assert_max_num_queries: Any) -> None:
    for _ in range(5):
        RiskDecision.objects.create(
            member=make_member(), act="a.b", decision="hold", reasons=["listed.device"], at=product_clock.now()
        )
    row = RiskDecision.objects.first()
    assert row is not None

    with django_assert_max_num_queries(6):
        page = staff.get(reverse("admin:risk_riskdecision_changelist"))

    assert page.status_code == 200
    assert "listed.device" in page.content.decode()
    assert staff.get(reverse("admin:risk_riskdecision_change", args=[row.pk])).status_code == 200
    assert staff.post(reverse("admin:risk_riskdecision_delete", args=[row.pk])).status_code == 403
