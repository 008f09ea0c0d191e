"""Phone numbers, checks of texts and pictures, WeChat's opinion of a person."""

import pytest

from platforms.wechat import errors
from platforms.wechat.services import safety
from platforms.wechat.services.login import WeChatLogin
from platforms.wechat.services.phone import PhoneNumber, phone_number
from platforms.wechat.services.safety import RiskScene, Scene, TextVerdict
from tests.platforms.wechat.conftest import APP
from tests.stubs.wechat import FakeWeChat

pytestmark = pytest.mark.django_db
PHONE = "/wxa/business/getuserphonenumber"


@pytest.fixture
def anna(wechat: FakeWeChat, clock) -> str:
    """Somebody who has just signed in."""
    return WeChatLogin().exchange(APP, wechat.login_code("o-anna")).openid


def test_a_phone_number_is_given_once(wechat):
    code = wechat.phone_code("13800001234")

    assert phone_number(APP, code) == PhoneNumber("13800001234", 86)
    with pytest.raises(errors.LoginCodeInvalid):
        phone_number(APP, code)


def test_a_phone_number_is_not_shown(wechat):
    assert "13800001234" not in repr(phone_number(APP, wechat.phone_code("13800001234")))


@pytest.mark.parametrize("country", [86, "86"])
@pytest.mark.parametrize(
    ("number", "app_id", "readable"),
    [("13800001234", APP, True), ("1380000123x", APP, False), ("", APP, False),
     ("13800001234", "wxfedcba9876543210", False)],
)  # fmt: skip
def test_only_a_readable_number_of_this_app_is_taken(wechat, monkeypatch, country, number, app_id, readable):
    info = {"purePhoneNumber": number, "countryCode": country, "watermark": {"appid": app_id, "timestamp": 1}}
    monkeypatch.setattr(FakeWeChat, "_phone", lambda *_: {"errcode": 0, "phone_info": info})

    if readable:
        assert phone_number(APP, "c").country_code == 86
    else:
        with pytest.raises(errors.Unavailable):
            phone_number(APP, "c")


def test_an_unanswered_paid_call_is_not_sent_again(wechat):
    wechat.fail(PHONE, "cut")

    with pytest.raises(errors.Unavailable):
        phone_number(APP, wechat.phone_code("13800001234"))
    assert len(wechat.requests(PHONE)) == 1


def test_texts_are_judged(wechat, anna):
    assert safety.check_text(APP, anna, "好茶", Scene.PROFILE) == TextVerdict("pass", 100)
    assert safety.check_text(APP, anna, "a risky-word", Scene.COMMENT) == TextVerdict("risky", 20001)
    assert wechat.requests("/wxa/msg_sec_check")[0].body == {
        "version": 2, "openid": "o-anna", "scene": 1, "content": "好茶",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "茶" * 2501])
def test_a_text_that_wechat_does_not_take_is_not_sent(wechat, anna, text):
    with pytest.raises(errors.ArgumentsInvalid):
        safety.check_text(APP, anna, text, Scene.PROFILE)

    assert wechat.requests("/wxa/msg_sec_check") == []


def test_a_picture_gets_a_mark_under_which_its_verdict_will_come(wechat, anna):
    assert len(safety.check_picture(APP, anna, "https://example.com/a.png", Scene.PROFILE)) == 24


def test_the_rank_is_from_none_to_high(wechat, anna):
    wechat.ranks["o-anna"] = 4

    assert safety.risk_rank(APP, anna, scene=RiskScene.MARKETING, address="192.0.2.1") == 4
    wechat.ranks["o-anna"] = 9
    with pytest.raises(errors.Unavailable):
        safety.risk_rank(APP, anna, scene=RiskScene.MARKETING, address="192.0.2.1")


def test_somebody_not_seen_for_two_hours_is_unknown_and_not_good(wechat, anna, clock):
    clock.advance(hours=2, seconds=1)

    for check in (
        lambda: safety.check_text(APP, anna, "好茶", Scene.PROFILE),
        lambda: safety.check_picture(APP, anna, "https://example.com/a.png", Scene.PROFILE),
        lambda: safety.risk_rank(APP, anna, scene=RiskScene.REGISTER, address="192.0.2.1"),
    ):
        with pytest.raises(errors.NotRecentlyActive):
            check()
