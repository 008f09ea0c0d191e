"""The fault matrix: whatever WeChat sends, a call ends in time, without an effect of its own, and says what it was."""

import time

import pytest

from core import memory
from platforms.protocols import LoginRefused, PlatformDown
from platforms.wechat import errors
from platforms.wechat.models import MiniProgramCode
from platforms.wechat.services import mini_program_code, transport
from platforms.wechat.services.login import WeChatLogin
from platforms.wechat.services.transport import Breaker
from tests.platforms.wechat.conftest import APP

pytestmark = pytest.mark.django_db
LOGIN, TOKEN, CODE = "/sns/jscode2session", "/cgi-bin/stable_token", "/wxa/getwxacodeunlimit"
FAULTS = ["html", "502", "302", "empty", "list", "half", "huge", "cut", "reset", "slow", "drip"]


@pytest.fixture
def impatient(settings):
    """0.4 s for a call in place of 4.5."""
    settings.WECHAT_TOTAL_SECONDS = 0.4


def elapsed(act, kind):
    begun = time.monotonic()
    with pytest.raises(kind):
        act()
    return time.monotonic() - begun


def exchange(code):
    return WeChatLogin().exchange(APP, code)


@pytest.mark.parametrize("fault", FAULTS)
def test_signing_in_meets_a_fault(wechat, impatient, fault):
    wechat.stall = 1.5
    code = wechat.login_code("o-anna")
    wechat.fail(LOGIN, fault)

    assert elapsed(lambda: exchange(code), PlatformDown) < 1.0
    assert len(wechat.requests(LOGIN)) == 1, "an unknown outcome is never sent again"
    assert elapsed(lambda: exchange(code), LoginRefused) < 1.0  # WeChat had used it; wx.login gives another
    assert exchange(wechat.login_code("o-anna")).openid == "o-anna"


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("path", [TOKEN, CODE])
def test_fetching_a_code_meets_a_fault(wechat, impatient, path, fault):
    wechat.stall = 1.5
    wechat.fail(path, fault)

    assert elapsed(lambda: mini_program_code(APP, "a", "", 430), errors.Unavailable) < 1.0
    assert not MiniProgramCode.objects.exists()
    assert len(wechat.requests(path)) == 1
    assert mini_program_code(APP, "a", "", 430)


def test_busy_for_long_ends_in_time(wechat, impatient):
    wechat.fail(CODE, *[-1] * 20)

    assert elapsed(lambda: mini_program_code(APP, "a", "", 430), errors.Unavailable) < 1.0
    assert len(wechat.requests(CODE)) <= 3


def test_the_product_waits_less_than_five_seconds(settings):
    assert settings.WECHAT_CONNECT_SECONDS == 2.0
    assert settings.WECHAT_READ_SECONDS == 5.0
    assert settings.WECHAT_TOTAL_SECONDS == 4.5


def test_a_platform_that_is_away_is_left_alone_for_a_while(wechat, impatient):
    wechat.fail(LOGIN, *["reset"] * 5)
    for _ in range(7):
        with pytest.raises(PlatformDown):
            exchange(wechat.login_code("o-anna"))

    assert len(wechat.requests(LOGIN)) == 5
    with pytest.raises(errors.Unavailable) as refused:
        mini_program_code(APP, "a", "", 430)
    assert 1 <= refused.value.retry_after <= 10


def test_refusals_do_not_open_the_breaker(wechat):
    wechat.fail(LOGIN, *[45009] * 8)
    for _ in range(8):
        with pytest.raises(PlatformDown):
            exchange(wechat.login_code("o-anna"))

    assert exchange(wechat.login_code("o-anna")).openid == "o-anna"


def test_no_server_at_all(configured, settings, impatient):
    settings.WECHAT_BASE_URL = "http://127.0.0.1:9"  # discard: nothing listens there

    assert elapsed(lambda: exchange("c"), PlatformDown) < 1.0


def test_a_host_whose_name_takes_long_to_look_up(configured, settings, impatient, monkeypatch):
    from tests.stubs.names import slow_lookup

    settings.WECHAT_BASE_URL = "http://localhost:9"
    with slow_lookup(monkeypatch, 1.5):
        assert elapsed(lambda: exchange("c"), PlatformDown) < 1.0


def test_when_all_threads_hang_the_next_call_is_refused_at_once(wechat, impatient, monkeypatch):
    monkeypatch.setattr(transport, "THREADS", 1)
    memory.forget()
    wechat.stall = 1.2
    wechat.fail(LOGIN, "drip")
    elapsed(lambda: exchange(wechat.login_code("o-anna")), PlatformDown)
    place = transport.transport()._places
    taken = place.acquire(timeout=2)  # the thread of the first call ends with its own limit

    assert taken
    assert elapsed(lambda: exchange(wechat.login_code("o-ben")), PlatformDown) < 0.1
    place.release()


class Seconds:
    """A clock for the breaker."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.mark.sqlite
def test_the_breaker_opens_tries_one_and_closes():
    seconds = Seconds()
    breaker = Breaker(seconds)
    for _ in range(transport.FAILURES):
        breaker.ensure_closed()
        breaker.failed()
    for seconds.now in (0.0, 9.9):
        with pytest.raises(errors.Unavailable):
            breaker.ensure_closed()
    seconds.now = 10.0
    breaker.ensure_closed()
    with pytest.raises(errors.Unavailable):
        breaker.ensure_closed()  # one at a time
    breaker.succeeded()
    breaker.ensure_closed()
    breaker.ensure_closed()
