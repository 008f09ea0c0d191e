"""Middleware: a request id and a language for all, security headers, and browser middleware only where a browser is.

The API needs neither sessions nor CSRF, messages or staff: each costs every request. So the wrappers below run Django's
middleware only below the paths that people open in a browser.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header
from django_otp.middleware import OTPMiddleware
from simple_history.middleware import HistoryRequestMiddleware

from core import requests

GetResponse = Callable[[HttpRequest], HttpResponse]
STRICT_CSP = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
ADMIN_CSP = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
DOCS_CSP = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def browser_paths() -> tuple[str, ...]:
    """The prefixes below which people with a browser and a session are."""
    return (f"/{settings.ADMIN_PATH}", "/staff/")


def is_for_browser(request: HttpRequest) -> bool:
    """Whether the request is for the admin or a staff page."""
    return request.path_info.startswith(browser_paths())


@lru_cache(maxsize=256)
def language_of(accept_language: str) -> str:
    """The first of our languages in an ``Accept-Language`` header; zh-Hans without one."""
    for code, _quality in parse_accept_lang_header(accept_language.lower()):
        if code.startswith("zh"):
            return "zh-hans"
        if code.startswith("en"):
            return "en"
    return str(settings.LANGUAGE_CODE)


class RequestContextMiddleware:
    """Gives the request an id, the logs its context and the texts a language."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = requests.begin(request)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        translation.activate(language_of(request.META.get("HTTP_ACCEPT_LANGUAGE", "")[:200]))
        response = self.get_response(request)
        response.headers["X-Request-Id"] = request_id
        return response


class SecurityHeadersMiddleware:
    """A content security policy for every answer: strict but for the admin, whose look needs more."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.admin_path = f"/{settings.ADMIN_PATH}"

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self._policy(request.path_info))
        return response

    def _policy(self, path: str) -> str:
        if path.startswith(self.admin_path):
            return ADMIN_CSP
        return DOCS_CSP if path.startswith("/api/docs") else STRICT_CSP


def browser_only(base: type[Any]) -> type[Any]:
    """``base`` as a middleware that steps aside for the API."""

    class BrowserOnly(base):  # type: ignore[misc]
        def __init__(self, get_response: GetResponse) -> None:
            super().__init__(get_response)
            # Where the API goes on: behind all wrappers that follow one another. Django wraps each middleware with
            # functools.wraps, which hands the attributes of the next one up; without it we go one by one.
            self.direct: GetResponse = getattr(get_response, "direct", get_response)

        def __call__(self, request: HttpRequest) -> Any:
            return super().__call__(request) if is_for_browser(request) else self.direct(request)

        if hasattr(base, "process_view"):

            def process_view(self, request: HttpRequest, *args: Any) -> Any:
                return super().process_view(request, *args) if is_for_browser(request) else None

    BrowserOnly.__name__ = BrowserOnly.__qualname__ = f"Browser{base.__name__}"
    return BrowserOnly


Session = browser_only(SessionMiddleware)
Locale = browser_only(LocaleMiddleware)
Common = browser_only(CommonMiddleware)
Csrf = browser_only(CsrfViewMiddleware)
Authentication = browser_only(AuthenticationMiddleware)
Otp = browser_only(OTPMiddleware)
Message = browser_only(MessageMiddleware)
Frame = browser_only(XFrameOptionsMiddleware)


@browser_only
class StaffLanguage:
    """The admin in the language of the signed-in staff user."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            language = getattr(request.user, "language", "")
            if language in dict(settings.LANGUAGES):
                translation.activate(language)
                request.LANGUAGE_CODE = language
        return self.get_response(request)


@browser_only
class History:
    """Tells django-simple-history who changes a setting."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response: GetResponse = HistoryRequestMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)
