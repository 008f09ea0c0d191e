"""Published check-in campaigns, made as staff make them."""

from datetime import datetime, timedelta
from typing import Any

from core import clock
from core.commands import scope
from engagement.campaigns import services as campaigns
from engagement.campaigns.models import Campaign
from engagement.checkins.services.cards import give
from members.accounts.models import Member


def points(n: int) -> dict[str, Any]:
    """A points reward."""
    return {"kind": "points", "points": n}


def cards(n: int) -> dict[str, Any]:
    """A reward of make-up cards."""
    return {"kind": "make_up_card", "count": n}


def make_check_in(
    *, starts_at: datetime | None = None, ends_at: datetime | None = None, fields: dict[str, Any] | None = None,
    name: str = "七天签到", **plan: Any,
) -> Campaign:  # fmt: skip
    """A running check-in, from ten days ago for sixty days, with a plain plan: 1, 2, 10 points, no rounds."""
    starts_at = starts_at or clock.now() - timedelta(days=10)
    draft = campaigns.create_from_template(
        mechanism="checkins", template_key="seven-days", name=name, starts_at=starts_at,
        ends_at=ends_at or starts_at + timedelta(days=60), actor=None,
    )  # fmt: skip
    settings = {"cycle": {"mode": "none"}, "daily": [points(1), points(2), points(10)]} | plan
    given = {"organiser": "山野茶集", "contact": "400-820-1234", "audience": {}} | (fields or {})
    draft = campaigns.edit_draft(
        campaign=draft, revision=draft.revision, fields=given, settings=settings, actor=None
    )  # fmt: skip
    campaigns.publish(campaign=draft, actor=None)
    draft.refresh_from_db()
    return draft


def give_cards(member: Member, n: int, *, key: str = "test") -> None:
    """``n`` make-up cards for ``member``."""
    with scope():
        give(member.pk, n, source_kind="test.gift", source_key=key, at=clock.now())
