"""Ready configurations to start from."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from engagement.campaigns.contract import Template


def points(n: int) -> dict[str, Any]:
    """``n`` points."""
    return {"kind": "points", "points": n}


def cards(n: int) -> dict[str, Any]:
    """``n`` make-up cards."""
    return {"kind": "make_up_card", "count": n}


def each_day(*amounts: int) -> list[dict[str, Any]]:
    """Points day by day."""
    return [points(n) for n in amounts]


TEMPLATES = (
    Template(
        key="seven-days",
        name=_("Seven-day check-in"),
        summary=_("A new round each Monday; the seventh day pays most, and a missed day can be made up for points."),
        campaign={"goal": "retention", "audience": {"exclude_staff": True}},
        settings={
            "cycle": {"mode": "week", "days": 7},
            "daily": each_day(1, 1, 2, 2, 3, 3, 10),
            "first_time": points(5),
            "streaks": [{"days": 7, "reward": points(20), "limit": 0}],
            "tallies": [{"days": 30, "reward": points(50)}],
            "birthday_times": 2,
            "make_up": {
                "enabled": True, "window_days": 7, "limit": 3, "pay_with": "points", "points": 20, "share_percent": 0,
            },
            "remind_at": "20:00",
        },
    ),
    Template(
        key="natural-month",
        name=_("Monthly check-in"),
        summary=_("Counts from the first of each month; milestones on days 7, 15 and 28, make-ups with cards."),
        campaign={"goal": "retention", "audience": {"exclude_staff": True}},
        settings={
            "cycle": {"mode": "month", "days": 7},
            "daily": each_day(2),
            "streaks": [
                {"days": 7, "reward": cards(1), "limit": 0},
                {"days": 15, "reward": points(30), "limit": 0},
                {"days": 28, "reward": points(80), "limit": 0},
            ],
            "make_up": {
                "enabled": True, "window_days": 15, "limit": 5, "pay_with": "card", "points": 0, "share_percent": 50,
            },
            "freezes_per_month": 1,
            "remind_at": "20:00",
        },
    ),
    Template(
        key="newcomer",
        name=_("Newcomer's first week"),
        summary=_("For members who joined in the last 30 days: growing points, once, to make coming back a habit."),
        campaign={"goal": "activation", "audience": {"exclude_staff": True, "new_only": True, "new_days": 30}},
        settings={
            "cycle": {"mode": "none", "days": 7},
            "daily": each_day(5),
            "increment": 1,
            "increment_cap": 5,
            "first_time": points(10),
            "streaks": [
                {"days": 3, "reward": points(10), "limit": 1}, {"days": 7, "reward": points(30), "limit": 1},
            ],
            "make_up": {
                "enabled": False, "window_days": 7, "limit": 3, "pay_with": "points", "points": 20, "share_percent": 0,
            },
            "freezes_per_month": 1,
            "remind_at": "20:00",
        },
    ),
)  # fmt: skip
