"""Every page of the admin, with demo data, speaks Chinese; new slices are covered as soon as they are registered."""

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from core.models import StaffUser
from tests.admin.crawl import Page, crawl, foreign_words, untranslated

NAMES = {"demo", "guanli", "tongshi", "cindy", "may", "unknown"}  # of staff, of demo members, of a test's browser


@pytest.fixture
def demo_data(db: None) -> None:
    """What ``make run`` fills in."""
    call_command("seed_demo", verbosity=0)


@pytest.mark.usefixtures("demo_data")
def test_every_page_is_in_chinese(browser: Client):
    pages = dict(crawl(browser))

    faults = {text: address for address, page in pages.items() for text in untranslated(page, NAMES)}

    assert faults == {}
    assert len(pages) > len(admin.site._registry)


@pytest.mark.usefixtures("demo_data")
def test_refusals_of_empty_forms_are_in_chinese(browser: Client):
    faults: dict[str, str] = {}
    for model in admin.site._registry:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")
        response = browser.post(address, {})
        if response.status_code == 200:
            faults |= dict.fromkeys(untranslated(Page(response.content.decode(), address), NAMES), address)

    assert faults == {}


def test_sign_in_page_is_in_chinese_and_says_why_not(client: Client, db: None):
    response = client.post("/admin/login/", {"username": "nobody", "password": "wrong"})

    page = Page(response.content.decode(), "/admin/login/")
    assert untranslated(page, set()) == []
    assert any("密码" in text for text in page.texts)


def test_language_of_the_person_decides(browser: Client, staff: StaffUser):
    staff.language = "en"
    staff.save()

    page = Page(browser.get("/admin/").content.decode(), "/admin/")

    assert "Dashboard" in page.texts


@pytest.mark.parametrize("text", ["Save changes", "保存 changes", "Yes"])
def test_crawl_notices_english(text: str):
    page = Page(f"<p>好</p><p>{text}</p><i class='material-symbols-outlined'>home</i>", "/admin/")

    assert untranslated(page, set()) == [text]


@pytest.mark.parametrize(
    "text", ["checkins.checked_in/1", "staff:7", "Asia/Shanghai", "https://a.example/b", "导出 CSV"]
)
def test_crawl_allows_what_is_the_same_in_chinese(text: str):
    assert foreign_words(text, set()) == []
