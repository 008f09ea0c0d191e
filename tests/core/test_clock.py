"""One clock, business days in Shanghai, a demo that can be moved."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from core import checks
from core import clock as product_clock

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("utc", "hour", "day"),
    [
        ("2026-11-21T15:59:59.999999+00:00", 0, "2026-11-21"),
        ("2026-11-21T16:00:00+00:00", 0, "2026-11-22"),
        ("2026-11-21T18:59:59+00:00", 3, "2026-11-21"),
        ("2026-11-21T19:00:00+00:00", 3, "2026-11-22"),
        ("2028-02-28T16:00:00+00:00", 0, "2028-02-29"),
        ("2028-02-29T16:00:00+00:00", 0, "2028-03-01"),
        ("2026-12-31T16:00:00+00:00", 0, "2027-01-01"),
        ("2026-12-31T16:00:00+00:00", 5, "2026-12-31"),
    ],
)
def test_the_business_day_begins_at_the_cut_hour_in_shanghai(utc: str, hour: int, day: str) -> None:
    assert product_clock.business_date(datetime.fromisoformat(utc), day_cut_hour=hour) == date.fromisoformat(day)


@given(MOMENTS, st.integers(0, 5))
def test_every_moment_lies_within_its_business_day(at: datetime, hour: int) -> None:
    day = product_clock.business_date(at, day_cut_hour=hour)

    assert product_clock.start_of(day, day_cut_hour=hour) <= at
    assert at < product_clock.start_of(day + timedelta(days=1), day_cut_hour=hour)


def test_now_has_a_zone_and_follows_the_test_clock(clock: Any) -> None:
    assert product_clock.now() == clock.now
    assert product_clock.now().tzinfo is UTC
    assert product_clock.today() == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("", timedelta()), ("+3d", timedelta(days=3)), ("-90m", timedelta(minutes=-90)), ("12h", timedelta(hours=12)),
        ("45", timedelta(seconds=45)), ("-7s", timedelta(seconds=-7)),
    ],
)  # fmt: skip
def test_offsets_are_read(text: str, span: timedelta) -> None:
    assert product_clock.parse_offset(text) == span


@pytest.mark.parametrize("text", ["3 days", "d", "1w", "+-3d", "1.5h", "３d x"])
def test_other_offsets_stop_the_start(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="CLOCK_OFFSET"):
        product_clock.parse_offset(text)


def test_only_a_demo_can_be_moved(settings: Any, clock: Any) -> None:
    settings.CLOCK_OFFSET = "+3d"
    settings.HOMEGROUND_DEMO = False
    assert product_clock.today() == date(2026, 11, 22)
    settings.HOMEGROUND_DEMO = True
    assert product_clock.today() == date(2026, 11, 25)


def test_outside_a_demo_an_offset_or_the_sandbox_stops_the_start(settings: Any) -> None:
    settings.HOMEGROUND_DEMO, settings.CLOCK_OFFSET, settings.SANDBOX_ENABLED = False, "+3d", True

    assert [found.id for found in checks.check_demo_is_alone(None)] == ["homeground.E001", "homeground.E002"]
    settings.HOMEGROUND_DEMO = True
    assert checks.check_demo_is_alone(None) == []


def test_the_settings_on_which_correctness_rests_are_checked(settings: Any) -> None:
    settings.ATOMIC_REQUESTS, settings.TOKEN_KEYS = True, {"a": "00", "b.c": "5a" * 32, "ok": "5a" * 32}

    assert [found.id for found in checks.check_settings(None)] == [
        "homeground.E003",
        "homeground.E004",
        "homeground.E004",
    ]


def test_times_are_written_with_the_offset_of_shanghai() -> None:
    assert product_clock.iso(datetime(2026, 11, 22, 1, 2, 3, 999, tzinfo=UTC)) == "2026-11-22T09:02:03+08:00"
