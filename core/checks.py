"""System checks: a deployment that would be unsafe does not start."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from core import clock


@register()
def check_demo_is_alone(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Outside demo mode neither a moved clock nor the sandbox platform is allowed."""
    found: list[CheckMessage] = []
    if not settings.HOMEGROUND_DEMO:
        if settings.CLOCK_OFFSET:
            found.append(Error("CLOCK_OFFSET moves the clock only in demo mode; unset it.", id="homeground.E001"))
        if settings.SANDBOX_ENABLED:
            found.append(
                Error("SANDBOX_ENABLED signs anybody in; it is allowed only in demo mode.", id="homeground.E002")
            )
    return found


@register()
def check_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The settings on which correctness rests."""
    found: list[CheckMessage] = []
    clock.parse_offset(settings.CLOCK_OFFSET)
    if settings.DATABASES["default"].get("ATOMIC_REQUESTS") or settings.ATOMIC_REQUESTS:
        found.append(Error("ATOMIC_REQUESTS must stay off: commands open their own transaction.", id="homeground.E003"))
    for key_id, key in settings.TOKEN_KEYS.items():
        if len(key) != 64 or not key_id or "." in key_id:
            found.append(Error(f"TOKEN_KEYS[{key_id}] must be 64 hex digits.", id="homeground.E004"))
    return found
