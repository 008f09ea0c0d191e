"""The one clock. Business days are dates in Asia/Shanghai; a running demo can be moved by ``CLOCK_OFFSET``."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

ZONE = ZoneInfo("Asia/Shanghai")
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds", "": "seconds"}


@lru_cache(maxsize=4)
def parse_offset(text: str) -> timedelta:
    """``+3d``, ``-90m``, ``12h`` or seconds as a time span; anything else stops the start."""
    if not text:
        return timedelta()
    match = re.fullmatch(r"([+-]?\d+)([dhms]?)", text.strip())
    if not match:
        raise ImproperlyConfigured(f"CLOCK_OFFSET {text!r} is not like +3d, -2h, 90m or seconds.")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def now() -> datetime:
    """The current time with zone UTC; in demo mode moved by ``CLOCK_OFFSET``."""
    moment = datetime.now(UTC)
    if settings.HOMEGROUND_DEMO and settings.CLOCK_OFFSET:
        moment += parse_offset(settings.CLOCK_OFFSET)
    return moment


def to_local(at: datetime) -> datetime:
    """The same moment on a wall clock in Shanghai."""
    return at.astimezone(ZONE)


def business_date(at: datetime, *, day_cut_hour: int = 0) -> date:
    """The business day of ``at``: it begins at ``day_cut_hour`` (0–5) o'clock in Shanghai."""
    return (to_local(at) - timedelta(hours=day_cut_hour)).date()


def today(*, day_cut_hour: int = 0) -> date:
    """The business day of now."""
    return business_date(now(), day_cut_hour=day_cut_hour)


def start_of(day: date, *, day_cut_hour: int = 0) -> datetime:
    """The moment at which the business day ``day`` begins."""
    return datetime.combine(day, time(day_cut_hour), tzinfo=ZONE)


def iso(at: datetime) -> str:
    """RFC 3339 with the offset of Shanghai and whole seconds, as the API gives times."""
    return to_local(at).isoformat(timespec="seconds")
