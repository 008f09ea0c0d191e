"""Tokens: opaque, bound to a key, short of forgery, at most 30 days."""

import base64
import itertools
from datetime import timedelta
from typing import Any

import pytest

from core import errors
from core.api import auth

KEY_A, KEY_B = "5a" * 32, "a5" * 32


@pytest.fixture(autouse=True)
def _keys(settings: Any) -> None:
    settings.TOKEN_KEYS = {"t1": KEY_A}
    settings.TOKEN_DAYS = 30


def test_a_token_opens_to_what_was_sealed(clock: Any) -> None:
    token, expires = auth.seal(2**40, 3)

    caller = auth.open_token(token)

    assert (caller.member_id, caller.version) == (2**40, 3)
    assert caller.expires_at == int(expires.timestamp())
    assert expires == clock.now + timedelta(days=30)


def test_a_token_hides_the_member_and_is_never_the_same_twice() -> None:
    tokens = {auth.seal(7, 1)[0] for _ in range(50)}

    assert len(tokens) == 50
    assert all(token.startswith("t1.") and len(token) < 80 for token in tokens)
    sealed = base64.urlsafe_b64decode(tokens.pop()[3:] + "==")
    assert (7).to_bytes(8, "big") not in sealed


def test_each_changed_character_makes_it_worthless() -> None:
    token, _expires = auth.seal(7, 1)

    for place, other in itertools.product(range(3, len(token) - 1), "Az"):
        if token[place] != other:
            with pytest.raises(errors.NotSignedIn):
                auth.open_token(token[:place] + other + token[place + 1 :])


@pytest.mark.parametrize(
    "token", ["", ".", "t1.", "t1.!!!!", "t1." + "A" * 300, "t1.AAAA", "nokey.AAAA", "t1", "t1.积分"]
)
def test_rubbish_is_not_signed_in(token: str) -> None:
    with pytest.raises(errors.NotSignedIn):
        auth.open_token(token)


def test_it_expires_after_its_days_with_a_minute_of_leeway(clock: Any) -> None:
    token, _expires = auth.seal(7, 1)

    clock.advance(days=30, seconds=auth.LEEWAY_SECONDS)
    assert auth.open_token(token).member_id == 7
    clock.advance(seconds=1)
    with pytest.raises(errors.NotSignedIn):
        auth.open_token(token)


def test_keys_can_be_changed_while_old_tokens_still_open(settings: Any) -> None:
    old, _expires = auth.seal(7, 1)
    settings.TOKEN_KEYS = {"t2": KEY_B, "t1": KEY_A}

    new, _expires = auth.seal(7, 1)

    assert new.startswith("t2.")
    assert auth.open_token(old) == auth.open_token(old)
    settings.TOKEN_KEYS = {"t2": KEY_B}
    with pytest.raises(errors.NotSignedIn):
        auth.open_token(old)
    assert auth.open_token(new).member_id == 7


def test_the_key_id_is_sealed_too(settings: Any) -> None:
    token, _expires = auth.seal(7, 1)
    settings.TOKEN_KEYS = {"t2": KEY_A}  # the same key under another name

    with pytest.raises(errors.NotSignedIn):
        auth.open_token("t2" + token[2:])


def test_without_configured_keys_the_secret_key_serves(settings: Any) -> None:
    settings.TOKEN_KEYS = {}
    token, _expires = auth.seal(7, 1)

    assert auth.open_token(token).member_id == 7
    settings.SECRET_KEY = "another"
    with pytest.raises(errors.NotSignedIn):
        auth.open_token(token)


@pytest.mark.parametrize(
    "header", ["Basic abc", "Bearer", "Bearer ", "Bearer t1.AAAA", "Bearer 积分", "t1.AAAA", "Bearer a b"]
)
def test_a_wrong_header_is_401_with_what_is_wanted(api: Any, header: str) -> None:
    answer = api.client.get("/api/v1/things", headers={"Authorization": header.encode().decode("latin-1")})

    assert (answer.status_code, answer.json()["code"]) == (401, "core.not_signed_in")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_without_a_header_only_open_views_answer(api: Any) -> None:
    from django.test import Client

    assert Client().get("/api/v1/things").status_code == 401
    assert Client().get("/api/v1/scarce").status_code == 200
