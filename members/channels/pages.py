"""The page behind a printed code, for whoever doesn't land in the mini-program: plain HTML, no script, one request."""

import base64
import hashlib
import uuid
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import path, re_path
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from core import errors as core_errors
from core import limits, requests
from members.channels import errors, selectors, services
from members.channels.rules import codes, landing
from members.channels.selectors.setup import get_verification

LIMITS = (limits.Limit("landing-address", "address", 60_000, 6_000),)
LANGUAGES = {"zh-hans": "中文", "en": "English"}
LONGEST_AGENT = 400


@lru_cache(maxsize=1)
def style() -> tuple[str, str]:
    """The page's style sheet and the policy that allows just it: no script, no other host, nothing from elsewhere."""
    sheet = render_to_string("channels/landing.css")
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )
    return sheet, policy


@require_safe
def landing_page(request: HttpRequest, text: str = "") -> HttpResponse:
    """What a code leads to, or a friendly refusal with a field to type it again. It never redirects."""
    language = request.GET.get("lang", "")
    if language in LANGUAGES:
        translation.activate(language)
    typed = text or request.GET.get("code", "")
    if not typed:
        return _page(request, 200, {"typed": ""})
    subjects = {"address": requests.client_address(request), "device": requests.device_id(request)}
    try:
        limits.check(LIMITS, subjects)
        found = services.look_up(typed, subjects=subjects)
        scan_id = _count(request, found)
        return _page(request, 200, _offer(request, found.ensure_open(), scan_id))
    except core_errors.DomainError as refusal:
        return _refusal(request, refusal, typed)


def _count(request: HttpRequest, found: selectors.Resolved) -> uuid.UUID:
    """Record the scan, in or out of the channel's time; the mini-program carries its id on."""
    scan_id, agent = uuid.uuid4(), request.META.get("HTTP_USER_AGENT", "")[:LONGEST_AGENT]
    if request.method == "GET" and landing.is_person(agent):
        address = requests.client_address(request)[:45]
        services.record_scan(
            claim=services.ScanClaim(
                scan_id=scan_id, code=found.code, via="page", device=f"page:{address}:{agent}", address=address
            )
        )
    return scan_id


def _offer(request: HttpRequest, found: selectors.Resolved, scan_id: uuid.UUID) -> dict[str, Any]:
    scanner = landing.scanner_of(request.META.get("HTTP_USER_AGENT", "")[:LONGEST_AGENT])
    into_app = found.landing.target == "mini_program"
    app_id = _wechat_app_id()
    query = landing.query_of(found.landing.params, code=found.code, scan_id=str(scan_id))
    is_outside = scanner is not landing.Scanner.WECHAT
    return {
        "found": found,
        "gift": found.gift(),
        "grouped": codes.grouped(found.code),
        "scanner": str(scanner),
        "into_app": into_app,
        "link": landing.wechat_scheme(app_id, found.landing.path, query) if into_app and app_id and is_outside else "",
    }


def _wechat_app_id() -> str:
    """The app that printed codes open: the first one that is configured; empty without one."""
    apps = getattr(settings, "WECHAT_APPS", None) or []
    return str(apps[0].get("app_id", "")) if apps else ""


def _refusal(request: HttpRequest, refusal: core_errors.DomainError, typed: str) -> HttpResponse:
    context = {
        "refusal": refusal,
        "typed": typed[: codes.LONGEST_TYPED],
        "is_over": isinstance(refusal, errors.CodeEnded),
        "is_early": isinstance(refusal, errors.CodeNotStarted),
    }
    response = _page(request, refusal.status, context)
    if refusal.status == 429:
        response.headers["Retry-After"] = str(getattr(refusal, "retry_after", 60))
    return response


def _page(request: HttpRequest, status: int, context: dict[str, Any]) -> HttpResponse:
    sheet, policy = style()
    current = "en" if (translation.get_language() or "").startswith("en") else "zh-hans"
    other = "zh-hans" if current == "en" else "en"
    brand = settings.BRAND_NAME
    shared = {
        "sheet": sheet, "brand": brand, "language": "zh-CN" if current == "zh-hans" else "en", "other": other,
        "other_name": LANGUAGES[other], "path": request.path,
        "heading": gettext("Welcome to %(brand)s") % {"brand": brand},
    }  # fmt: skip
    html = render_to_string("channels/landing.html", shared | context)
    response = HttpResponse(html, status=status)
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
def verification_file(_request: HttpRequest, name: str) -> HttpResponse:
    """The file by which WeChat sees that the domain is ours: it asks for it below the prefix that is printed."""
    content = get_verification(name)
    if content is None:
        return HttpResponse(status=404, content_type="text/plain")
    return HttpResponse(content, content_type="text/plain; charset=utf-8")


urlpatterns = [
    path("q/", landing_page),
    re_path(r"^q/(?P<name>[A-Za-z0-9_-]{4,64}\.txt)$", verification_file),
    path("q/<str:text>", landing_page),
]
