"""Checking in: the streak, the rewards, the day, repeats; and each refusal leaves nothing behind."""

from datetime import date, timedelta

import pytest

from core import errors as core_errors
from core.models import Event
from engagement.campaigns import errors as campaign_errors
from engagement.campaigns import services as campaigns
from engagement.checkins import selectors, services
from engagement.checkins.models import CheckIn, CheckInSettings, CheckInStanding, FirstCheckIn
from engagement.checkins.rules.streaks import Standing
from members.accounts import errors as account_errors
from members.points.models import PointsAccount, PointsEntry
from members.rewards.errors import BudgetSpent
from tests.factories.accounts import caller_of, make_member, make_visitor
from tests.factories.checkins import cards, make_check_in, points

pytestmark = pytest.mark.django_db


def tap(member, campaign):
    return services.check_in(caller=caller_of(member), campaign_id=campaign.pk)


def tap_on(clock, member, campaign, *moments):
    """Tap at each moment and return the points that each brought."""
    found = []
    for moment in moments:
        clock.move_to(moment)
        found.append(tap(member, campaign).record.points)
    return found


def balance(member):
    return PointsAccount.objects.get(member=member).balance


def standing_of(member, campaign):
    row = CheckInStanding.objects.get(member=member, campaign=campaign)
    return Standing(row.streak, row.longest, row.tally, row.last_on)


def traces(member):
    return (
        CheckIn.objects.filter(member=member).count(),
        CheckInStanding.objects.filter(member=member, tally__gt=0).count(),
        PointsEntry.objects.filter(member=member).count(),
        Event.objects.filter(topic="checkins.checked_in", member_id=member.pk).count(),
        FirstCheckIn.objects.filter(member=member).count(),
    )


NOTHING = (0, 0, 0, 0, 0)


def test_three_days_pay_the_list_and_make_a_streak(member, clock):
    campaign = make_check_in()

    paid = tap_on(clock, member, campaign, "2026-11-22 09:00", "2026-11-23 00:00", "2026-11-24 23:59:59")

    assert paid == [1, 2, 10]
    assert balance(member) == 13
    assert standing_of(member, campaign) == Standing(3, 3, 3, date(2026, 11, 24))
    assert standing_of(member, campaign) == selectors.recompute(member.pk, campaign.pk)


def test_the_first_answer_says_everything(member):
    campaign = make_check_in(first_time=points(5))

    done = tap(member, campaign)

    assert done.is_new
    assert (done.record.streak, done.record.day, done.record.tally) == (1, 1, 1)
    assert (done.record.points, done.record.balance) == (6, 6)
    assert [each["reason"] for each in done.record.rewards] == ["day", "first"]


def test_a_repeat_gets_the_first_answer_and_writes_nothing(member):
    campaign = make_check_in(first_time=points(5))

    first, second = tap(member, campaign), tap(member, campaign)

    assert (first.is_new, second.is_new) == (True, False)
    assert first.record == second.record
    assert traces(member) == (1, 1, 1, 1, 1)


def test_a_repeat_is_answered_even_when_the_campaign_is_paused_meanwhile(member):
    campaign = make_check_in()
    first = tap(member, campaign)

    campaigns.pause(campaign=campaign, actor=None, reason="盘点")

    assert tap(member, campaign).record == first.record


def test_the_day_changes_at_midnight_in_shanghai(member, clock):
    campaign = make_check_in()

    clock.move_to("2026-11-22 23:59:59")
    late = tap(member, campaign).record.checked_on
    clock.advance(seconds=1)
    early = tap(member, campaign).record

    assert (late, early.checked_on, early.streak) == (date(2026, 11, 22), date(2026, 11, 23), 2)


def test_a_day_may_begin_later_in_the_morning(member, clock):
    campaign = make_check_in(fields={"day_cut_hour": 4})

    clock.move_to("2026-11-23 03:59:59")
    before = tap(member, campaign).record.checked_on
    clock.move_to("2026-11-23 04:00")
    after = tap(member, campaign).record

    assert (before, after.checked_on, after.streak) == (date(2026, 11, 22), date(2026, 11, 23), 2)


@pytest.mark.parametrize(
    ("days", "streak"),
    [
        (("2026-12-31 12:00", "2027-01-01 12:00"), 2),
        (("2026-11-30 12:00", "2026-12-01 12:00"), 2),
        (("2028-02-28 12:00", "2028-02-29 12:00", "2028-03-01 12:00"), 3),
        (("2028-02-28 12:00", "2028-03-01 12:00"), 1),
        (("2027-02-28 12:00", "2027-03-01 12:00"), 2),
    ],
)
def test_a_streak_crosses_month_and_year_ends(member, clock, days, streak):
    clock.move_to(days[0])
    campaign = make_check_in()

    tap_on(clock, member, campaign, *days)

    assert standing_of(member, campaign).streak == streak


def test_a_missed_day_begins_anew(member, clock):
    campaign = make_check_in()

    paid = tap_on(clock, member, campaign, "2026-11-22 09:00", "2026-11-23 09:00", "2026-11-25 09:00")

    assert paid == [1, 2, 1]
    assert standing_of(member, campaign) == Standing(1, 2, 3, date(2026, 11, 25))


def test_a_freeze_protects_a_missed_day_once_a_month(member, clock):
    campaign = make_check_in(freezes_per_month=1)

    tap_on(clock, member, campaign, "2026-11-22 09:00", "2026-11-24 09:00")
    protected = standing_of(member, campaign)
    tap_on(clock, member, campaign, "2026-11-26 09:00")

    assert (protected.streak, standing_of(member, campaign).streak) == (2, 1)
    assert [row.checked_on.day for row in CheckIn.objects.filter(kind="frozen")] == [23]
    assert standing_of(member, campaign) == selectors.recompute(member.pk, campaign.pk)


def test_a_week_begins_anew_each_monday_while_the_streak_goes_on(member, clock):
    campaign = make_check_in(cycle={"mode": "week"}, streaks=[{"days": 2, "reward": points(30)}])

    days = [f"2026-11-{day} 09:00" for day in (21, 22, 23, 24)]  # Saturday to Tuesday

    assert tap_on(clock, member, campaign, *days) == [1, 2 + 30, 1, 2 + 30]
    assert standing_of(member, campaign).streak == 4


def test_a_limited_streak_reward_is_paid_so_often_and_no_more(member, clock):
    campaign = make_check_in(
        cycle={"mode": "rolling", "days": 2}, streaks=[{"days": 2, "reward": points(30), "limit": 1}]
    )
    days = [f"2026-11-{day} 09:00" for day in (22, 23, 24, 25)]

    assert tap_on(clock, member, campaign, *days) == [1, 32, 1, 2]


def test_total_days_pay_in_a_row_or_not(member, clock):
    campaign = make_check_in(tallies=[{"days": 2, "reward": points(50)}])

    assert tap_on(clock, member, campaign, "2026-11-22 09:00", "2026-11-29 09:00") == [1, 51]


def test_a_rule_added_later_pays_nothing_for_the_past(member, clock):
    campaign = make_check_in()
    tap_on(clock, member, campaign, "2026-11-22 09:00", "2026-11-23 09:00")

    settings = CheckInSettings.objects.get().plan | {"streaks": [{"days": 2, "reward": points(30)}]}
    campaign.refresh_from_db()
    campaigns.change_running(
        campaign=campaign, revision=campaign.revision, reason="加码", fields={}, settings=settings, actor=None
    )

    assert tap_on(clock, member, campaign, "2026-11-24 09:00") == [10]


def test_special_days_multiply(clock, db):
    born = make_member(birthday=date(1990, 11, 23), first_seen_at=clock.now - timedelta(days=9))
    campaign = make_check_in(birthday_times=2, special_dates=[{"day": "2026-11-24", "times": 3}])

    days = [f"2026-11-{day} 09:00" for day in (22, 23, 24)]

    assert tap_on(clock, born, campaign, *days) == [1, 4, 30]


def test_the_first_time_bonus_is_paid_once_ever(member, clock):
    first = make_check_in(first_time=points(5), ends_at=clock.now + timedelta(days=1))
    tap_on(clock, member, first, "2026-11-22 09:00")
    clock.move_to("2026-12-01 09:00")
    second = make_check_in(first_time=points(5), starts_at=clock.now, name="年末签到")

    assert tap(member, second).record.points == 1
    assert FirstCheckIn.objects.get().campaign_id == first.pk


def test_other_kinds_of_rewards_go_through_the_one_door(member, clock):
    campaign = make_check_in(streaks=[{"days": 2, "reward": cards(2)}])

    tap_on(clock, member, campaign, "2026-11-22 09:00", "2026-11-23 09:00")

    assert selectors.get_cards(member.pk) == 2


def test_a_day_without_a_reward_counts_all_the_same(member):
    campaign = make_check_in(daily=[points(0)])

    done = tap(member, campaign).record

    assert (done.points, done.balance, done.rewards, done.streak) == (0, 0, [], 1)
    assert not PointsEntry.objects.filter(member=member).exists()


def test_the_event_says_what_happened(member):
    campaign = make_check_in()
    tap(member, campaign)

    event = Event.objects.get(topic="checkins.checked_in")

    assert (event.member_id, event.campaign_id, event.business_on) == (member.pk, campaign.pk, date(2026, 11, 22))
    assert event.payload == {
        "checked_on": "2026-11-22", "kind": "daily", "streak": 1, "day": 1, "tally": 1, "points": 1,
    }  # fmt: skip


def test_a_clock_that_went_back_does_not_open_yesterday(member, clock):
    campaign = make_check_in()
    clock.move_to("2026-11-23 00:00:01")
    first = tap(member, campaign)

    clock.move_to("2026-11-22 23:59:59")

    assert tap(member, campaign).record == first.record


def test_two_members_do_not_touch_each_other(member, clock):
    other = make_member()
    campaign = make_check_in()

    tap_on(clock, member, campaign, "2026-11-22 09:00", "2026-11-23 09:00")

    assert tap(other, campaign).record.streak == 1


def _paused(campaign, _member):
    campaigns.pause(campaign=campaign, actor=None, reason="盘点")


def _ended(campaign, _member):
    campaigns.end(campaign=campaign, actor=None, reason="结束")


def _blocked(_campaign, member):
    type(member).objects.filter(pk=member.pk).update(blocked_at="2026-11-22T00:00:00Z")


def _signed_out(_campaign, member):
    type(member).objects.filter(pk=member.pk).update(token_version=7)


@pytest.mark.parametrize(
    ("spoil", "refusal"),
    [
        (_paused, campaign_errors.Paused),
        (_ended, campaign_errors.Ended),
        (_blocked, account_errors.Blocked),
        (_signed_out, core_errors.NotSignedIn),
    ],
)
def test_a_refusal_leaves_nothing_behind(member, spoil, refusal):
    campaign = make_check_in(first_time=points(5))
    caller = caller_of(member)
    spoil(campaign, member)

    with pytest.raises(refusal):
        services.check_in(caller=caller, campaign_id=campaign.pk)

    assert traces(member) == NOTHING


def test_a_visitor_must_join_first(clock, db):
    visitor, campaign = make_visitor(), make_check_in()

    with pytest.raises(account_errors.NotJoined):
        tap(visitor, campaign)

    assert traces(visitor) == NOTHING


@pytest.mark.parametrize(
    ("moment", "refusal"),
    [("2026-11-12 08:59", campaign_errors.NotStarted), ("2027-01-11 09:00", campaign_errors.Ended)],
)
def test_outside_the_period_nothing_counts(member, clock, moment, refusal):
    campaign = make_check_in()
    clock.move_to(moment)

    with pytest.raises(refusal):
        tap(member, campaign)

    assert traces(member) == NOTHING


def test_who_is_outside_the_audience_is_refused(member):
    campaign = make_check_in(fields={"audience": {"new_only": True, "new_days": 7}})

    with pytest.raises(campaign_errors.NotEligible):
        tap(member, campaign)

    assert traces(member) == NOTHING


def test_an_empty_budget_refuses_and_leaves_nothing(member):
    campaign = make_check_in(first_time=points(5), fields={"budget_fen": 1}, daily=[points(9000)])

    with pytest.raises(BudgetSpent):
        tap(member, campaign)

    assert traces(member) == NOTHING


def test_a_budget_pays_while_it_lasts_and_the_answer_is_the_same(member, clock):
    other = make_member()
    campaign = make_check_in(fields={"budget_fen": 90}, daily=[points(50)])

    done = tap(member, campaign)

    assert (done.record.points, done.record.balance) == (50, 50)
    with pytest.raises(BudgetSpent):
        tap(other, campaign)
    assert traces(other) == NOTHING
    assert tap(member, campaign).record == done.record


def test_no_such_campaign(member):
    with pytest.raises(core_errors.NotFound):
        services.check_in(caller=caller_of(member), campaign_id=member.public_id)
