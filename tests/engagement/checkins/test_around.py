"""Cards, reminders, member data, dashboard, card panel, demo data."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from core import clock as core_clock
from core.commands import OutsideTransaction, scope
from core.contract import dashboard_series
from core.models import Event
from engagement.checkins import selectors, services
from engagement.checkins.models import CheckIn, CheckInStanding, FirstCheckIn, MakeUpCardEntry
from engagement.checkins.services import cards as card_services
from engagement.checkins.services.member_data import CheckInData
from members.accounts.contract import card_panels
from members.rewards import services as rewards
from members.rewards.contract import Source
from members.rewards.errors import AlreadyGranted, InvalidReward
from tests.factories.accounts import caller_of, make_member
from tests.factories.checkins import cards, give_cards, make_check_in, points

pytestmark = pytest.mark.django_db


def tap(member, campaign):
    return services.check_in(caller=caller_of(member), campaign_id=campaign.pk)


def source(key="k1"):
    now = core_clock.now()
    return Source(source="test.gift", key=key, label="test", on=now.date(), at=now)


# ---- cards ----
def test_a_grant_of_cards_is_given_once(member):
    with scope():
        given = rewards.grant(member_id=member.pk, spec=cards(2), source=source())
        with pytest.raises(AlreadyGranted):
            rewards.grant(member_id=member.pk, spec=cards(2), source=source())

    assert (given.amount, selectors.get_cards(member.pk)) == (2, 2)


@pytest.mark.parametrize(("spent", "left"), [(0, 0), (2, 0), (3, 0)])
def test_a_revoked_grant_takes_back_what_is_left(member, spent, left):
    with scope():
        rewards.grant(member_id=member.pk, spec=cards(3), source=source())
        for n in range(spent):
            card_services.take(member.pk, source_kind="test.use", source_key=str(n), at=core_clock.now())
        rewards.revoke(member_id=member.pk, source=source())

    assert selectors.get_cards(member.pk) == left
    assert sum(MakeUpCardEntry.objects.values_list("delta", flat=True)) == left


def test_no_card_is_taken_where_there_is_none(member):
    with scope():
        assert not card_services.take(member.pk, source_kind="test.use", source_key="1", at=core_clock.now())

    assert not MakeUpCardEntry.objects.exists()


def test_an_entry_of_cards_cannot_be_changed_or_doubled(member):
    give_cards(member, 1)
    entry = MakeUpCardEntry.objects.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save()
    with pytest.raises(IntegrityError):
        give_cards(member, 1)


def test_cards_move_only_inside_a_command(member):
    with pytest.raises(OutsideTransaction):
        card_services.give(member.pk, 1, source_kind="a.b", source_key="1", at=core_clock.now())


@pytest.mark.parametrize("count", [0, 100, "1", True, None])
def test_an_impossible_number_of_cards_is_no_reward(count):
    with pytest.raises(InvalidReward):
        card_services.MakeUpCardKind().parse({"kind": "make_up_card", "count": count})


# ---- reminders ----
@pytest.fixture
def reminded(member):
    campaign = make_check_in(remind_at="20:00")
    services.set_reminder(caller=caller_of(member), campaign_id=campaign.pk, wish=True)
    return campaign


def reminders():
    return [(e.member_id, e.payload["streak"]) for e in Event.objects.filter(topic="checkins.reminder_due")]


def test_who_asked_and_has_not_checked_in_is_reminded_once(member, reminded, clock):
    tap(member, reminded)
    clock.move_to("2026-11-23 19:59:59")
    early = services.remind()
    clock.move_to("2026-11-23 20:00")

    assert (early, services.remind(), services.remind()) == (0, 1, 0)
    assert reminders() == [(member.pk, 1)]


def test_nobody_is_reminded_of_what_is_done_or_closed(member, reminded, clock):
    blocked = make_member()
    services.set_reminder(caller=caller_of(blocked), campaign_id=reminded.pk, wish=True)
    type(blocked).objects.filter(pk=blocked.pk).update(blocked_at=clock.now)
    clock.move_to("2026-11-22 21:00")
    tap(member, reminded)

    assert services.remind() == 0


def test_who_never_checked_in_is_reminded_without_a_streak(member, reminded, clock):
    clock.move_to("2026-11-22 20:30")

    assert services.remind() == 1
    assert reminders() == [(member.pk, 0)]


def test_no_campaign_no_reminder(db):
    assert services.remind() == 0


# ---- merge, export, erase ----
def test_a_merge_keeps_each_day_once_and_pays_nothing(member, clock):
    other = make_member(first_seen_at=clock.now - timedelta(days=30))
    campaign = make_check_in(first_time=points(5))
    give_cards(other, 2)
    for moment, who in (("20", [other]), ("21", [other, member]), ("22", [member])):
        clock.move_to(f"2026-11-{moment} 09:00")
        for each in who:
            tap(each, campaign)

    with scope():
        CheckInData().merge(source_id=other.pk, target_id=member.pk)

    row = CheckInStanding.objects.get()
    assert (row.member_id, row.streak, row.longest, row.tally) == (member.pk, 3, 3, 3)
    assert list(CheckIn.objects.filter(member=other).values_list("checked_on", flat=True)) == [date(2026, 11, 21)]
    assert (selectors.get_cards(other.pk), selectors.get_cards(member.pk)) == (0, 2)
    assert FirstCheckIn.objects.filter(member=member).count() == 1


def test_an_export_names_every_day(member):
    campaign = make_check_in()
    tap(member, campaign)

    found = CheckInData().export(member.pk)

    assert found["make_up_cards"] == 0
    assert found["check_ins"] == [
        {"campaign": "七天签到", "checked_on": "2026-11-22", "kind": "daily", "streak": 1, "points": 1,
         "at": "2026-11-22T09:00:00+08:00"}
    ]  # fmt: skip


def test_an_erasure_stops_reminders_and_keeps_the_days(member, reminded):
    tap(member, reminded)

    with scope():
        CheckInData().erase(member.pk)

    assert CheckInStanding.objects.get().reminder is False
    assert CheckIn.objects.count() == 1


# ---- staff ----
def test_the_dashboard_counts_check_ins_by_day(member, clock):
    campaign = make_check_in(make_up={"points": 0})
    tap(member, campaign)
    services.make_up(caller=caller_of(member), campaign_id=campaign.pk, day=date(2026, 11, 21))

    read = dashboard_series.get("check_ins").read

    assert read(date(2026, 11, 20), date(2026, 11, 23)) == [0, 0, 1, 0]


def test_the_members_card_shows_streaks_and_cards(member):
    campaign = make_check_in()
    tap(member, campaign)
    give_cards(member, 2)

    lines = [(str(label), value) for label, value in card_panels.get("check_ins").read(member.pk)]

    assert lines == [
        ("七天签到", "连续 1 天，最长 1 天，累计 1 天；最近 2026-11-22"),
        ("补签卡", "2"),
    ]


def test_demo_data_is_a_believable_running_campaign(clock):
    from engagement.checkins.services import demo

    people = [make_member(first_seen_at=clock.now - timedelta(days=40 - n)) for n in range(12)]
    context = {"members": people, "today": clock.now.date(), "campaigns": {}}

    demo.seed(context)
    days = CheckIn.objects.count()
    demo.seed(context)

    campaign = context["campaigns"]["checkins"]
    assert campaign.status == "running"
    assert CheckIn.objects.count() == days > 100
    assert not CheckIn.objects.filter(checked_on=clock.now.date()).exists()
    for row in CheckInStanding.objects.all():
        assert selectors.recompute(row.member_id, row.campaign_id).streak == row.streak
