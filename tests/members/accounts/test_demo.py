"""The demo's people and the dashboard that they fill."""

from datetime import date, timedelta
from typing import Any

import pytest

from core.models import Event
from members.accounts import rules, selectors
from members.accounts.models import Consent, Member
from members.accounts.services.demo import PEOPLE, seed
from tests.factories.accounts import make_member, make_visitor

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)


def test_thirty_members_joined_over_the_last_sixty_days(clock):
    context: dict[str, Any] = {"today": TODAY}
    seed(context)
    members = context["members"]

    assert len(members) == len({member.nickname for member in members}) == Member.objects.count() == 30
    assert {member.is_test for member in members} == {False}
    assert min(member.joined_at for member in members).date() == TODAY - timedelta(days=60)
    for member in members:
        assert rules.is_member_no(member.member_no)
        assert member.first_seen_at <= member.joined_at <= clock.now
        assert member.joined_at.date() <= member.last_seen_on <= TODAY
        assert rules.clean_nickname(member.nickname) == member.nickname
    assert Consent.objects.count() == 90
    assert Event.objects.filter(topic="accounts.joined").count() == 30


def test_seeding_again_finds_the_same_people(clock):
    first, again = {"today": TODAY}, {"today": TODAY}
    seed(first)
    seed(again)

    assert again["members"] == first["members"]
    assert Member.objects.count() == 30


def test_the_people_are_grown_up_and_told_apart():
    for name, nickname, days_ago, until_joining, birthday in PEOPLE:
        assert until_joining < days_ago, name
        assert len(nickname) <= rules.LONGEST_NICKNAME
        if birthday:
            rules.ensure_birthday(date.fromisoformat(birthday), today=TODAY)
    assert len({person[0] for person in PEOPLE}) == 30


def test_the_dashboard_counts_those_who_joined_by_shanghais_day(clock, django_assert_num_queries):
    make_member(first_seen_at=clock.move_to("2026-11-20 00:00"))
    make_member(first_seen_at=clock.move_to("2026-11-21 23:59"))
    make_member(first_seen_at=clock.move_to("2026-11-21 00:01"))
    make_member(first_seen_at=clock.move_to("2026-11-21 12:00"), is_test=True)
    make_visitor()

    with django_assert_num_queries(1):
        assert selectors.joined_by_day(date(2026, 11, 19), date(2026, 11, 22)) == [0, 1, 2, 0]
    with django_assert_num_queries(1):
        assert selectors.get_members_figure() == ("3", "另有 1 位访客")
