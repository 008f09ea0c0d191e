"""The rules of campaigns as arithmetic."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.campaigns import errors, rules
from engagement.campaigns.contract import Window
from engagement.campaigns.rules import MemberFacts, Status

SHANGHAI = ZoneInfo("Asia/Shanghai")
START, END = datetime(2026, 12, 1, tzinfo=SHANGHAI), datetime(2026, 12, 31, tzinfo=SHANGHAI)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
windows = st.builds(lambda a, b: Window(min(a, b), max(a, b) + timedelta(seconds=1)), moments, moments)
times = st.times()


def open_at(status: str, window: Window, now: datetime) -> bool:
    try:
        rules.ensure_open(status, window, now)
    except errors.DomainError:
        return False
    return True


@given(st.sampled_from(sorted(Status)), windows, moments)
def test_a_campaign_is_open_exactly_when_published_unpaused_and_within_its_period(status, window, now):
    expected = status in {"scheduled", "running"} and window.starts_at <= now < window.ends_at

    assert open_at(status, window, now) is expected


@given(st.sampled_from(sorted(Status)), windows, moments, st.timedeltas(timedelta(), timedelta(days=900)))
def test_time_never_takes_a_campaign_back(status, window, now, later):
    order = [Status.SCHEDULED, Status.RUNNING, Status.PAUSED, Status.ENDED]
    before, after = rules.status_at(status, window, now), rules.status_at(status, window, now + later)

    assert before == after or order.index(before) < order.index(after)


@pytest.mark.parametrize(
    ("status", "now", "refusal"),
    [
        ("scheduled", START - timedelta(microseconds=1), errors.NotStarted),
        ("draft", START, errors.NotStarted),
        ("running", END, errors.Ended),
        ("archived", START, errors.Ended),
        ("paused", START, errors.Paused),
        ("paused", END, errors.Ended),
    ],
)
def test_each_refusal_says_why(status, now, refusal):
    with pytest.raises(refusal):
        rules.ensure_open(status, Window(START, END), now)


@pytest.mark.parametrize(
    ("hours", "clock", "is_open"),
    [
        ((time(8), time(22)), "07:59:59", False),
        ((time(8), time(22)), "08:00:00", True),
        ((time(8), time(22)), "21:59:59", True),
        ((time(8), time(22)), "22:00:00", False),
        ((time(22), time(2)), "23:59:59", True),
        ((time(22), time(2)), "00:00:00", True),
        ((time(22), time(2)), "02:00:00", False),
    ],
)
def test_daily_hours_are_read_on_a_clock_in_shanghai(hours, clock, is_open):
    window = Window(START, END, *hours)
    now = datetime.fromisoformat(f"2026-12-05 {clock}").replace(tzinfo=SHANGHAI).astimezone(UTC)

    assert open_at("running", window, now) is is_open


@given(times, times, moments)
def test_daily_hours_and_their_opposite_share_no_moment(first, second, now):
    one, other = Window(START, END, first, second), Window(START, END, second, first)

    assert first == second or rules.is_open_daily(one, now) is not rules.is_open_daily(other, now)


@given(windows, windows)
def test_overlap_is_mutual_and_means_a_shared_moment(first, second):
    shared = max(first.starts_at, second.starts_at) < min(first.ends_at, second.ends_at)

    assert rules.windows_overlap(first, second) is rules.windows_overlap(second, first) is shared


NOW = datetime(2026, 12, 5, 12, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("audience", "facts", "may"),
    [
        ({}, MemberFacts(joined_at=None), True),
        ({"exclude_staff": True}, MemberFacts(NOW, is_insider=True), False),
        ({"exclude_staff": True}, MemberFacts(NOW), True),
        ({"new_only": True, "new_days": 7}, MemberFacts(NOW - timedelta(days=7)), True),
        ({"new_only": True, "new_days": 7}, MemberFacts(NOW - timedelta(days=7, seconds=1)), False),
        ({"new_only": True}, MemberFacts(NOW - timedelta(days=30)), True),
        ({"new_only": True}, MemberFacts(None), False),
        ({"adults_only": True}, MemberFacts(NOW, birthday=date(2008, 12, 5)), True),
        ({"adults_only": True}, MemberFacts(NOW, birthday=date(2008, 12, 6)), False),
        ({"adults_only": True}, MemberFacts(NOW), False),
    ],
)
def test_who_belongs_to_an_audience(audience, facts, may):
    assert rules.is_eligible(audience, facts, NOW) is may
    if not may:
        with pytest.raises(errors.NotEligible):
            rules.ensure_eligible(audience, facts, NOW)


def test_who_is_born_on_29_february_turns_18_on_1_march():
    assert rules.age_on(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert rules.age_on(date(2008, 2, 29), date(2026, 3, 1)) == 18


facts_ = st.builds(MemberFacts, st.none() | st.just(NOW - timedelta(days=40)), st.none() | st.just(date(2000, 1, 1)))
audiences = st.fixed_dictionaries(
    {}, optional={"new_only": st.just(True), "adults_only": st.just(True), "new_days": st.integers(1, 366)}
).map(rules.normal_audience)


@given(audiences, audiences, facts_)
def test_what_counts_as_in_favour_shuts_nobody_out(old, new, facts):
    favourable = not rules.unfavourable({"audience": old}, {"audience": new})

    assert not favourable or not rules.is_eligible(old, facts, NOW) or rules.is_eligible(new, facts, NOW)


limits = st.dictionaries(st.sampled_from(rules.LIMITS), st.integers(1, 100))


@given(limits, limits)
def test_limits_may_only_grow_or_go(old, new):
    grows = all(name not in new or (name in old and new[name] >= old[name]) for name in rules.LIMITS)

    assert (not rules.unfavourable({"limits": old}, {"limits": new})) is grows


def test_a_clone_keeps_its_time_of_day_and_length():
    start, end = rules.moved_window(START + timedelta(hours=9), END, to=date(2027, 2, 1))

    assert start == datetime(2027, 2, 1, 9, tzinfo=SHANGHAI)
    assert end - start == timedelta(days=29, hours=15)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("本活动最终解释权归商家所有", "interpretation"),
        ("最 终 解\u200b释 权", "interpretation"),
        ("本店保留一切【解释】权", "interpretation"),
        ("We keep the FINAL RIGHT of interpretation.", "interpretation"),
        ("转发朋友圈，领10积分", None),
        ("分享给好友即可领取红包", "share_reward"),
        ("转发 到朋友圈 抽 大奖", "share_reward"),
        ("不转发不能参加", "share_reward"),
        ("集赞 38 个", "share_reward"),
        ("百元现金天天领", "share_reward"),
        ("Share to win a cup", "share_reward"),
        ("看彩票开奖号码", "lottery"),
        ("五星好评返现 5 元", "rated_reward"),
        ("欢迎分享心得", None),
        ("每天签到领积分。分享你的故事。", None),
        ("连续七天，送一张优惠券", None),
    ],
)
def test_forbidden_phrases_are_found_however_they_are_written(text, kind):
    assert [lint.kind for lint in rules.lint_texts({"slogan": text})] == ([kind] if kind else [])


@given(st.lists(st.sampled_from(list(" \u3000\t\u200b-—·（）“”")), min_size=5, max_size=5))
def test_no_filler_hides_a_forbidden_phrase(fillers):
    text = "".join(a + b for a, b in zip("最终解释权", fillers, strict=True))

    assert [lint.kind for lint in rules.lint_texts({"x": text})] == ["interpretation"]


def test_all_texts_of_a_configuration_are_looked_at():
    settings = {"prizes": [{"name": "a", "n": 1}, {"name": "b"}], "title": "c", "on": True}

    assert rules.texts_in(settings, "s") == {"s/prizes/0/name": "a", "s/prizes/1/name": "b", "s/title": "c"}
