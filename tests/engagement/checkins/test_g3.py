"""Invariant G3: whatever a member does, the standing is what the rows say, and no day is paid twice."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import DomainError
from engagement.checkins import selectors, services
from engagement.checkins.models import CheckIn, CheckInStanding
from engagement.checkins.rules.streaks import Standing
from members.points.models import PointsAccount, PointsEntry
from tests.factories.accounts import caller_of, make_member
from tests.factories.checkins import make_check_in, points

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("tap"), st.just(0)),
        st.tuples(st.just("days"), st.integers(1, 4)),
        st.tuples(st.just("fill"), st.integers(1, 8)),
    ),
    max_size=25,
)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, freezes=st.integers(0, 2), mode=st.sampled_from(["none", "rolling", "week", "month"]))
def test_the_standing_is_what_the_rows_say_whatever_happens(clock, steps, freezes, mode):
    clock.move_to("2026-11-22 09:00")
    member = make_member(first_seen_at=clock.now - timedelta(days=30))
    campaign = make_check_in(
        name="G3", starts_at=clock.now - timedelta(days=10), freezes_per_month=freezes, cycle={"mode": mode},
        make_up={"points": 1, "limit": 5, "share_percent": 50}, streaks=[{"days": 3, "reward": points(7)}],
    )  # fmt: skip

    for act, n in steps:
        _step(clock, member, campaign, act, n)

    row = CheckInStanding.objects.filter(member=member).first()
    stored = Standing(row.streak, row.longest, row.tally, row.last_on) if row else Standing()
    assert stored == selectors.recompute(member.pk, campaign.pk)
    booked = sum(PointsEntry.objects.filter(member=member, delta__gt=0).values_list("delta", flat=True))
    assert booked == sum(CheckIn.objects.filter(member=member).values_list("points", flat=True))
    assert PointsAccount.objects.filter(member=member, balance__lt=0).count() == 0
    _clear(campaign)


def _step(clock, member, campaign, act, n):
    caller = caller_of(member)
    if act == "days":
        clock.advance(days=n)
        return
    day: date = clock.now.date() - timedelta(days=n)
    try:
        if act == "tap":
            services.check_in(caller=caller, campaign_id=campaign.pk)
        else:
            services.make_up(caller=caller, campaign_id=campaign.pk, day=day)
    except DomainError:
        return


def _clear(campaign):
    """The next example's campaign must not overlap with this one."""
    type(campaign).objects.filter(pk=campaign.pk).update(status="archived")
