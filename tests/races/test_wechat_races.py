"""Races of WeChat: a login code goes out once, a push acts once, only the refused token is forgotten."""

import itertools
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest
from django.apps import apps

from core import sql
from core.models import Event
from platforms.protocols import LoginRefused, PlatformDown, PlatformIdentity, login_providers
from platforms.wechat import selectors
from platforms.wechat.apps import WeChatConfig
from platforms.wechat.models import AccessToken, PushMessage, UsedLoginCode
from platforms.wechat.rules.apps import App
from platforms.wechat.rules.push import Message
from platforms.wechat.services import login, pushes, tokens
from platforms.wechat.services.transport import Deadline
from tests.races.harness import RACE, Outcomes, Race, patched, pause, without_constraint
from tests.stubs.wechat import FakeWeChat

pytestmark = RACE
APP = "wx0123456789abcdef"
TOKEN = "/cgi-bin/stable_token"


@pytest.fixture(autouse=True)
def wechat(settings: Any) -> Iterator[FakeWeChat]:
    """The stand-in, configured as the only app."""
    settings.WECHAT_APPS = [{"app_id": APP, "secret": "a-secret"}]
    cast("WeChatConfig", apps.get_app_config("wechat")).register()
    with FakeWeChat({APP: "a-secret"}) as stub:
        settings.WECHAT_BASE_URL = stub.url
        yield stub
    login_providers.unregister("wechat")


def without(statement: str, guard: str) -> str:
    """``statement`` without ``guard``, which must stand in it."""
    assert guard in statement
    return statement.replace(guard, "")


def test_one_code_from_32_phones_goes_to_wechat_once(wechat: FakeWeChat) -> None:
    def sign_in(code: str, _number: int) -> PlatformIdentity:
        return login.WeChatLogin().exchange(APP, code)

    def not_once(code: str, outcomes: Outcomes) -> int:
        sent = sum(seen.query["js_code"] == code for seen in wechat.requests("/sns/jscode2session"))
        return abs(sent - 1) + abs(sum(outcome.succeeded for outcome in outcomes) - 1)

    @contextmanager
    def taking_naively() -> Iterator[None]:
        bare = without(login.TAKE_CODE, "ON CONFLICT DO NOTHING")
        with without_constraint(UsedLoginCode, "wechat_usedlogincode_pkey"), patched(login, "TAKE_CODE", bare):
            yield

    def given() -> str:
        return wechat.login_code(f"o-{uuid.uuid4().hex}")

    refusals = (LoginRefused, PlatformDown)
    Race("wechat: one login code", 32, given, sign_in, not_once, refusals).prove(taking_naively).ensure()


def test_one_push_to_8_workers_acts_once() -> None:
    def given() -> Message:
        data = {"trace_id": uuid.uuid4().hex, "result": {"suggest": "pass", "label": 100}}
        return Message("wxa_media_check", "o-anna", 1795309200, data)

    def take(message: Message, _number: int) -> bool:
        return pushes.take(app=selectors.get_app(APP), message=message)

    def not_once(message: Message, outcomes: Outcomes) -> int:
        events = Event.objects.filter(payload__trace_id=message.data["trace_id"]).count()
        return abs(events - 1) + abs(sum(outcome.value is True for outcome in outcomes) - 1)

    @contextmanager
    def taking_naively() -> Iterator[None]:
        bare = without(pushes.TAKE, "ON CONFLICT (app_id, dedup) DO NOTHING")
        with without_constraint(PushMessage, "wechat_push_once"), patched(pushes, "TAKE", bare):
            yield

    Race("wechat: one push delivered at once", 8, given, take, not_once).prove(taking_naively).ensure()


@contextmanager
def _forgetting_naively() -> Iterator[None]:
    bare, turns = without(tokens.FORGET, " AND mark = %(mark)s"), itertools.count()

    def look_then_delete(app: App, token: str) -> bool:
        if tokens._kept(app) != token:
            return False
        for _ in range(next(turns) % 8):
            pause()
        return sql.execute(bare, {"app_id": app.app_id}) == 1

    with patched(tokens, "forget", look_then_delete):
        yield


def test_8_workers_refused_with_one_token_fetch_one_new(wechat: FakeWeChat) -> None:
    app = selectors.get_app(APP)

    def given() -> tuple[str, int]:
        wechat.end_tokens()
        AccessToken.objects.all().delete()
        refused = tokens.get_token(app, Deadline(4))
        wechat.end_tokens()
        return refused, len(wechat.requests(TOKEN))

    def renew(state: tuple[str, int], _number: int) -> str:
        tokens.forget(app, state[0])
        return tokens.get_token(app, Deadline(4))

    def fetched_more(state: tuple[str, int], _outcomes: Outcomes) -> int:
        return len(wechat.requests(TOKEN)) - state[1] - 1

    Race("wechat: one refused token", 8, given, renew, fetched_more).prove(_forgetting_naively).ensure()
