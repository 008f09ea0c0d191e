"""Making up a day: the streak heals, the price is paid, and each refusal leaves nothing behind."""

from datetime import date, timedelta

import pytest

from engagement.campaigns import errors as campaign_errors
from engagement.campaigns import services as campaigns
from engagement.checkins import errors, selectors, services
from engagement.checkins.models import CheckIn, CheckInStanding, MakeUpCardEntry
from engagement.checkins.rules.streaks import Standing
from members.points import errors as points_errors
from members.points.models import PointsAccount, PointsEntry
from tests.factories.accounts import caller_of
from tests.factories.checkins import cards, give_cards, make_check_in, points

pytestmark = pytest.mark.django_db
FREE = {"points": 0}
CARD = {"pay_with": "card"}


def taps(clock, member, campaign, *days):
    for day in days:
        clock.move_to(f"2026-11-{day} 09:00")
        services.check_in(caller=caller_of(member), campaign_id=campaign.pk)


def fill(member, campaign, day):
    return services.make_up(caller=caller_of(member), campaign_id=campaign.pk, day=date(2026, 11, day))


def standing_of(member, campaign):
    row = CheckInStanding.objects.get(member=member, campaign=campaign)
    return Standing(row.streak, row.longest, row.tally, row.last_on)


def snapshot(member):
    account = PointsAccount.objects.filter(member=member).first()
    return (
        CheckIn.objects.filter(member=member).count(),
        PointsEntry.objects.filter(member=member).count(),
        MakeUpCardEntry.objects.filter(member=member).count(),
        account.balance if account else 0,
        sorted(CheckInStanding.objects.filter(member=member).values_list("streak", "tally")),
    )


def test_a_filled_gap_heals_the_streak_for_points(member, clock):
    campaign = make_check_in(daily=[points(20)], make_up={"points": 15})
    taps(clock, member, campaign, 20, 22)

    done = fill(member, campaign, 21)

    assert (done.record.streak, done.record.tally, done.record.points) == (3, 3, 0)
    assert done.record.balance == PointsAccount.objects.get(member=member).balance == 20 + 20 - 15
    assert standing_of(member, campaign) == selectors.recompute(member.pk, campaign.pk)
    assert standing_of(member, campaign) == Standing(3, 3, 3, date(2026, 11, 22))


def test_a_card_pays_for_a_day(member, clock):
    campaign = make_check_in(make_up=CARD)
    give_cards(member, 2)
    taps(clock, member, campaign, 20, 22)

    fill(member, campaign, 21)

    assert selectors.get_cards(member.pk) == 1
    assert [(each.delta, each.count_after) for each in MakeUpCardEntry.objects.order_by("seq")] == [(2, 2), (-1, 1)]


def test_it_pays_its_share_of_the_day(member, clock):
    campaign = make_check_in(make_up=FREE | {"share_percent": 50}, daily=[points(7), points(9)])
    taps(clock, member, campaign, 20, 22)

    assert fill(member, campaign, 21).record.points == 4  # half of the second day's 9, rounded down


def test_it_brings_about_streak_and_tally_rewards_once(member, clock):
    campaign = make_check_in(
        make_up=FREE, streaks=[{"days": 3, "reward": points(30)}], tallies=[{"days": 3, "reward": cards(1)}]
    )
    taps(clock, member, campaign, 20, 22)

    healed = fill(member, campaign, 21)
    earlier = fill(member, campaign, 19)

    assert [each["reason"] for each in healed.record.rewards] == ["streak", "tally"]
    assert (healed.record.points, earlier.record.points) == (30, 0)
    assert selectors.get_cards(member.pk) == 1


def test_without_today_the_last_day_moves_to_the_filled_one(member, clock):
    campaign = make_check_in(make_up=FREE)
    taps(clock, member, campaign, 20)
    clock.move_to("2026-11-22 09:00")

    fill(member, campaign, 21)
    after = services.check_in(caller=caller_of(member), campaign_id=campaign.pk).record

    assert (after.streak, after.tally) == (3, 3)


def test_who_never_checked_in_can_begin_with_a_made_up_day(member):
    campaign = make_check_in(make_up=FREE)

    assert fill(member, campaign, 21).record.streak == 1


def test_a_made_up_day_is_not_paid_again_by_a_check_in(member, clock):
    campaign = make_check_in(make_up=FREE)
    taps(clock, member, campaign, 20)
    clock.move_to("2026-11-22 09:00")
    fill(member, campaign, 21)

    with pytest.raises(errors.DayTaken):
        fill(member, campaign, 21)

    assert CheckIn.objects.filter(checked_on="2026-11-21").count() == 1


def test_it_works_over_the_turn_of_the_year(member, clock):
    clock.move_to("2026-12-30 09:00")
    campaign = make_check_in(make_up=FREE)
    services.check_in(caller=caller_of(member), campaign_id=campaign.pk)
    clock.move_to("2027-01-01 00:00:01")
    services.check_in(caller=caller_of(member), campaign_id=campaign.pk)

    done = services.make_up(caller=caller_of(member), campaign_id=campaign.pk, day=date(2026, 12, 31))

    assert done.record.streak == 3


@pytest.mark.parametrize(
    ("plan", "day", "refusal"),
    [
        ({"make_up": {"enabled": False}}, 21, errors.MakeUpOff),
        ({"make_up": FREE}, 22, errors.DayNotOpen),
        ({"make_up": FREE}, 14, errors.DayNotOpen),
        ({"make_up": FREE}, 20, errors.DayTaken),
        ({"make_up": {"points": 20}}, 21, points_errors.Insufficient),
        ({"make_up": CARD}, 21, errors.NoCard),
    ],
)
def test_a_refusal_leaves_nothing_behind(member, clock, plan, day, refusal):
    campaign = make_check_in(**plan)
    taps(clock, member, campaign, 20)
    clock.move_to("2026-11-22 09:00")
    before = snapshot(member)

    with pytest.raises(refusal):
        fill(member, campaign, day)

    assert snapshot(member) == before


def test_the_limit_holds_for_its_week_and_opens_with_the_next(member, clock):
    campaign = make_check_in(cycle={"mode": "week"}, make_up=FREE | {"limit": 1})
    clock.move_to("2026-11-25 09:00")  # a Wednesday
    fill(member, campaign, 23)
    before = snapshot(member)

    with pytest.raises(errors.MakeUpsUsedUp):
        fill(member, campaign, 24)
    assert snapshot(member) == before
    assert fill(member, campaign, 22).record.kind == "make_up"  # the Sunday of the week before


def test_a_paused_campaign_takes_no_make_ups(member):
    campaign = make_check_in(make_up=FREE)
    campaigns.pause(campaign=campaign, actor=None, reason="盘点")

    with pytest.raises(campaign_errors.Paused):
        fill(member, campaign, 21)

    assert snapshot(member)[0] == 0


def test_days_before_joining_cannot_be_filled(clock, db):
    from tests.factories.accounts import make_member

    newcomer = make_member(first_seen_at=clock.now - timedelta(days=2))
    campaign = make_check_in(make_up=FREE)

    with pytest.raises(errors.DayNotOpen):
        fill(newcomer, campaign, 19)
    assert fill(newcomer, campaign, 20).is_new
