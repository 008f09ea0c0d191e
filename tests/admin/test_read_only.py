"""Ledgers and logs can't be written through the admin, by whatever request."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from core.admin.base import ModelAdmin, ReadOnlyAdmin
from core.audit import record
from core.models import AuditEntry, StaffUser


@pytest.fixture
def entry(staff: StaffUser) -> AuditEntry:
    return record(actor=staff, action="core.test", subject="thing:1", reason="because")


def test_every_admin_class_has_our_manners():
    strangers = [
        model for model, model_admin in admin.site._registry.items() if not isinstance(model_admin, ModelAdmin)
    ]

    assert strangers == []


def test_no_list_counts_its_whole_table():
    assert [each for each in admin.site._registry.values() if each.show_full_result_count] == []


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["add", "change", "delete"])
def test_a_post_to_a_ledger_is_refused(browser: Client, entry: AuditEntry, page: str):
    arguments = [] if page == "add" else [entry.pk]

    response = browser.post(
        reverse(f"admin:core_auditentry_{page}", args=arguments), {"reason": "other", "post": "yes"}
    )

    assert response.status_code == 403
    assert list(AuditEntry.objects.values_list("pk", "reason")) == [(entry.pk, "because")]


@pytest.mark.django_db
def test_nothing_is_added_to_any_read_only_table(browser: Client):
    for model, model_admin in admin.site._registry.items():
        if isinstance(model_admin, ReadOnlyAdmin):
            address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")
            assert browser.post(address, {}).status_code == 403, address


@pytest.mark.django_db
def test_deleting_by_the_list_does_not_exist(browser: Client, entry: AuditEntry):
    chosen = {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"}

    browser.post(reverse("admin:core_auditentry_changelist"), chosen)

    assert AuditEntry.objects.count() == 1


@pytest.mark.django_db
def test_list_of_fifty_costs_few_queries(browser: Client, staff: StaffUser, django_assert_max_num_queries):
    for number in range(60):
        record(actor=staff, action="core.test", subject=f"thing:{number}")

    with django_assert_max_num_queries(4):  # session, user, the page, and nothing a row
        response = browser.get(reverse("admin:core_auditentry_changelist"))

    assert response.status_code == 200
