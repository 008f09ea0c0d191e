"""The first look: signing in shows the dashboard, in Chinese, at a desk and on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import sign_in

pytestmark = pytest.mark.browser


def test_sign_in_shows_the_dashboard(page: Page, shoot: Callable[[str], None]):
    page.goto("/admin/")
    shoot("sign-in")

    sign_in(page)

    expect(page.get_by_role("heading", name="数据看板")).to_be_visible()
    page.wait_for_load_state("networkidle")
    shoot("dashboard")


def test_language_switch_stays(page: Page, shoot: Callable[[str], None]):
    sign_in(page)

    page.locator("#nav-sidebar-inner").get_by_text("unfold_more").click()
    page.get_by_role("button", name="English").click()

    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    shoot("dashboard-english")
    page.locator("#nav-sidebar-inner").get_by_text("unfold_more").click()
    page.get_by_role("button", name="简体中文").click()
    expect(page.get_by_role("heading", name="数据看板")).to_be_visible()


def test_wrong_password_is_refused_kindly(page: Page):
    page.goto("/admin/login/")

    page.fill("[name=username]", "nobody")
    page.fill("[name=password]", "wrong")
    page.get_by_role("button", name="登录").click()

    expect(page.get_by_text("请输入一个正确的")).to_be_visible()
