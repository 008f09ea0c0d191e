"""What a person does in several journeys."""

from playwright.sync_api import Page

from core.demo import DEMO_PASSWORD, DEMO_STAFF


def sign_in(page: Page) -> None:
    """Sign in as the demo's staff member."""
    page.goto("/admin/login/?next=/admin/")
    page.fill("[name=username]", DEMO_STAFF)
    page.fill("[name=password]", DEMO_PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/admin/")
