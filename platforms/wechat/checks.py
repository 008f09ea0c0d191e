"""System checks: a deployment whose WeChat settings can't be read does not start."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from platforms.wechat.rules import apps


@register()
def check_apps(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 - Django's signature
    """``WECHAT_APPS`` can be read, and secrets travel encrypted: http only on the loopback."""
    found: list[CheckMessage] = []
    try:
        apps.parse(settings.WECHAT_APPS)
    except (ValueError, TypeError) as error:
        found.append(Error(str(error), id="wechat.E001"))
    address = urlsplit(settings.WECHAT_BASE_URL)
    if address.scheme != "https" and address.hostname not in {"127.0.0.1", "::1", "localhost"}:
        found.append(Error("WECHAT_BASE_URL must be https outside the loopback.", id="wechat.E002"))
    return found
