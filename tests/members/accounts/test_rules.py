"""The decisions about accounts."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.accounts import errors, rules
from members.accounts.rules import ConsentGiven

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
HOSTS = ("qlogo.cn",)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("小满", "小满"),
        ("  阿May\u3000", "阿May"),
        ("", ""),
        ("   ", ""),
        ("Cafe\u0301", "Café"),
        ("山里\u3000来的风", "山里\u3000来的风"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("❤\ufe0f茶", "❤\ufe0f茶"),
        ("🏳\ufe0f\u200d🌈", "🏳\ufe0f\u200d🌈"),
        ("👍🏽", "👍🏽"),
        ("1\ufe0f\u20e3号", "1\ufe0f\u20e3号"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("字" * 32, "字" * 32),
    ],
)
def test_a_nickname_is_kept_raw_in_one_form(raw, kept):
    assert rules.clean_nickname(raw) == kept


@pytest.mark.parametrize(
    "raw",
    [
        "字" * 33, "a\x00b", "a\nb", "a\tb", "a\x7fb", "a\u202eb", "a\u2066b", "a\u200bb", "a\u200fb", "a\ufeffb",
        "a\u00adb", "a\u200db", "a\ufe0fb", "a\u2028b", "\u3164", "\u2800", "\ue000", "a\U000e0041b", "a\u00a0b",
        "字\ufe00", "\ud800", "\U0010ffff", "\u034f", "\u115f",
    ],
)  # fmt: skip
def test_a_nickname_with_something_hidden_is_refused(raw):
    with pytest.raises(errors.InvalidNickname):
        rules.clean_nickname(raw)


@given(st.text(max_size=40))
def test_a_clean_nickname_is_clean_for_ever(raw):
    try:
        name = rules.clean_nickname(raw)
    except errors.InvalidNickname:
        return
    assert rules.clean_nickname(name) == name
    assert len(name) <= 32
    assert name == name.strip()


@pytest.mark.parametrize("raw", ["https://thirdwx.qlogo.cn/mmopen/a/132", "https://qlogo.cn/a.png", ""])
def test_an_avatar_of_a_known_host_is_kept(raw):
    assert rules.clean_avatar_url(raw, hosts=HOSTS) == raw


@pytest.mark.parametrize(
    "raw",
    [
        "http://thirdwx.qlogo.cn/a", "javascript:alert(1)", "https://evil.example/a", "https://evilqlogo.cn/a",
        "https://qlogo.cn.evil.example/a", "https://qlogo.cn@evil.example/a", "https://u:p@qlogo.cn/a",
        "https://qlogo.cn:8443/a", "https://qlogo.cn:x/a", "https://[qlogo.cn/a", "//qlogo.cn/a",
        "https://qlogo.cn/a b", "https://qlogo.cn/\"><script>", "https://qlogo.cn\\@evil.example/",
        "https://qlogo.cn/头像", "https://qlogo.cn/" + "a" * 500,
    ],
)  # fmt: skip
def test_any_other_avatar_is_refused(raw):
    with pytest.raises(errors.InvalidAvatar):
        rules.clean_avatar_url(raw, hosts=HOSTS)


@pytest.mark.parametrize(
    ("day", "born", "age"),
    [
        (date(2026, 11, 22), date(2012, 11, 22), 14),
        (date(2026, 11, 21), date(2012, 11, 22), 13),
        (date(2026, 2, 28), date(2012, 2, 29), 13),
        (date(2026, 3, 1), date(2012, 2, 29), 14),
        (date(2028, 2, 29), date(2012, 2, 29), 16),
    ],
)
def test_an_age_grows_on_the_birthday(day, born, age):
    assert rules.age_on(day, born) == age


def test_a_birthday_needs_a_living_grown_up():
    today = date(2026, 11, 22)

    rules.ensure_birthday(date(2012, 11, 22), today=today)
    rules.ensure_birthday(date(1900, 1, 1), today=today)
    with pytest.raises(errors.TooYoung):
        rules.ensure_birthday(date(2012, 11, 23), today=today)
    for impossible in (date(2026, 11, 23), date(1899, 12, 31)):
        with pytest.raises(errors.InvalidBirthday):
            rules.ensure_birthday(impossible, today=today)


@pytest.mark.parametrize(
    ("changed", "again"),
    [(date(2026, 11, 22), date(2027, 11, 22)), (date(2028, 2, 29), date(2029, 3, 1)), (None, None)],
)
def test_a_birthday_changes_again_after_a_year(changed, again):
    assert rules.birthday_changeable_on(changed) == again


@given(DAYS, st.integers(-3, 3))
def test_the_guard_and_the_date_shown_agree(changed, shift):
    again = rules.birthday_changeable_on(changed)
    assert again is not None

    today = again + timedelta(days=shift)

    assert (changed <= rules.year_before(today)) == (shift >= 0)


def test_a_luhn_digit_is_the_published_one():
    assert rules.luhn_digit("7992739871") == "3"  # the example of ISO/IEC 7812-1's usual descriptions
    assert rules.member_no("00000000000") == "000000000000"


@given(st.text("0123456789", min_size=11, max_size=11), st.integers(0, 11), st.integers(1, 9))
def test_a_slip_of_the_pen_shows(digits, place, shift):
    number = rules.member_no(digits)
    slipped = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]

    assert rules.is_member_no(number)
    assert not rules.is_member_no(slipped)


@pytest.mark.parametrize("text", ["", "1", "12345678901a", "1234567890123", "１２３４５６７８９０１２"])
def test_what_has_another_form_is_no_member_number(text):
    assert not rules.is_member_no(text)


def test_joining_needs_a_yes_to_terms_and_privacy():
    yes, no = ConsentGiven("privacy", "1"), ConsentGiven("privacy", "1", given=False)
    terms = ConsentGiven("terms", "1")

    rules.ensure_consents([terms, yes])
    for missing in ([], [terms], [yes], [terms, no]):
        with pytest.raises(errors.ConsentRequired):
            rules.ensure_consents(missing)
