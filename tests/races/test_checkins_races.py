"""Races for a day, for a card and for the first-time bonus; each with a control that shows the race."""

from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from uuid import uuid4

import pytest

from core import clock
from core import errors as core_errors
from engagement.checkins import errors, selectors, services
from engagement.checkins.events import CheckedIn
from engagement.checkins.models import CheckIn, CheckInStanding, MakeUpCard, MakeUpCardEntry
from engagement.checkins.rules.streaks import Standing
from engagement.checkins.services import cards, check_ins, writing
from engagement.checkins.services.writing import Act
from members.points.models import PointsEntry
from members.risk import services as risk
from members.risk.models import RiskPolicy
from tests.factories.accounts import caller_of, make_member
from tests.factories.checkins import give_cards, make_check_in, points
from tests.races.harness import RACE, Race, patched, pause, without_constraint

pytestmark = RACE
TODAY = date(2026, 11, 22)
REFUSALS = (errors.DayTaken, errors.NoCard, core_errors.Busy)


@pytest.fixture(autouse=True)
def _still(request):
    """Every round is on one business day, and the gate has seen nobody."""
    request.getfixturevalue("clock")
    risk.forget()
    yield
    risk.forget()


@contextmanager
def unguarded():
    """The standing moves without looking, a day has no unique row, and neither ledger nor log know a day's key."""
    blind = writing.MOVE_STANDING.replace("WHERE checkins_checkinstanding.tally = %(old_tally)s", "")
    with ExitStack() as stack:
        stack.enter_context(patched(writing, "MOVE_STANDING", blind))
        stack.enter_context(patched(check_ins, "is_plain", lambda _act: pause()))
        stack.enter_context(patched(Act, "source_key", property(lambda _act: uuid4().hex)))
        stack.enter_context(patched(CheckedIn, "key", lambda _event: uuid4().hex))
        stack.enter_context(without_constraint(CheckIn, "checkin_once_a_day"))
        stack.enter_context(without_constraint(CheckInStanding, "checkin_standing_in_order"))
        yield


def newcomer():
    return make_member(first_seen_at=clock.now() - timedelta(days=30))


def tap(caller, campaign):
    return services.check_in(caller=caller, campaign_id=campaign.pk)


def fill(caller, campaign, day):
    return services.make_up(caller=caller, campaign_id=campaign.pk, day=day)


def disagrees(member, campaign):
    """Whether the standing is not what the rows say."""
    row = CheckInStanding.objects.filter(member=member, campaign=campaign).first()
    stored = Standing(row.streak, row.longest, row.tally, row.last_on) if row else Standing()
    return int(stored != selectors.recompute(member.pk, campaign.pk))


def test_fifty_taps_are_one_check_in_and_one_reward():
    campaign = make_check_in(daily=[points(5)])
    # The gate would stop a finger that taps so fast; here it must not spare the guard the work.
    RiskPolicy.objects.create(scope="member", measure="acts", most=1, seconds=1, decision="refuse", is_active=False)

    def given():
        member = newcomer()
        return member, caller_of(member)

    def violations(state, outcomes):
        rows = CheckIn.objects.filter(member=state[0]).count()
        entries = PointsEntry.objects.filter(member=state[0]).count()
        answers = [each.value.record for each in outcomes if each.succeeded]
        others = sum(answer != answers[0] for answer in answers)
        return abs(rows - 1) + abs(entries - 1) + others

    Race(
        "one day, 50 check-ins", workers=50, given=given, act=lambda state, _n: tap(state[1], campaign),
        violations=violations, refusals=(core_errors.Busy,),
    ).prove(unguarded).ensure()  # fmt: skip


def test_one_day_is_made_up_once():
    campaign = make_check_in(make_up={"points": 3}, daily=[points(50)])

    def given():
        member = newcomer()
        tap(caller_of(member), campaign)
        return member, caller_of(member)

    def violations(state, _outcomes):
        rows = CheckIn.objects.filter(member=state[0], kind="make_up").count()
        prices = PointsEntry.objects.filter(member=state[0], source_kind="checkins.make_up_cost").count()
        return abs(rows - 1) + abs(prices - 1) + disagrees(state[0], campaign)

    Race(
        "one missed day, 8 make-ups", workers=8, given=given,
        act=lambda state, _n: fill(state[1], campaign, TODAY - timedelta(days=1)),
        violations=violations, refusals=REFUSALS,
    ).prove(unguarded).ensure()  # fmt: skip


def test_check_in_and_make_ups_at_once_keep_the_standing_true():
    campaign = make_check_in(make_up={"points": 0, "limit": 7})

    def given():
        member = newcomer()
        return member, caller_of(member)

    def act(state, number):
        if number == 0:
            return tap(state[1], campaign)
        return fill(state[1], campaign, TODAY - timedelta(days=number))

    Race(
        "a check-in and five make-ups", workers=6, given=given, act=act,
        violations=lambda state, _outcomes: disagrees(state[0], campaign), refusals=REFUSALS,
    ).prove(unguarded).ensure()  # fmt: skip


@contextmanager
def endless_cards():
    """Cards are taken without looking whether there are any."""
    with ExitStack() as stack:
        stack.enter_context(patched(cards, "TAKE", cards.TAKE.replace("AND count >= %(n)s", "")))
        for name in ("make_up_card_not_negative", "checkins_makeupcard_count_check"):
            stack.enter_context(without_constraint(MakeUpCard, name))
        for name in ("make_up_card_entry_not_negative", "checkins_makeupcardentry_count_after_check"):
            stack.enter_context(without_constraint(MakeUpCardEntry, name))
        yield


def test_the_last_card_pays_for_one_day():
    campaign = make_check_in(make_up={"pay_with": "card", "limit": 7})

    def given():
        member = newcomer()
        give_cards(member, 1)
        return member, caller_of(member)

    def violations(state, _outcomes):
        filled = CheckIn.objects.filter(member=state[0]).count()
        return abs(filled - 1) + abs(selectors.get_cards(state[0].pk))

    Race(
        "the last card, 6 make-ups", workers=6, given=given,
        act=lambda state, n: fill(state[1], campaign, TODAY - timedelta(days=n + 1)),
        violations=violations, refusals=REFUSALS,
    ).prove(endless_cards).ensure()  # fmt: skip


@contextmanager
def firsts_by_looking():
    """Whether it is the first time is only looked up, not claimed."""
    looked_up = """
    SELECT m.id AS member_id FROM accounts_member m WHERE m.id = %(member)s AND NOT EXISTS (
      SELECT 1 FROM checkins_checkinstanding o
       WHERE o.member_id = m.id AND o.campaign_id <> %(campaign)s AND o.tally > 0)
    """
    with patched(check_ins, "CLAIM_FIRST", looked_up):
        yield


def test_the_first_time_bonus_of_two_campaigns_is_paid_once():
    campaigns = [make_check_in(first_time=points(5), name="甲")]
    type(campaigns[0]).objects.update(status="archived")  # out of the way of the overlap check, for a moment
    campaigns.append(make_check_in(first_time=points(5), name="乙"))
    type(campaigns[0]).objects.update(status="running")

    def given():
        member = newcomer()
        return member, caller_of(member)

    def violations(state, _outcomes):
        rewards = CheckIn.objects.filter(member=state[0]).values_list("rewards", flat=True)
        return abs(sum(each["reason"] == "first" for row in rewards for each in row) - 1)

    Race(
        "first-time bonus, two campaigns", workers=2, given=given,
        act=lambda state, number: tap(state[1], campaigns[number]), violations=violations,
    ).prove(firsts_by_looking).ensure()  # fmt: skip
