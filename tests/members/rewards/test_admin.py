"""Grants and budgets are only to look at, with few queries a page."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.commands import scope
from core.models import StaffUser
from members.rewards import services
from members.rewards.models import Budget, Grant
from tests.factories.accounts import make_member
from tests.factories.rewards import pebble_spec, pebbles, source_of

pytestmark = pytest.mark.django_db


def test_the_pages_show_and_change_nothing(client: Client, django_assert_max_num_queries: Any) -> None:
    client.force_login(StaffUser.objects.create_superuser("boss"), backend="django.contrib.auth.backends.ModelBackend")
    with pebbles(), scope():
        services.set_budget(budget="b", fen=123_456)
        for number in range(5):
            member = make_member()
            services.grant(member_id=member.pk, spec=pebble_spec(), source=source_of(f"k{number}"), budget="b")
    grant, budget = Grant.objects.latest("pk"), Budget.objects.get()

    with django_assert_max_num_queries(6):
        grants = client.get(reverse("admin:rewards_grant_changelist"))
    left = client.get(reverse("admin:rewards_budget_change", args=[budget.pk]))

    assert "¥3.00" in grants.content.decode()
    assert "¥1,219.56" in left.content.decode()
    assert client.get(reverse("admin:rewards_grant_change", args=[grant.pk])).status_code == 200
    assert client.post(reverse("admin:rewards_grant_change", args=[grant.pk]), {"amount": 9}).status_code == 403
    assert client.post(reverse("admin:rewards_grant_delete", args=[grant.pk])).status_code == 403
    assert Grant.objects.filter(amount=3).count() == 5
