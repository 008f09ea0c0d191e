"""A marketer makes a check-in from a template, is told what stands against publishing, mends it, and publishes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from core import clock
from tests.browser.steps import sign_in

pytestmark = pytest.mark.browser
Shoot = Callable[[str], None]


def test_from_template_to_published(page: Page, shoot: Shoot):
    sign_in(page)

    make_a_draft(page, shoot, name="新年签到")
    is_refused_with_reasons(page, shoot)
    move_to_free_weeks(page)
    publish(page, shoot)

    expect(page.get_by_text("活动已发布")).to_be_visible()
    expect(page.locator("#main").get_by_text("待开始").first).to_be_visible()


def make_a_draft(page: Page, shoot: Shoot, *, name: str) -> None:
    page.goto("/admin/campaigns/campaign/")
    page.locator("a[href$='/campaign/add/']").first.click()
    page.fill("[name=name]", name)
    shoot("campaign-templates")
    page.get_by_role("button", name="创建草稿").click()
    expect(page.get_by_text("草稿已创建")).to_be_visible()


def is_refused_with_reasons(page: Page, shoot: Shoot) -> None:
    page.get_by_role("link", name="发布").click()
    expect(page.get_by_text("活动还不能发布")).to_be_visible()
    expect(page.locator("#checklist").get_by_text("七天签到")).to_be_visible()
    shoot("campaign-refused")


def move_to_free_weeks(page: Page) -> None:
    """The demo's check-in runs for weeks: begin half a year later."""
    begin = clock.today() + timedelta(days=180)
    page.get_by_label("开始时间").fill(f"{begin}T00:00")
    page.get_by_label("结束时间").fill(f"{begin + timedelta(days=28)}T00:00")
    page.get_by_role("button", name="保存并检查").click()
    expect(page.locator("#checklist").get_by_text("需处理")).to_have_count(0)


def publish(page: Page, shoot: Shoot) -> None:
    page.get_by_role("link", name="发布").click()
    expect(page.get_by_role("button", name="发布")).to_be_visible()
    shoot("campaign-publish")
    page.get_by_role("button", name="发布").click()
    page.wait_for_load_state("networkidle")
    shoot("campaign-published")


def test_rules_page_is_readable(page: Page, shoot: Shoot):
    sign_in(page)

    page.goto("/admin/campaigns/campaign/")
    page.get_by_role("link", name="七天签到").click()
    page.get_by_role("link", name="规则页").click()

    expect(page.get_by_text("七天签到").first).to_be_visible()
    shoot("campaign-rules")
