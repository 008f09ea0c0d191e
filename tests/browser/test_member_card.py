"""A colleague at the counter finds a member by number and sees the card; closing an account asks why."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import sign_in

pytestmark = pytest.mark.browser
Shoot = Callable[[str], None]


def test_member_is_found_by_number(page: Page, shoot: Shoot):
    sign_in(page)
    page.goto("/admin/accounts/member/")
    shoot("members")
    number = page.locator("#result_list tbody tr").first.locator("a").first.inner_text()

    page.fill("[name=q]", number)
    page.press("[name=q]", "Enter")
    page.locator("#result_list tbody a").first.click()

    expect(page.get_by_text(number).first).to_be_visible()
    expect(page.get_by_role("heading", name="积分").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    shoot("member-card")


def test_closing_an_account_needs_a_reason_and_can_be_undone(page: Page, shoot: Shoot):
    sign_in(page)
    page.goto("/admin/accounts/member/")
    page.locator("#result_list tbody a").last.click()
    page.get_by_role("link", name="停用账号").click()
    page.get_by_role("button", name="停用账号").click()
    expect(page.locator("textarea[name=reason]:invalid")).to_have_count(1)

    page.fill("[name=reason]", "本人要求停用")
    shoot("member-close")
    page.get_by_role("button", name="停用账号").click()

    expect(page.get_by_role("link", name="恢复账号").or_(page.get_by_role("link", name="重新启用"))).to_be_visible()
    expect(page.get_by_text("本人要求停用").first).to_be_visible()
