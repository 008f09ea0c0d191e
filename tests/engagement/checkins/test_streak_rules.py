"""Counting days: exact cases, and properties against a straightforward count of the rows."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.checkins.rules import streaks
from engagement.checkins.rules.plan import Cycle
from engagement.checkins.rules.streaks import Standing, advance, day_of_cycle, freezes_for, recompute, streak_on

ORIGIN = date(2026, 11, 1)


def on(day: int) -> date:
    return ORIGIN + timedelta(days=day - 1)


def walk(days: list[date], per_month: int = 0) -> tuple[Standing, dict[date, bool]]:
    """Check in on each of ``days`` as the service does; the standing and the rows that it leaves."""
    standing = Standing()
    rows: dict[date, bool] = {}
    for day in days:
        used: dict[tuple[int, int], int] = {}
        for frozen in (each for each, counts in rows.items() if not counts):
            used[frozen.year, frozen.month] = used.get((frozen.year, frozen.month), 0) + 1
        step = advance(standing, day, used=used, per_month=per_month)
        rows |= dict.fromkeys(step.frozen, False) | {day: True}
        standing = step.standing
    return standing, rows


def slow_streak(rows: dict[date, bool]) -> int:
    """The definition, word for word: walk back from the last counting day until a day has no row."""
    day = max((each for each, counts in rows.items() if counts), default=None)
    count = 0
    while day in rows:
        count += rows[day]
        day -= timedelta(days=1)
    return count


DAYS = st.lists(st.integers(0, 120), unique=True, max_size=60).map(lambda ns: [on(n + 1) for n in sorted(ns)])


@given(days=DAYS, per_month=st.integers(0, 4))
def test_the_standing_is_what_the_rows_say(days, per_month):
    standing, rows = walk(days, per_month)

    assert standing == recompute(rows)
    assert standing.streak == slow_streak(rows)
    assert standing.tally == len(days)


@given(days=DAYS, per_month=st.integers(0, 4))
def test_no_month_has_more_freezes_than_allowed_and_none_is_wasted(days, per_month):
    _, rows = walk(days, per_month)
    frozen = [day for day, counts in rows.items() if not counts]

    for month in {(day.year, day.month) for day in frozen}:
        assert sum((day.year, day.month) == month for day in frozen) <= per_month
    for day in frozen:  # a freeze always joins two days that count
        assert any(rows.get(day + timedelta(days=n)) for n in range(1, 10))


@given(streak=st.integers(1, 500), day=st.dates(), length=st.integers(2, 365))
def test_a_place_is_within_its_cycle_and_moves_by_one(streak, day, length):
    for cycle in (Cycle("rolling", length), Cycle("week"), Cycle("month")):
        place = day_of_cycle(streak, day, cycle)
        tomorrow = day_of_cycle(streak + 1, min(day, date.max - streaks.ONE_DAY) + streaks.ONE_DAY, cycle)

        assert 1 <= place <= min(streak, cycle.length)
        assert tomorrow in {place + 1, 1, place}
    assert day_of_cycle(streak, day, Cycle("none")) == streak


@pytest.mark.parametrize(
    ("streak", "day", "cycle", "place"),
    [
        (8, "2026-11-22", Cycle("rolling", 7), 1),
        (7, "2026-11-22", Cycle("rolling", 7), 7),
        (40, "2026-11-22", Cycle("week"), 7),  # a Sunday
        (41, "2026-11-23", Cycle("week"), 1),  # the Monday after
        (2, "2026-11-27", Cycle("week"), 2),
        (31, "2027-01-01", Cycle("month"), 1),
        (60, "2028-02-29", Cycle("month"), 29),
        (40, "2026-11-22", Cycle("none"), 40),
        (0, "2026-11-22", Cycle("week"), 0),
    ],
)
def test_the_place_in_the_cycle(streak, day, cycle, place):
    assert day_of_cycle(streak, date.fromisoformat(day), cycle) == place


def test_a_missed_day_begins_a_new_streak_and_keeps_the_longest():
    standing, _ = walk([on(1), on(2), on(3), on(5)])

    assert standing == Standing(streak=1, longest=3, tally=4, last_on=on(5))


def test_the_29th_of_february_is_a_day_like_any_other():
    leap, _ = walk([date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)])
    skipped, _ = walk([date(2028, 2, 28), date(2028, 3, 1)])
    common, _ = walk([date(2027, 2, 28), date(2027, 3, 1)])

    assert (leap.streak, skipped.streak, common.streak) == (3, 1, 2)


def test_a_streak_goes_on_over_the_end_of_the_year():
    standing, _ = walk([date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 1)])

    assert standing.streak == 3


def test_a_freeze_keeps_the_streak_and_does_not_count():
    standing, rows = walk([on(1), on(2), on(4)], per_month=1)

    assert (standing.streak, standing.tally) == (3, 3)
    assert rows[on(3)] is False


def test_a_gap_that_freezes_do_not_cover_takes_none_of_them():
    assert freezes_for([on(3), on(4)], used={(2026, 11): 1}, per_month=2) is None
    assert freezes_for([on(3), on(4)], used={}, per_month=2) == (on(3), on(4))


def test_each_missed_day_takes_a_freeze_of_its_own_month():
    missed = [date(2026, 11, 30), date(2026, 12, 1)]

    assert freezes_for(missed, used={}, per_month=1) == tuple(missed)
    assert freezes_for(missed, used={(2026, 12): 1}, per_month=1) is None


def test_the_page_shows_the_streak_until_it_is_lost_for_good():
    standing = Standing(streak=4, longest=4, tally=4, last_on=on(4))

    assert streak_on(standing, on(5), used={}, per_month=0) == 4
    assert streak_on(standing, on(6), used={}, per_month=0) == 0
    assert streak_on(standing, on(6), used={}, per_month=1) == 4
    assert streak_on(Standing(), on(6), used={}, per_month=1) == 0
