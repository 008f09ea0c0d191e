"""The demo's running check-in: three weeks of history for the demo's members, some faithful, some not."""

from datetime import date, datetime, timedelta
from typing import Any

from core import clock
from core.api.auth import Caller
from engagement.campaigns import services as campaigns
from engagement.campaigns.models import Campaign
from engagement.checkins import errors
from engagement.checkins.services.check_ins import check_in
from engagement.checkins.services.make_ups import make_up
from members.accounts.models import Member
from members.points.errors import Insufficient

NAME = "七天签到"
DAYS_SO_FAR, DAYS_TO_COME = 21, 40
CONTACT = "400-820-1234"


def seed(context: dict[str, Any]) -> None:
    """Publish the campaign and check ``context["members"]`` in day by day; a second run adds nothing."""
    found = Campaign.objects.filter(mechanism="checkins", name=NAME).first()
    campaign = found or _publish(context["today"], context.get("staff"))
    context["campaigns"]["checkins"] = campaign
    if found is None:
        for number, member in enumerate(context["members"]):
            _live(number, member, campaign, context["today"])


def _publish(today: date, staff: Any) -> Campaign:
    starts_at = clock.start_of(today - timedelta(days=DAYS_SO_FAR))
    draft = campaigns.create_from_template(
        mechanism="checkins",
        template_key="seven-days",
        name=NAME,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(days=DAYS_SO_FAR + DAYS_TO_COME),
        actor=staff,
    )
    if not draft.contact:
        fields = {"contact": CONTACT}
        draft = campaigns.edit_draft(campaign=draft, revision=draft.revision, fields=fields, settings=None, actor=staff)
    campaigns.publish(campaign=draft, actor=staff)
    draft.refresh_from_db()
    return draft


def _live(number: int, member: Member, campaign: Campaign, today: date) -> None:
    """A member's days: most come often, each fifth rarely; some repair a gap; today is left to the visitor."""
    caller = Caller(member.pk, member.token_version, 0)
    for ago in range(DAYS_SO_FAR, 0, -1):
        at = _moment(number, today - timedelta(days=ago), ago)
        if member.joined_at is None or at <= member.joined_at:
            continue
        if _comes(number, ago):
            check_in(caller=caller, campaign_id=campaign.pk, now=at)
        if number % 6 == 0 and ago % 5 == 0:
            _repair(caller, campaign, at)


def _comes(number: int, ago: int) -> bool:
    """Whether this member opens the page on that day: a fixed pattern, so that two demos look alike."""
    dice = (number * 7919 + ago * 104_729 + number * ago * 31) % 100
    return dice < (25 if number % 5 == 4 else 78 + number % 20)


def _repair(caller: Caller, campaign: Campaign, at: datetime) -> None:
    """Make up the day before yesterday, if it was missed and the points suffice."""
    later = at + timedelta(minutes=3)
    day = clock.business_date(later) - timedelta(days=2)
    try:
        make_up(caller=caller, campaign_id=campaign.pk, day=day, now=later)
    except (errors.DayTaken, errors.DayNotOpen, errors.NothingOpen, errors.MakeUpsUsedUp, Insufficient):
        return


def _moment(number: int, day: date, ago: int) -> datetime:
    """Some time between seven in the morning and eleven at night."""
    return clock.start_of(day) + timedelta(hours=7, minutes=(number * 61 + ago * 37) % 950)
