"""Staff sign-in: too many wrong passwords lock it, a colleague opens it; nobody makes himself more powerful."""

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from core.models import AuditEntry, StaffUser

pytestmark = pytest.mark.django_db


def sign_in(password: str) -> tuple[int, str]:
    response = Client().post("/admin/login/", {"username": "tongshi", "password": password})
    return response.status_code, response.content.decode()


def lock() -> AccessAttempt:
    for _attempt in range(5):
        sign_in("wrong")
    return AccessAttempt.objects.get(username="tongshi")


def test_right_password_opens(colleague: StaffUser):
    assert sign_in("a-long-password")[0] == 302


def test_five_wrong_passwords_lock_the_right_one_out(colleague: StaffUser):
    lock()

    status, text = sign_in("a-long-password")

    assert status == 429
    assert "登录已锁定" in text


def test_lock_opens_by_itself(colleague: StaffUser, clock):
    lock()

    clock.advance(minutes=16)

    assert sign_in("a-long-password")[0] == 302


def test_colleague_unlocks_with_a_reason(colleague: StaffUser, browser: Client):
    attempt = lock()

    browser.post(
        reverse("admin:axes_accessattempt_unlock", args=[attempt.pk]), {"act_key": "k1", "reason": "本人来电确认"}
    )

    assert sign_in("a-long-password")[0] == 302
    assert list(AuditEntry.objects.values_list("action", "reason")) == [("staff.unlock", "本人来电确认")]


@pytest.fixture
def clerk(db: None) -> Client:
    """Somebody who may look after accounts, but is no superuser."""
    user = StaffUser.objects.create_user("dianyuan", password="a-long-password", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["change_staffuser", "view_staffuser"]))
    client = Client()
    client.force_login(user)
    return client


def test_clerk_cannot_become_a_superuser(clerk: Client):
    me = StaffUser.objects.get(username="dianyuan")
    Group.objects.create(name="老板")

    clerk.post(
        reverse("admin:core_staffuser_change", args=[me.pk]),
        {"username": "dianyuan", "language": "zh-hans", "is_active": "on", "is_staff": "on", "is_superuser": "on",
         "groups": [Group.objects.get().pk], "date_joined_0": "2026-01-01", "date_joined_1": "00:00"},
    )  # fmt: skip

    me.refresh_from_db()
    assert (me.is_superuser, me.groups.count()) == (False, 0)


def test_clerk_cannot_change_a_superuser(clerk: Client, colleague: StaffUser):
    response = clerk.post(reverse("admin:core_staffuser_change", args=[colleague.pk]), {"username": "mine"})

    colleague.refresh_from_db()
    assert (response.status_code, colleague.username) == (403, "tongshi")


def test_clerk_sees_only_what_is_allowed(clerk: Client):
    page = clerk.get("/admin/").content.decode()

    assert reverse("admin:core_staffuser_changelist") in page
    assert reverse("admin:core_auditentry_changelist") not in page
    refused = clerk.get(reverse("admin:core_auditentry_changelist"))
    assert (refused.status_code, "没有权限" in refused.content.decode()) == (403, True)


def test_permissions_are_named_in_chinese(browser: Client):
    page = browser.get(reverse("admin:auth_group_add")).content.decode()

    assert "系统 · 修改员工账号" in page
    assert "Can change" not in page
