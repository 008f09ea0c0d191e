"""Access tokens: sealed, shared, forgotten only by whoever was refused, never forced."""

from datetime import timedelta

import pytest

from core import clock as core_clock
from core import sql
from platforms.wechat import errors, selectors
from platforms.wechat.models import AccessToken, Fault
from platforms.wechat.services import sealing, tokens
from platforms.wechat.services.codes import mini_program_code
from platforms.wechat.services.transport import Deadline
from tests.platforms.wechat.conftest import APP, SECRET

pytestmark = pytest.mark.django_db
TOKEN, CODE = "/cgi-bin/stable_token", "/wxa/getwxacodeunlimit"


def token():
    return tokens.get_token(selectors.get_app(APP), Deadline(4))


def fetch(scene="a"):
    return mini_program_code(APP, scene, "pages/gift/index", 430)


def test_a_token_is_fetched_once_and_kept_until_five_minutes_before_its_end(wechat, clock):
    first = token()
    clock.advance(seconds=6899)
    assert token() == first
    clock.advance(seconds=2)

    assert token() != first
    assert wechat.counts()[TOKEN] == 2


def test_a_token_is_never_forced(wechat, clock):
    token()

    assert wechat.requests(TOKEN)[0].body == {
        "grant_type": "client_credential", "appid": APP, "secret": SECRET, "force_refresh": False,
    }  # fmt: skip


def test_the_kept_token_is_sealed(wechat):
    text = token()
    row = AccessToken.objects.get()

    assert text not in (row.sealed, row.mark)
    assert sealing.unseal(row.sealed, bound_to=APP) == text
    assert sealing.unseal(row.sealed, bound_to="wxfedcba9876543210") is None
    assert sealing.unseal(row.sealed[:-4] + "AAAA", bound_to=APP) is None


def test_with_other_keys_a_token_is_fetched_anew(wechat, settings):
    first = token()
    settings.TOKEN_KEYS = {"t2": "6b" * 32}

    assert token() == first  # the platform gives the same one while it is good
    assert wechat.counts()[TOKEN] == 2


def test_after_a_change_of_keys_the_old_one_still_opens(wechat, settings):
    token()
    settings.TOKEN_KEYS = {"t2": "6b" * 32} | settings.TOKEN_KEYS

    token()

    assert wechat.counts()[TOKEN] == 1


def test_only_the_refused_token_is_forgotten(wechat):
    app, text = selectors.get_app(APP), token()

    assert not tokens.forget(app, "an older one")
    assert AccessToken.objects.exists()
    assert tokens.forget(app, text)
    assert not AccessToken.objects.exists()


def test_an_answer_that_was_asked_for_earlier_replaces_nothing(wechat):
    token()
    later = core_clock.now() + timedelta(seconds=9)
    app = selectors.get_app(APP)
    tokens._keep(app, "newer", later, later + timedelta(hours=2))
    tokens._keep(app, "older", later - timedelta(seconds=5), later + timedelta(hours=3))

    assert token() == "newer"


def test_a_refused_token_is_replaced_once_and_the_call_sent_once_more(wechat):
    fetch("a")
    wechat.end_tokens()

    assert fetch("b")[:3] == b"\xff\xd8\xff"
    assert (wechat.counts()[TOKEN], wechat.counts()[CODE]) == (2, 3)


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_a_token_that_stays_refused_ends_after_one_replay(wechat, errcode):
    wechat.fail(CODE, errcode, errcode, errcode)

    with pytest.raises(errors.TokenRefused) as refused:
        fetch()

    assert refused.value.errcode == errcode
    assert (wechat.counts()[TOKEN], wechat.counts()[CODE]) == (2, 2)


def test_a_wrong_secret_is_a_wrong_set_up(wechat):
    wechat.fail(TOKEN, 40001)

    with pytest.raises(errors.Misconfigured):
        fetch()

    assert (Fault.objects.get().errcode, wechat.counts()[CODE]) == (40001, 0)


@pytest.mark.parametrize("fault", ["list", "html", "half"])
def test_an_unreadable_token_is_not_kept(wechat, fault):
    wechat.fail(TOKEN, fault)

    with pytest.raises(errors.Unavailable):
        fetch()

    assert sql.fetch_one("SELECT 1 AS one FROM wechat_accesstoken") is None
