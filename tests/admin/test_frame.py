"""The frame: the dashboard, the side bar made from what is registered, own pages, the language."""

from datetime import date

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.management import call_command
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from core import contract
from core.admin.base import ModelAdmin
from core.admin.menu import navigation
from core.models import StaffUser
from core.slices import SliceConfig

pytestmark = pytest.mark.django_db


@pytest.fixture
def series(monkeypatch: pytest.MonkeyPatch) -> list[tuple[date, date]]:
    """A dashboard with two series and a figure of its own; what was asked of them."""
    asked: list[tuple[date, date]] = []
    monkeypatch.setattr(contract.dashboard_series, "_items", {})
    monkeypatch.setattr(contract.dashboard_figures, "_items", {})

    def read(first: date, last: date) -> list[int]:
        asked.append((first, last))
        return [*[0] * 28, 1200, 34]

    contract.dashboard_series.register("issued", contract.Series("发放积分", read, chart="bar", order=2))
    contract.dashboard_series.register("empty", contract.Series("消费积分", lambda *_days: [0] * 30, order=1))
    contract.dashboard_figures.register("members", contract.Figure("会员", lambda: ("30", "本月新增 8")))
    return asked


def test_dashboard_shows_figures_sums_and_charts(browser: Client, series: list[tuple[date, date]], clock):
    page = browser.get("/admin/").content.decode()

    assert series == [(date(2026, 10, 24), date(2026, 11, 22))]
    assert "本月新增 8" in page
    assert "30 天共 1,234" in page
    assert page.count("data-type=") == 1
    assert page.index("消费积分") < page.index("发放积分")


def test_dashboard_is_kind_when_there_is_nothing(browser: Client, series: list[tuple[date, date]]):
    assert "还没有数据。会员参与后，这里会自动更新。" in browser.get("/admin/").content.decode()


def test_dashboard_costs_at_most_twelve_queries(browser: Client, django_assert_max_num_queries):
    call_command("seed_demo", verbosity=0)
    browser.get("/admin/")

    with django_assert_max_num_queries(12):
        assert browser.get("/admin/").status_code == 200


def test_every_figure_leads_to_a_page(browser: Client):
    links = [str(figure.link) for figure in contract.dashboard_figures.values() if figure.link]

    assert [link for link in links if browser.get(link).status_code != 200] == []


@pytest.fixture
def request_of_staff(staff: StaffUser) -> HttpRequest:
    request = RequestFactory().get("/admin/")
    request.user = staff
    return request


def test_side_bar_has_every_table_that_wants_to_be_there(request_of_staff: HttpRequest):
    links = {entry["link"] for group in navigation(request_of_staff) for entry in group["items"]}

    for model, model_admin in admin.site._registry.items():
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert isinstance(model_admin, ModelAdmin)
        assert (address in links) == model_admin.in_menu, address


def test_groups_come_from_the_slices(request_of_staff: HttpRequest):
    groups = [str(group["title"]) for group in navigation(request_of_staff)]
    wanted = {
        str(config.admin_group or config.verbose_name)
        for config in apps.get_app_configs()
        if isinstance(config, SliceConfig) and config.models and any(map(admin.site.is_registered, config.get_models()))
    }

    assert groups[0] == ""
    assert groups[-1] == "系统"
    assert wanted <= set(groups)


def test_language_is_kept_with_the_person(browser: Client, staff: StaffUser):
    response = browser.post("/admin/language/", {"language": "en", "next": "/admin/core/event/"})

    staff.refresh_from_db()
    assert (response.headers["Location"], staff.language) == ("/admin/core/event/", "en")
    assert "Dashboard" in browser.get("/admin/").content.decode()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_language_switch_leads_nowhere_else(browser: Client, target: str):
    response = browser.post("/admin/language/", {"language": "en", "next": target})

    assert response.headers["Location"] == "/admin/"


def test_unknown_language_changes_nothing(browser: Client, staff: StaffUser):
    browser.post("/admin/language/", {"language": "tlh", "next": "/admin/"})

    staff.refresh_from_db()
    assert staff.language == "zh-hans"


def test_stranger_is_sent_to_sign_in(client: Client):
    assert client.get("/admin/").headers["Location"] == "/admin/login/?next=/admin/"
