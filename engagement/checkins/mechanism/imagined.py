"""The preview: the page of a member who does not exist, on the third day of a campaign."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core import clock
from engagement.campaigns.contract import Config, Published
from engagement.checkins.rules import payouts, streaks
from engagement.checkins.rules.plan import Plan, parse
from engagement.checkins.rules.streaks import Standing
from engagement.checkins.selectors import Extras, Facts, Mark, pages

DAYS_BEFORE = 2


def calendar(campaign: Config, settings: Config) -> dict[str, Any]:
    """What ``GET /api/v1/check-ins/{campaign}`` will answer two days after the start."""
    facts = _facts(campaign, settings, parse(settings))
    marks = _marks(facts)
    return pages.render_calendar(
        facts, marks, extras=Extras(cards=1, is_first=False), month=streaks.month_of(facts.today)
    )


def _facts(campaign: Config, settings: Config, plan: Plan) -> Facts:
    starts_at = datetime.fromisoformat(campaign["starts_at"])
    now = starts_at + timedelta(days=DAYS_BEFORE)
    today = clock.business_date(now, day_cut_hour=campaign["day_cut_hour"])
    key = UUID(campaign["id"])
    config = {"campaign": campaign, "settings": settings}
    return Facts(
        member_id=0,
        campaign_id=key,
        row={
            "member_birthday": None,
            "member_joined_at": starts_at - timedelta(days=30),
            "campaign_starts_at": starts_at,
            "campaign_ends_at": datetime.fromisoformat(campaign["ends_at"]),
            "reminder": False,
        },
        version=Published(key, 0, 0, "checkins", config, ""),
        plan=plan,
        now=now,
        today=today,
        standing=Standing(DAYS_BEFORE, DAYS_BEFORE, DAYS_BEFORE, today - streaks.ONE_DAY),
    )


def _marks(facts: Facts) -> list[Mark]:
    found = []
    for n in range(1, DAYS_BEFORE + 1):
        day = facts.today - timedelta(days=DAYS_BEFORE + 1 - n)
        due = payouts.of_check_in(facts.plan, streak=n, tally=n, day=day, birthday=None, is_first=n == 1)
        found.append(Mark(day, "daily", payouts.total_points(due)))
    return found
