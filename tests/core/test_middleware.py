"""What surrounds a request: id, language, address, headers; a session only where a browser is."""

from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client

from core import requests
from core.middleware import is_for_browser, language_of


def test_a_well_formed_request_id_is_kept_and_any_other_replaced(api: Any) -> None:
    kept = api.get("/healthz", **{"X-Request-Id": "trace-12345"})
    others = [api.get("/healthz", **{"X-Request-Id": bad}) for bad in ("short", "x" * 65, "has space", "a;b<c>defg")]

    assert kept.headers["X-Request-Id"] == "trace-12345"
    assert all(len(other.headers["X-Request-Id"]) == 32 for other in others)


@pytest.mark.parametrize(
    ("header", "language"),
    [("", "zh-hans"), ("en-US,en;q=0.9", "en"), ("zh-TW", "zh-hans"), ("fr, en;q=0.5", "en"), ("fr", "zh-hans"),
     ("*", "zh-hans"), (";;;q=x", "zh-hans"), ("zh_CN", "zh-hans")],
)  # fmt: skip
def test_the_first_of_our_languages_is_used(header: str, language: str) -> None:
    assert language_of(header) == language


def test_every_answer_has_a_strict_policy_and_no_cookie(api: Any) -> None:
    answer = api.get("/healthz")

    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not answer.cookies


@pytest.mark.django_db
def test_the_api_costs_no_session_and_ignores_cookies(api: Any, django_assert_num_queries: Any) -> None:
    api.client.cookies["sessionid"] = "x" * 32

    with django_assert_num_queries(0):
        answer = api.get("/api/v1/things")

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert not answer.cookies


@pytest.mark.django_db
def test_a_cross_site_form_cannot_reach_the_api(api: Any) -> None:
    answer = Client(enforce_csrf_checks=True).post("/api/v1/things", {"name": "a"})

    assert answer.status_code == 401  # no token in a cookie, so nothing to forge


@pytest.mark.parametrize(
    ("path", "browser"),
    [("/admin/", True), ("/staff/scan", True), ("/api/v1/home", False), ("/administrator", False), ("/healthz", False)],
)
def test_only_pages_for_people_have_sessions(path: str, browser: bool) -> None:
    request = HttpRequest()
    request.path_info = path

    assert is_for_browser(request) is browser


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "1.2.3.4", "10.0.0.9"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.1.1.1", "1.2.3.4"),
        (2, "1.2.3.4", "10.0.0.9"),
        (1, "", "10.0.0.9"),
    ],
)
def test_only_our_own_proxies_are_believed(settings: Any, proxies: int, forwarded: str, address: str) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": "10.0.0.9", "HTTP_X_FORWARDED_FOR": forwarded}

    assert requests.client_address(request) == address


def test_a_device_mark_is_cut_to_64_characters() -> None:
    request = HttpRequest()
    request.META = {"HTTP_X_DEVICE_ID": "d" * 100}

    assert requests.device_id(request) == "d" * 64
