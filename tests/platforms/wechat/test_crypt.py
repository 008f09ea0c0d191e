"""The cryptography: known answers, an outside oracle, and everything that must not open."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto

from platforms.wechat.rules import crypt
from platforms.wechat.rules.crypt import PushKey, Undecipherable

pytestmark = pytest.mark.sqlite
VECTORS = {
    each["id"]: each
    for each in json.loads((Path(__file__).parents[2] / "data" / "wechat_vectors.json").read_text("utf-8"))["vectors"]
}
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
KEY = PushKey.of("wxb11529c136998cb6", AES_KEY)


def user_data(name, **changes):
    given = VECTORS[name]["input"]
    asked = {
        "iv": given["iv"], "session_key": given["session_key"], "app_id": given.get("appid", "wx"), "now": 1477314187,
    }  # fmt: skip
    return crypt.open_user_data(given["encryptedData"], **(asked | changes))


def test_user_data_of_the_official_demo_opens():
    vector = VECTORS["mini.userdata.aes128cbc.official_demo"]

    assert user_data("mini.userdata.aes128cbc.official_demo") == json.loads(vector["expected"]["plaintext"])


@pytest.mark.parametrize(
    "changes",
    [{"app_id": "wx4f4bc4dec97d474c"}, {"now": 1477314187 + 301}, {"now": 1477314187 - 301}, {"iv": "AAAA"},
     {"iv": "é"}, {"session_key": "AAAAAAAAAAAAAAAAAAAAAA=="}],
)  # fmt: skip
def test_user_data_of_another_app_time_or_key_does_not(changes):
    with pytest.raises(Undecipherable):
        user_data("mini.userdata.aes128cbc.official_demo", **changes)


def test_user_data_sealed_before_a_new_login_does_not_open():
    with pytest.raises(Undecipherable):
        user_data("mini.userdata.aes128cbc.stale_session_key")


def test_signatures_of_data_and_session_are_the_known_ones():
    raw, session = VECTORS["mini.rawdata.sha1"], VECTORS["mini.session.hmac_sha256"]

    made = crypt.raw_data_signature(raw["input"]["rawData"], raw["input"]["session_key"])
    assert made == raw["expected"]["signature"]
    made = crypt.session_signature(session["input"]["post_data"], session["input"]["session_key"])
    assert made == session["expected"]["signature"]


def test_signatures_of_pushes_are_the_known_ones():
    check, plain = VECTORS["push.check_signature.structure"], VECTORS["push.sha1_sorted.wxjava"]

    assert crypt.sha1_sorted(*check["input"].values()) == check["expected"]["signature"]
    assert crypt.sha1_sorted(*plain["input"]["args"]) == plain["expected"]["signature"]


def test_a_push_of_another_library_is_signed_and_opens():
    vector = VECTORS["push.msgcrypt.oa.easywechat"]
    asked = vector["input"]
    signed = crypt.sha1_sorted(asked["token"], asked["timestamp"], asked["nonce"], asked["encrypt"])

    assert signed == asked["msg_signature"]
    assert crypt.open_push(asked["encrypt"], KEY).decode() == vector["expected"]["plaintext"]


@pytest.mark.parametrize("name", ["encrypt_deterministic", "encrypt_deterministic_xml"])
def test_sealing_with_given_random_bytes_is_the_known_text(name):
    vector = VECTORS[f"push.msgcrypt.oa.{name}"]
    text = vector["input"]["plaintext"].encode()

    assert crypt.seal_push(text, KEY, vector["input"]["random"].encode()) == vector["expected"]["encrypt"]
    assert crypt.open_push(vector["expected"]["encrypt"], KEY) == text


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=200).filter(str.strip))
def test_wechatpy_opens_what_we_seal_and_we_what_it_seals(text):
    oracle = WeChatCrypto("pamtest", AES_KEY, KEY.app_id)
    ours = crypt.seal_push(text.encode(), KEY, b"0123456789abcdef")
    signed = crypt.sha1_sorted("pamtest", "1", "n", ours)
    theirs = oracle.encrypt_message("<xml>x</xml>", "n", "1").partition("<Encrypt><![CDATA[")[2].partition("]]")[0]

    assert oracle.decrypt_message({"Encrypt": ours}, signed, "1", "n") == text
    assert crypt.open_push(theirs, KEY) == b"<xml>x</xml>"


def damaged():
    whole = base64.b64decode(crypt.seal_push(b"hello", KEY, b"0123456789abcdef"))
    yield b""
    yield whole[:-1]
    yield whole[:16]
    yield whole[:-16]
    for place in range(0, len(whole), 7):
        yield whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :]


def test_a_damaged_push_never_opens_as_something_else():
    for each in damaged():
        try:
            opened = crypt.open_push(base64.b64encode(each).decode(), KEY)
        except Undecipherable:
            continue
        assert len(opened) == 5  # the message's own bytes are protected by the signature alone


@pytest.mark.parametrize("sealed", ["not base64!", "é", "AAAA", "A" * 64])
def test_what_is_no_push_does_not_open(sealed):
    with pytest.raises(Undecipherable):
        crypt.open_push(sealed, KEY)


def test_a_push_for_another_app_does_not_open():
    other = PushKey.of("wxb11529c136998cb7", AES_KEY)

    with pytest.raises(Undecipherable):
        crypt.open_push(crypt.seal_push(b"hello", other, b"0123456789abcdef"), KEY)


@pytest.mark.parametrize("text", ["", "short", AES_KEY + "A", "!" * 43])
def test_a_push_key_has_forty_three_characters(text):
    with pytest.raises(ValueError):
        PushKey.of("wx", text)
