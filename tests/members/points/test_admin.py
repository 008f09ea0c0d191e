"""The points in the admin: ledgers to look at, corrections and rules by acts with a reason."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from core.models import Approval, AuditEntry, StaffUser
from members.points import rules, services
from members.points.models import PointsEntry, PointsPolicy
from tests.factories.accounts import make_member
from tests.factories.points import account, earn, spend

pytestmark = pytest.mark.django_db
ADMIN = "/admin/points"


@pytest.fixture
def browser(db):
    """A client in which a superuser is signed in."""
    client = Client()
    client.force_login(StaffUser.objects.create_superuser(username="guanli", password="a-long-password"))
    return client


def adjust_url(member):
    return reverse("admin:points_pointsaccount_adjust", args=[member.pk])


def fill_in(browser, url, **data):
    """Open the page of an act, fill its form in and send it."""
    page = browser.get(url)
    assert page.status_code == 200
    return browser.post(url, {"act_key": page.context["key"], **data}, follow=True)


def test_an_adjustment_is_an_act_with_a_reason(browser, clock, member):
    earn(member, 50)

    answer = fill_in(browser, adjust_url(member), points="-20", reason="重复发放")

    assert "积分已调整。" in answer.content.decode()
    assert account(member)[0] == 30
    assert AuditEntry.objects.get().reason == "重复发放"


def test_sending_the_form_twice_adjusts_once(browser, clock, member):
    earn(member, 50)
    url = adjust_url(member)
    data = {"act_key": browser.get(url).context["key"], "points": "5", "reason": "补发"}

    for _ in range(2):
        browser.post(url, data)

    assert account(member)[0] == 55


def test_a_large_one_says_that_it_waits(browser, clock, member):
    earn(member, 50)

    answer = fill_in(browser, adjust_url(member), points="5001", reason="大额补发")

    assert "需要另一位同事审批" in answer.content.decode()
    assert (account(member)[0], Approval.objects.get().payload["points"]) == (50, 5001)


@pytest.mark.parametrize(("points", "reason"), [("0", "x"), ("-51", "x"), ("", "x"), ("5", "")])
def test_what_cannot_be_is_refused_on_the_page(browser, clock, member, points, reason):
    earn(member, 50)

    answer = fill_in(browser, adjust_url(member), points=points, reason=reason)

    assert answer.status_code == 200
    assert (account(member)[0], PointsEntry.objects.count()) == (50, 1)


def test_without_the_permission_there_is_no_page(clock, member):
    earn(member, 50)
    client = Client()
    client.force_login(StaffUser.objects.create_user(username="guest", password="a-long-password", is_staff=True))

    assert client.get(adjust_url(member)).status_code == 403


@pytest.mark.parametrize("table", ["pointsaccount", "pointsentry", "pointslot", "pointshold", "pointspending"])
def test_ledgers_are_never_written_by_a_form(browser, clock, member, table):
    earn(member, 50)

    assert browser.get(f"{ADMIN}/{table}/add/").status_code == 403
    assert browser.post(f"{ADMIN}/{table}/1/change/", {"balance": 9, "delta": 9}).status_code in {302, 403}
    assert browser.post(f"{ADMIN}/{table}/1/delete/", {"post": "yes"}).status_code in {302, 403}
    assert account(member) == (50, 0, 0, 1)


def test_an_account_shows_why_its_balance_is_what_it_is(browser, clock, member):
    earn(member, 3, expires_on=date(2026, 12, 31))
    earn(member, 4)
    spend(member, 5)

    page = browser.get(f"{ADMIN}/pointsaccount/{member.pk}/change/").content.decode()
    entry = browser.get(f"{ADMIN}/pointsentry/{PointsEntry.objects.get(seq=3).pk}/change/").content.decode()

    assert "2027-11-30: +2" in page
    assert "2026-12-31: -3" in entry
    assert "2027-11-30: -2" in entry


def test_new_rules_are_a_new_version(browser, clock):
    values = {name: str(getattr(rules.Policy(), name)) for name in (*_numbers(),)}

    answer = fill_in(
        browser, reverse("admin:points_pointspolicy_change_rules"),
        **{**values, "months": "6", "expiry_mode": "rolling_months", "reason": "缩短有效期",
           "caps": "daily: checkins.day = 100 cut"},
    )  # fmt: skip

    assert "新规则已生效。" in answer.content.decode()
    now = services.in_force()
    assert (now.months, now.caps) == (6, (rules.Cap("daily", ("checkins.day",), 100, rules.CapMode.CUT),))
    assert PointsPolicy.objects.filter(created_by__username="guanli").count() == 1


def test_rules_that_cannot_work_say_why(browser, clock):
    values = {name: str(getattr(rules.Policy(), name)) for name in (*_numbers(),)}

    answer = fill_in(
        browser, reverse("admin:points_pointspolicy_change_rules"),
        **{**values, "months": "0", "expiry_mode": "rolling_months", "reason": "x", "caps": ""},
    )  # fmt: skip

    assert "有效月数须为 1 到 120" in answer.content.decode()
    assert PointsPolicy.objects.count() == 0


def _numbers():
    from members.points.admin import NUMBERS

    return NUMBERS


@pytest.mark.parametrize(("table", "most"), [("pointsentry", 8), ("pointsaccount", 8), ("pointslot", 8)])
def test_a_list_costs_the_same_with_many_rows(browser, clock, db, table, most, django_assert_max_num_queries):
    for number in range(15):
        earn(make_member(), number + 1)
    browser.get(f"{ADMIN}/{table}/")

    with django_assert_max_num_queries(most):
        assert browser.get(f"{ADMIN}/{table}/").status_code == 200
