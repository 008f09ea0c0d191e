"""The decisions, as arithmetic."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.points import errors, rules
from members.points.rules import CapMode, ExpiryMode, Policy

amounts = st.integers(0, 10**9)


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 11, 22), 12, date(2027, 11, 30)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 12, 1), 120, date(2036, 12, 31)),
    ],
)
def test_month_ends(day, months, end):
    assert rules.month_end_after(day, months) == end


@given(st.dates(date(2020, 1, 1), date(2100, 1, 1)), st.integers(0, 400), st.integers(1, 120))
def test_expiry_never_falls_with_a_later_earning(day, more, months):
    for policy in (Policy(months=months), Policy(expiry_mode=ExpiryMode.FIXED_DATE, fixed_month=2, fixed_day=29)):
        later = rules.expires_on(policy, date.fromordinal(day.toordinal() + more))
        assert day <= rules.expires_on(policy, day) <= later


@pytest.mark.parametrize(
    ("on", "expires"),
    [
        (date(2026, 12, 1), date(2026, 12, 31)),
        (date(2026, 12, 2), date(2027, 12, 31)),
        (date(2026, 12, 31), date(2027, 12, 31)),
        (date(2027, 1, 1), date(2027, 12, 31)),
    ],
)
def test_a_fixed_date_leaves_at_least_thirty_days(on, expires):
    assert rules.expires_on(Policy(expiry_mode=ExpiryMode.FIXED_DATE), on) == expires


def test_a_fixed_29_february_is_the_28th_in_other_years():
    policy = Policy(expiry_mode=ExpiryMode.FIXED_DATE, fixed_month=2, fixed_day=29)

    assert [rules.fixed_day_of(policy, year) for year in (2027, 2028)] == [date(2027, 2, 28), date(2028, 2, 29)]


@given(amounts, amounts, st.integers(-(10**9), 10**9))
def test_an_account_has_a_balance_or_a_debt_never_both(balance, debt, delta):
    after = rules.moved(balance, debt, delta)

    assert after[0] - after[1] == balance - debt + delta
    assert min(after) == 0 <= max(after)


@pytest.mark.parametrize(("days_left", "notice"), [(31, None), (30, 30), (8, 30), (7, 7), (2, 7), (1, 1), (0, 1)])
def test_notices(days_left, notice):
    assert rules.notice_for(days_left) == notice


@pytest.mark.parametrize(
    ("factors", "stack", "points"),
    [
        ([], False, 101),
        ([15_000], False, 151),
        ([12_000, 20_000], False, 202),
        ([12_000, 20_000], True, 242),
        ([90_000], False, 505),
        ([5_000], False, 101),
        ([20_000, 20_000, 20_000], True, 505),
    ],
)
def test_multipliers(factors, stack, points):
    assert rules.multiplied(101, factors, stack=stack) == points


@pytest.mark.parametrize(
    ("goods_fen", "spendable", "points", "discount"),
    [
        (10_000, 100_000, 5_000, 5_000),  # half of 100 yuan
        (10_000, 4_321, 4_300, 4_300),  # in steps of 100
        (10_001, 100_000, 5_000, 5_000),
        (199, 100_000, 0, 0),  # half of it is below one step
        (10_000, 99, 0, 0),
        (0, 100, 0, 0),
    ],
)
def test_an_order_s_quote(goods_fen, spendable, points, discount):
    quote = rules.offset_quote(Policy(), goods_fen=goods_fen, spendable=spendable)

    assert (quote.points, quote.discount_fen) == (points, discount)


@given(amounts, amounts, st.integers(1, 1000), st.integers(1, 10_000), st.integers(0, 10_000))
def test_a_quote_never_takes_off_more_than_its_share(goods_fen, spendable, step, rate, most_bps):
    policy = Policy(offset_step=step, offset_points_per_yuan=rate, offset_most_bps=most_bps)

    quote = rules.offset_quote(policy, goods_fen=goods_fen, spendable=spendable)

    assert quote.points <= spendable
    assert quote.points % step == 0
    assert quote.discount_fen * 10_000 <= goods_fen * most_bps


@pytest.mark.parametrize("points", [0, -100, 50, 5_100, 150])
def test_an_order_takes_only_what_the_quote_allows(points):
    quote = rules.offset_quote(Policy(), goods_fen=10_000, spendable=10_000)

    with pytest.raises(errors.OffsetNotPossible):
        rules.ensure_offset(quote, points=points, least=0)


def test_the_cost_is_rounded_up():
    assert [rules.cost_fen(Policy(cost_fen_per_100=75), points) for points in (1, 100, 101)] == [1, 75, 76]


def test_returned_points_keep_their_day_or_get_a_week():
    on = date(2026, 12, 5)

    days = [rules.returned_until(Policy(), day, on=on) for day in (date(2026, 12, 5), date(2026, 12, 4))]

    assert days == [date(2026, 12, 5), date(2026, 12, 12)]


@pytest.mark.parametrize(
    ("text", "caps"),
    [
        ("", ()),
        (
            "daily: checkins.day, checkins.streak = 100 cut\n\nrest: * = 500 refuse",
            (
                rules.Cap("daily", ("checkins.day", "checkins.streak"), 100, CapMode.CUT),
                rules.Cap("rest", ("*",), 500, CapMode.REFUSE),
            ),
        ),
    ],
)
def test_caps_are_written_a_line_each(text, caps):
    assert rules.parse_caps(text) == caps
    assert rules.parse_caps(rules.format_caps(caps)) == caps


@pytest.mark.parametrize("text", ["daily", "daily: a = many cut", "daily: a = 5", "daily: a = 5 stop", ": a = 5 cut"])
def test_a_line_that_is_no_cap_is_refused(text):
    with pytest.raises(errors.InvalidPolicy):
        rules.parse_caps(text)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"months": 0}, "months"),
        ({"fixed_month": 13}, "fixed_day"),
        ({"offset_points_per_yuan": 0}, "offset"),
        ({"offset_most_bps": 10_001}, "offset"),
        ({"adjust_alone": -1}, "adjust"),
        ({"caps": (rules.Cap("a", ("x",), 1, CapMode.CUT), rules.Cap("b", ("x",), 1, CapMode.CUT))}, "cap_once"),
        ({"caps": (rules.Cap("a", (), 1, CapMode.CUT),)}, "cap_amount"),
    ],
)
def test_rules_that_cannot_work(values, fault):
    assert rules.policy_faults(Policy()) == []
    assert rules.policy_faults(Policy(**values)) == [fault]
