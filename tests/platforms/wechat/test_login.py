"""Signing in with wx.login against the stand-in."""

import io
import json
import logging
from typing import Any, cast

import pytest
from django.apps import apps
from django.db import transaction

from core.models import Event
from members.accounts.models import Identity
from platforms.protocols import LoginRefused, PlatformDown, PlatformIdentity, login_providers
from platforms.wechat import errors
from platforms.wechat.apps import WeChatConfig
from platforms.wechat.models import Fault, UsedLoginCode
from platforms.wechat.services.calls import CallInTransaction
from platforms.wechat.services.login import WeChatLogin
from tests.platforms.wechat.conftest import APP

pytestmark = pytest.mark.django_db
LOGIN = "/sns/jscode2session"


def exchange(code, app_id=APP):
    return WeChatLogin().exchange(app_id, code)


def sign_in(client, code):
    return client.post("/api/v1/sessions", {"platform": "wechat", "code": code}, content_type="application/json")


def test_a_code_names_its_person(wechat):
    assert exchange(wechat.login_code("o-anna", unionid="u-anna")) == PlatformIdentity(
        "wechat", APP, "o-anna", "u-anna"
    )
    assert exchange(wechat.login_code("o-ben")) == PlatformIdentity("wechat", APP, "o-ben", None)


def test_the_session_key_is_dropped(wechat):
    assert exchange(wechat.login_code("o-anna")).session_key is None


def test_signing_in_makes_a_visitor_with_a_wechat_identity(wechat, client):
    first, again = (sign_in(client, wechat.login_code("o-anna")) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 200)
    identity = Identity.objects.get()
    assert (identity.platform, identity.app_id, identity.openid) == ("wechat", APP, "o-anna")
    assert not any("o-anna" in json.dumps(event.payload) for event in Event.objects.all())


def test_a_code_works_once_and_the_second_try_does_not_reach_wechat(wechat, client):
    code = wechat.login_code("o-anna")
    sign_in(client, code)

    assert sign_in(client, code).json()["code"] == "accounts.login_code_refused"
    assert len(wechat.requests(LOGIN)) == 1


def test_a_code_used_elsewhere_an_old_and_an_invented_one_are_refused(wechat, clock):
    used, old = wechat.login_code("o-anna"), wechat.login_code("o-ben")
    wechat.fail(LOGIN, 40163)
    with pytest.raises(LoginRefused):
        exchange(used)
    clock.advance(seconds=301)
    for code in (old, "invented"):
        with pytest.raises(LoginRefused):
            exchange(code)


def test_the_code_of_another_app_is_refused(wechat):
    wechat.apps["wxfedcba9876543210"] = "other"

    with pytest.raises(LoginRefused):
        exchange(wechat.login_code("o-anna", app_id="wxfedcba9876543210"))


def test_busy_is_asked_once_more_with_the_same_code(wechat):
    code = wechat.login_code("o-anna")
    wechat.fail(LOGIN, -1)

    assert exchange(code).openid == "o-anna"
    assert [seen.query["js_code"] for seen in wechat.requests(LOGIN)] == [code, code]


def test_busy_that_used_the_code_all_the_same_sends_the_person_back_to_wx_login(wechat):
    wechat.fail(LOGIN, "busy-used")

    with pytest.raises(LoginRefused):
        exchange(wechat.login_code("o-anna"))


def test_a_code_that_wechat_did_not_take_may_come_again(wechat):
    code = wechat.login_code("o-anna")
    wechat.fail(LOGIN, -1, -1)
    with pytest.raises(PlatformDown):
        exchange(code)

    assert exchange(code).openid == "o-anna"


def test_somebody_whom_wechat_blocks_becomes_no_visitor(wechat, client):
    wechat.blocked.add("o-anna")
    answer = sign_in(client, wechat.login_code("o-anna"))

    assert (answer.status_code, answer.json()["code"]) == (403, "wechat.account_blocked_by_wechat")
    assert not Identity.objects.exists()


def test_limits_of_the_platform_are_passed_on(wechat, client):
    wechat.fail(LOGIN, 45011, 45009)
    too_often, quota = (sign_in(client, wechat.login_code("o-anna")) for _ in range(2))

    assert (too_often.status_code, too_often.headers["Retry-After"]) == (429, "60")
    assert (quota.status_code, quota.json()["code"]) == (503, "accounts.platform_unavailable")


def test_a_hundred_sign_ins_a_minute_are_the_platforms_limit(wechat, clock):
    wechat.logins_per_minute = 3
    for _ in range(3):
        exchange(wechat.login_code("o-anna"))
    with pytest.raises(errors.TooOften):
        exchange(wechat.login_code("o-anna"))
    clock.advance(seconds=61)

    assert exchange(wechat.login_code("o-anna")).openid == "o-anna"


def test_a_wrong_set_up_is_an_error_of_ours_and_an_incident(wechat, client, clock):
    wechat.refuse_address = True
    answers = [sign_in(client, wechat.login_code("o-anna")) for _ in range(3)]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(500, "wechat.misconfigured")}
    fault = Fault.objects.get()
    assert (fault.app_id, fault.errcode, fault.first_at) == (APP, 40164, clock.now)
    assert fault.rid
    from platforms.wechat.selectors import faults

    assert [finding.subject for finding in faults()] == [f"wechat:{APP}:40164"]
    clock.advance(hours=25)
    assert list(faults()) == []


@pytest.mark.parametrize("body", ["{}", '{"openid": ""}', '{"openid": 5}', '{"openid": "' + "x" * 129 + '"}'])
def test_an_answer_without_a_person_is_none(wechat, monkeypatch, body):
    from tests.stubs.wechat import FakeWeChat, Reply

    monkeypatch.setattr(FakeWeChat, "answer", lambda *_: Reply(body.encode()))

    with pytest.raises(PlatformDown):
        exchange("c")


def test_nothing_is_asked_inside_a_transaction(wechat):
    code = wechat.login_code("o-anna")

    with pytest.raises(CallInTransaction), transaction.atomic():
        exchange(code)
    assert wechat.journal == []
    assert not UsedLoginCode.objects.exists()


def test_an_unknown_app_is_refused_before_asking(wechat, client):
    body = {"platform": "wechat", "code": "c", "app_id": "wxfedcba9876543210"}
    answer = client.post("/api/v1/sessions", body, content_type="application/json")

    assert answer.json()["code"] == "accounts.unknown_app"
    assert wechat.journal == []


def test_without_apps_wechat_is_no_platform(client, settings):
    login_providers.unregister("wechat")
    settings.WECHAT_APPS = []
    cast("WeChatConfig", apps.get_app_config("wechat")).register()

    assert "wechat" not in login_providers
    assert sign_in(client, "c").json()["code"] == "accounts.unknown_platform"


def test_neither_logs_nor_rows_show_code_openid_or_secret(wechat, client):
    from django.conf import settings as live

    lines = io.StringIO()
    handler: Any = logging.getLogger().handlers[0]
    stream, handler.stream = handler.stream, lines
    code = wechat.login_code("o-planted-openid")
    wechat.fail(LOGIN, "html", -1, -1, 40164)
    try:
        for _ in range(4):
            sign_in(client, code)
    finally:
        handler.stream = stream
    shown = lines.getvalue() + "".join(UsedLoginCode.objects.values_list("mark", flat=True))

    assert "wechat_refused" in shown
    for secret in (code, "o-planted-openid", live.WECHAT_APPS[0]["secret"]):
        assert secret not in shown
