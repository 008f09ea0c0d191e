"""Stores and insiders: codes, links, and who learns of them."""

import pytest
from django.urls import reverse

from core.commands import scope
from core.models import AuditEntry, StaffUser
from members.stores import contract, errors, selectors, services
from members.stores.models import StaffMember, Store, StoreStaff
from tests.admin.conftest import browser, staff  # noqa: F401 - fixtures
from tests.factories.accounts import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return StaffUser.objects.create_user("guide")


@pytest.fixture
def told():
    """What the registered parts hear."""
    heard = []
    contract.insider_changed.register("test", lambda member_id, is_insider: heard.append((member_id, is_insider)))
    yield heard
    contract.insider_changed.unregister("test")


def test_a_store_keeps_its_code_in_capitals():
    store = services.save_store(store=Store(code=" hz01 ", name="龙井路店"))

    assert store.code == "HZ01"
    assert AuditEntry.objects.get(action="stores.save").subject == f"store:{store.pk}"


@pytest.mark.parametrize("code", ["", "-A", "龙井", "A" * 17, "A B"])
def test_a_code_that_no_file_could_carry_is_refused(code):
    with pytest.raises(errors.InvalidStoreCode):
        services.save_store(store=Store(code=code, name="店"))

    assert not Store.objects.exists()


def test_two_stores_have_two_codes():
    services.save_store(store=Store(code="A", name="一"))
    with pytest.raises(errors.CodeTaken):
        services.save_store(store=Store(code="a", name="二"))

    assert Store.objects.get().name == "一"


def test_an_insider_is_linked_once(user, told):
    member = make_member()
    services.link_insider(user=user, member=member)
    for other in (
        {"user": user, "member": make_member()},
        {"user": StaffUser.objects.create_user("b"), "member": member},
    ):
        with pytest.raises(errors.AlreadyInsider):
            services.link_insider(**other)

    assert (selectors.is_insider(member.pk), selectors.insider_ids()) == (True, {member.pk})
    assert told == [(member.pk, True)]


def test_an_insider_is_found_by_number_and_unlinked(user, told):
    member = make_member()
    assert member.member_no is not None
    number = f"{member.member_no[:4]} {member.member_no[4:]}"
    link = services.link_by_number(user=user, member_no=number)
    services.unlink_insider(link=link, reason="left")

    assert not selectors.is_insider(member.pk)
    assert told == [(member.pk, True), (member.pk, False)]


def test_nobody_has_this_number(user):
    with pytest.raises(errors.NoSuchMember):
        services.link_by_number(user=user, member_no="000000000000")

    assert not StaffMember.objects.exists()


def test_staff_of_a_store_come_and_go(user):
    store = services.save_store(store=Store(code="A", name="一"))

    assert services.toggle_staff(store=store, user=user)
    assert StoreStaff.objects.get().user == user
    assert not services.toggle_staff(store=store, user=user)
    assert not StoreStaff.objects.exists()


@pytest.mark.parametrize("both", [False, True])
def test_a_merge_keeps_one_insider(user, told, both):
    source, target = make_member(), make_member()
    services.link_insider(user=user, member=source)
    if both:
        services.link_insider(user=StaffUser.objects.create_user("b"), member=target)
    with scope():
        services.StaffMemberData.merge(source_id=source.pk, target_id=target.pk)

    assert selectors.insider_ids() == {target.pk}
    assert told[-1] == (target.pk, True)


def test_export_and_erasure(user):
    member = make_member()
    services.link_insider(user=user, member=member)
    assert services.StaffMemberData.export(member.pk) == {"is_staff_account": True}
    with scope():
        services.StaffMemberData.erase(member.pk)

    assert services.StaffMemberData.export(member.pk) == {"is_staff_account": False}


def test_the_admin_adds_and_changes_a_store(browser):  # noqa: F811
    answer = browser.post(reverse("admin:stores_store_add_store"), {"code": "hz1", "name": "店", "act_key": "k1"})
    store = Store.objects.get()
    changed = browser.post(
        reverse("admin:stores_store_edit_store", args=[store.pk]), {"code": "HZ2", "name": "新店", "act_key": "k2"}
    )
    store.refresh_from_db()

    assert (answer.status_code, changed.status_code, store.code, store.name) == (302, 302, "HZ2", "新店")


def test_the_admin_links_and_unlinks_an_insider(browser, user):  # noqa: F811
    member = make_member()
    browser.post(
        reverse("admin:stores_staffmember_link"), {"user": user.pk, "member_no": member.member_no, "act_key": "k1"}
    )
    link = StaffMember.objects.get(user=user, member=member)
    browser.post(reverse("admin:stores_staffmember_unlink", args=[link.pk]), {"reason": "离职", "act_key": "k2"})

    assert not StaffMember.objects.exists()
    assert AuditEntry.objects.get(action="stores.unlink_insider").reason == "离职"
