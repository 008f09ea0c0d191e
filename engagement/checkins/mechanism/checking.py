"""The publish checklist of a check-in, in plain words."""

from datetime import datetime

from django.utils.translation import gettext as _

from engagement.campaigns import selectors as campaigns
from engagement.campaigns.contract import Config, Finding
from engagement.checkins.rules.plan import Plan
from members.rewards import selectors as rewards
from members.rewards.errors import InvalidReward


def findings(campaign: Config, plan: Plan) -> list[Finding]:
    """What blocks or deserves a look; ``plan`` is in bounds already."""
    return [*_overlaps(campaign), *_limits(campaign), *_rewards(plan), *_slips(campaign, plan)]


def _overlaps(campaign: Config) -> list[Finding]:
    """Two check-ins at once would ask members to tap twice a day and pay twice."""
    text = _("“%(name)s” runs at the same time for the same members. Choose another period or end that campaign first.")
    return [
        Finding(text % {"name": other.name}, field="starts_at") for other in campaigns.overlapping("checkins", campaign)
    ]


def _limits(campaign: Config) -> list[Finding]:
    names = {name for name, value in campaign["limits"].items() if value is not None} - {"per_member_per_day"}
    if not names:
        return []
    text = _("A check-in is limited by its nature: once a member and day. Leave the limits empty, or set a budget.")
    return [Finding(text, field="limits")]


def _rewards(plan: Plan) -> list[Finding]:
    found = []
    for path, spec in plan.specs():
        if spec.get("kind") == "points" and spec.get("points") == 0 and path.startswith("/daily/"):
            continue  # a day may pay nothing
        try:
            rewards.parse(spec)
        except InvalidReward:
            text = _("The reward at %(place)s is not possible: check its kind and amount.")
            found.append(Finding(text % {"place": path}, field=path.split("/")[1]))
    return found


def _slips(campaign: Config, plan: Plan) -> list[Finding]:
    """What can be meant, but rarely is."""
    days = (datetime.fromisoformat(campaign["ends_at"]) - datetime.fromisoformat(campaign["starts_at"])).days
    found = []
    if any(each.days > days for each in plan.tallies) or any(each.days > days for each in plan.streaks):
        found.append(_("Some rewards need more days than the campaign lasts: nobody can reach them."))
    if plan.make_up.enabled and plan.make_up.share_percent == 100 and not _costs(plan):
        found.append(_("Make-ups are free and pay in full: members will fill missed days instead of coming back."))
    if plan.cycle.length and len(plan.daily) > plan.cycle.length:
        found.append(_("The daily list is longer than the cycle: its last values are never paid."))
    outside = [each for each in plan.special_dates if not _within(campaign, each.day.isoformat())]
    if outside:
        found.append(_("Some special dates are outside the campaign's period."))
    return [Finding(text, blocks=False) for text in found]


def _costs(plan: Plan) -> bool:
    return plan.make_up.pay_with == "card" or plan.make_up.points > 0


def _within(campaign: Config, day: str) -> bool:
    return campaign["starts_at"][:10] <= day <= campaign["ends_at"][:10]
