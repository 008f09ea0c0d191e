"""What a day and a make-up pay, and what a running campaign may change to."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.checkins import errors
from engagement.checkins.rules import favour, make_ups, payouts
from engagement.checkins.rules.plan import Cycle, MakeUp, Plan, SpecialDate, StreakReward, TallyReward, dump, parse
from engagement.checkins.rules.streaks import streaks_by_day

ORIGIN = date(2026, 11, 1)


def on(day: int) -> date:
    return ORIGIN + timedelta(days=day - 1)


def pts(points: int) -> dict[str, Any]:
    return {"kind": "points", "points": points}


def plan_of(**changes) -> Plan:
    base: dict[str, Any] = {"cycle": Cycle("none"), "daily": [pts(1), pts(2), pts(10)]}
    return Plan(**(base | changes))


def paid(plan, *, streak, tally=1, day=ORIGIN, birthday=None, is_first=False):
    due = payouts.of_check_in(plan, streak=streak, tally=tally, day=day, birthday=birthday, is_first=is_first)
    return [(each.reason, each.points) for each in due]


def rows_of(*days: int) -> dict[date, bool]:
    return {on(day): True for day in days}


@pytest.mark.parametrize(("streak", "points"), [(1, 1), (2, 2), (3, 10), (4, 10), (400, 10)])
def test_the_daily_list_repeats_its_last(streak, points):
    assert paid(plan_of(), streak=streak) == [("day", points)]


def test_a_cycle_begins_the_list_anew():
    plan = plan_of(cycle=Cycle("rolling", 3))

    assert [paid(plan, streak=n) for n in (3, 4, 6)] == [[("day", 10)], [("day", 1)], [("day", 10)]]


def test_an_increment_grows_up_to_its_cap():
    plan = plan_of(daily=[pts(5)], increment=2, increment_cap=6)

    assert [paid(plan, streak=n)[0][1] for n in (1, 2, 4, 5, 50)] == [5, 7, 11, 11, 11]


def test_bonuses_come_on_their_own_day_only():
    plan = plan_of(
        first_time=pts(5), streaks=[StreakReward(3, pts(30))], tallies=[TallyReward(9, pts(90))]
    )  # fmt: skip

    assert paid(plan, streak=1, is_first=True) == [("day", 1), ("first", 5)]
    assert paid(plan, streak=3, tally=9) == [("day", 10), ("streak", 30), ("tally", 90)]
    assert paid(plan, streak=4, tally=10) == [("day", 10)]


def test_a_day_worth_nothing_pays_nothing():
    assert paid(plan_of(daily=[pts(0)]), streak=1) == []


def test_special_dates_multiply_the_days_points_alone():
    plan = plan_of(special_dates=[SpecialDate(on(3), 3)], streaks=[StreakReward(3, pts(30))], birthday_times=2)

    assert paid(plan, streak=3, day=on(3), birthday=date(1990, 11, 3)) == [("day", 30), ("streak", 30)]
    assert paid(plan, streak=3, day=on(4), birthday=date(1990, 11, 4)) == [("day", 20), ("streak", 30)]


def test_a_birthday_on_the_29th_of_february_is_had_every_year():
    born = date(2000, 2, 29)
    days = [date(2028, 2, 29), date(2028, 2, 28), date(2027, 2, 28), date(2027, 3, 1), date(2100, 2, 28)]

    assert [payouts.is_birthday(born, day) for day in days] == [True, False, True, False, True]


def test_a_make_up_heals_the_streak_and_pays_what_it_brings_about():
    plan = plan_of(streaks=[StreakReward(3, pts(30)), StreakReward(7, pts(70))], make_up=MakeUp(share_percent=50))
    rows = rows_of(1, 2, 3, 5, 6, 7)

    due = make_ups.earned(plan, rows, on(4), birthday=None)

    assert make_ups.fill(rows, on(4)).streak == 7
    assert [(each.reason, each.days, each.points) for each in due] == [("day", 4, 5), ("streak", 7, 70)]


def test_a_make_up_at_the_front_does_not_pay_a_streak_again():
    plan = plan_of(streaks=[StreakReward(3, pts(30))])

    assert make_ups.earned(plan, rows_of(2, 3, 4), on(1), birthday=None) == []


def test_a_make_up_counts_for_the_tally():
    plan = plan_of(tallies=[TallyReward(3, pts(9))])

    due = make_ups.earned(plan, rows_of(1, 5), on(3), birthday=None)

    assert [(each.reason, each.points) for each in due] == [("tally", 9)]


@given(
    days=st.sets(st.integers(1, 40), min_size=1),
    mode=st.sampled_from([Cycle("none"), Cycle("rolling", 7), Cycle("week"), Cycle("month")]),
    rule=st.integers(1, 7),
    data=st.data(),
)
def test_a_make_up_brings_about_at_most_one_reward_of_a_rule(days, mode, rule, data):
    plan = plan_of(cycle=mode, streaks=[StreakReward(rule, pts(30))])
    missing = data.draw(st.sampled_from(sorted(set(range(1, 41)) - days) or [41]))
    before = streaks_by_day(rows_of(*days))
    after = streaks_by_day(rows_of(*days, missing))

    more = make_ups._reaches(after, rule, mode) - make_ups._reaches(before, rule, mode)
    due = make_ups.earned(plan, rows_of(*days), on(missing), birthday=None)

    assert more <= 1
    assert [each.reason for each in due] == ["streak"] * max(0, more)


@pytest.mark.parametrize(
    ("day", "refusal"),
    [
        (22, errors.DayNotOpen),  # today
        (23, errors.DayNotOpen),
        (14, errors.DayNotOpen),  # eight days ago
        (20, errors.DayTaken),
        (19, None),
        (15, None),
    ],
)
def test_the_days_that_can_be_filled(day, refusal):
    arguments: dict[str, Any] = {"today": on(22), "since": on(1), "rows": rows_of(20), "made_up": []}
    if refusal:
        with pytest.raises(refusal):
            make_ups.ensure_can_fill(plan_of(), on(day), **arguments)
    else:
        make_ups.ensure_can_fill(plan_of(), on(day), **arguments)


def test_no_day_before_the_member_could_check_in_can_be_filled():
    with pytest.raises(errors.DayNotOpen, match="2026-11-20"):
        make_ups.ensure_can_fill(plan_of(), on(19), today=on(22), since=on(20), rows={}, made_up=[])
    with pytest.raises(errors.NothingOpen):
        make_ups.ensure_can_fill(plan_of(), on(22), today=on(22), since=on(22), rows={}, made_up=[])


def test_make_ups_are_counted_by_week_or_month():
    weekly = plan_of(cycle=Cycle("week"), make_up=MakeUp(limit=1))
    monthly = plan_of(make_up=MakeUp(limit=1))

    assert make_ups.left(weekly, on(9), [on(8)]) == 1  # the 8th is a Sunday
    assert make_ups.left(weekly, on(9), [on(15)]) == 0
    assert make_ups.left(monthly, on(30), [on(1)]) == 0
    assert make_ups.left(monthly, date(2026, 12, 1), [on(30)]) == 1
    with pytest.raises(errors.MakeUpsUsedUp):
        make_ups.ensure_can_fill(monthly, on(20), today=on(22), since=on(1), rows={}, made_up=[on(1)])


@pytest.mark.parametrize(("percent", "part"), [(0, None), (33, pts(3)), (50, pts(5)), (100, pts(10))])
def test_a_share_is_rounded_down(percent, part):
    assert make_ups.part_of(pts(10), percent) == part


def test_what_cannot_be_divided_is_given_only_in_full():
    card = {"kind": "make_up_card", "count": 1}

    assert make_ups.part_of(card, 99) is None
    assert make_ups.part_of(card, 100) == card


def test_a_plan_survives_json():
    plan = plan_of(special_dates=[SpecialDate(on(3), 3)], first_time=pts(5), streaks=[StreakReward(3, pts(1), 2)])

    assert parse(dump(plan)) == plan


@pytest.mark.parametrize(
    ("settings", "pointer"),
    [
        ({"daily": []}, "/daily"),
        ({"daily": [pts(10_000)]}, "/daily/0"),
        ({"cycle": {"mode": "rolling", "days": 1}}, "/cycle/days"),
        ({"cycle": {"mode": "year"}}, "/cycle/mode"),
        ({"streaks": [{"days": 8, "reward": pts(1)}]}, "/streaks/0/days"),
        ({"streaks": [{"days": 3, "reward": pts(1)}, {"days": 3, "reward": pts(2)}]}, "/streaks"),
        ({"make_up": {"share_percent": 101}}, "/make_up/share_percent"),
        ({"remind_at": "24:00"}, "/remind_at"),
        ({"dayly": []}, ""),
    ],
)
def test_impossible_settings_are_named(settings, pointer):
    with pytest.raises(errors.InvalidPlan) as refusal:
        parse(settings)

    assert refusal.value.errors[0].pointer == pointer


@pytest.mark.parametrize(
    ("change", "fair"),
    [
        ({}, True),
        ({"daily": [pts(1), pts(2), pts(11)]}, True),
        ({"daily": [pts(2)]}, False),  # the third day fell from 10 to 2
        ({"daily": [pts(10)]}, True),
        ({"cycle": Cycle("week")}, False),
        ({"streaks": []}, False),
        ({"streaks": [StreakReward(3, pts(30), 0)]}, True),
        ({"streaks": [StreakReward(3, pts(30), 1)]}, False),
        ({"streaks": [StreakReward(3, {"kind": "make_up_card", "count": 99}, 2)]}, False),
        ({"freezes_per_month": 0}, False),
        ({"freezes_per_month": 2}, True),
        ({"make_up": MakeUp(enabled=False)}, False),
        ({"make_up": MakeUp(points=19)}, True),
        ({"make_up": MakeUp(points=21)}, False),
        ({"birthday_times": 1}, False),
        ({"special_dates": [SpecialDate(on(3), 3)]}, True),
        ({"special_dates": []}, False),
        ({"first_time": None}, False),
        ({"remind_at": "20:00"}, True),
    ],
)
def test_only_what_takes_nothing_is_a_relaxation(change, fair):
    old = {
        "first_time": pts(5),
        "streaks": [StreakReward(3, pts(30), 2)],
        "special_dates": [SpecialDate(on(3), 2)],
        "birthday_times": 2,
        "freezes_per_month": 1,
    }

    assert favour.is_relaxation(plan_of(**old), plan_of(**(old | change))) is fair
