"""A registered mechanism of the tests' own, staff, and drafts that could be published."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.models import StaffUser
from engagement.campaigns import selectors, services
from engagement.campaigns.contract import mechanisms
from engagement.campaigns.models import Campaign
from tests.engagement.campaigns.pebbles import Pebbles

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    """A wall clock in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture
def pebbles() -> Iterator[Pebbles]:
    """The fake mechanism, registered for one test."""
    mechanism: Any = Pebbles()  # its texts are plain str, which the protocol's lists don't take
    mechanisms.register("pebbles", mechanism)
    selectors.forget_versions()
    yield mechanism
    mechanisms.unregister("pebbles")
    selectors.forget_versions()


@pytest.fixture
def staff(db: None) -> StaffUser:
    """A marketer with all rights."""
    return StaffUser.objects.create_superuser("lin", password="a-long-password")


MakeDraft = Callable[..., Campaign]


@pytest.fixture
def draft(pebbles: Pebbles, staff: StaffUser) -> MakeDraft:
    """Make a draft that can be published; ``fields`` replace what the template says."""

    def make(name: str = "沙滩捡石子", settings: dict[str, Any] | None = None, **fields: Any) -> Campaign:
        campaign = services.create_from_template(
            mechanism="pebbles",
            template_key="beach",
            name=name,
            starts_at=fields.pop("starts_at", at("2026-12-01 00:00")),
            ends_at=fields.pop("ends_at", at("2026-12-31 00:00")),
            actor=staff,
        )
        fields = {"organiser": "山野茶集", "contact": "400-000-0000", "budget_fen": 100_000} | fields
        return services.edit_draft(campaign=campaign, revision=0, fields=fields, settings=settings, actor=staff)

    return make
