"""What WeChat pushes: verified, opened, taken once, published without an openid."""

import json
import time

import orjson
import pytest
from wechatpy.crypto import WeChatCrypto

from core.models import Event
from platforms.wechat import selectors
from platforms.wechat.models import PushMessage
from platforms.wechat.rules import crypt, push
from platforms.wechat.rules.crypt import PushKey
from platforms.wechat.services import purging, pushes
from tests.platforms.wechat.conftest import AES_KEY, APP, PUSH_TOKEN

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("configured", "clock")]
ADDRESS = f"/wechat/push/{APP}"
KEY = PushKey.of(APP, AES_KEY)
POPUP = {
    "ToUserName": "gh_1", "FromUserName": "o-anna", "CreateTime": 1795309200, "MsgType": "event",
    "Event": "subscribe_msg_popup_event",
    "List": [{"TemplateId": "t1", "SubscribeStatusString": "accept", "PopupScene": "0"},
             {"TemplateId": "t2", "SubscribeStatusString": "reject", "PopupScene": "0"}],
}  # fmt: skip
MEDIA = {
    "ToUserName": "gh_1", "FromUserName": "o-anna", "CreateTime": 1795309200, "MsgType": "event",
    "Event": "wxa_media_check", "appid": APP, "trace_id": "trace-1", "version": 2, "errcode": 0, "errmsg": "ok",
    "result": {"suggest": "risky", "label": 20002}, "detail": [],
}  # fmt: skip
REVOKED = {
    "ToUserName": "gh_1", "FromUserName": "gh_1", "CreateTime": 1795309200, "MsgType": "event",
    "Event": "user_authorization_revoke", "OpenID": "o-anna", "AppID": APP, "RevokeInfo": "6,8",
}  # fmt: skip


def query(sealed="", *, token=PUSH_TOKEN, at=None, nonce="n1", **changes):
    stamp = str(int(at if at is not None else time.time()))
    named = {"msg_signature": crypt.sha1_sorted(token, stamp, nonce, sealed)} if sealed else {}
    return {
        "signature": crypt.sha1_sorted(token, stamp, nonce), "timestamp": stamp, "nonce": nonce, **named, **changes,
    }  # fmt: skip


def send(client, message, *, key=KEY, sealed=None, as_xml=False, **changes):
    raw = message if isinstance(message, bytes) else orjson.dumps(message)
    sealed = sealed if sealed is not None else crypt.seal_push(raw, key, b"0123456789abcdef")
    body = (
        f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        if as_xml else json.dumps({"ToUserName": "gh_1", "Encrypt": sealed})
    )  # fmt: skip
    return client.post(ADDRESS, body, content_type="text/xml", QUERY_STRING=encoded(query(sealed, **changes)))


def encoded(named):
    from urllib.parse import urlencode

    return urlencode(named)


def published():
    return list(Event.objects.order_by("id").values_list("topic", "payload"))


def nothing_left():
    return not PushMessage.objects.exists() and not Event.objects.exists()


def test_the_console_verifies_the_address(client):
    answer = client.get(ADDRESS, query(echostr="4567890123"))

    assert (answer.status_code, answer.content, answer["Content-Type"]) == (
        200, b"4567890123", "text/plain; charset=utf-8",
    )  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [{"token": "other"}, {"nonce": "n1", "signature": ""}, {"signature": "é"}, {"at": 0}, {"timestamp": "now"}],
)
def test_a_verification_that_is_not_signed_is_refused(client, changes):
    answer = client.get(ADDRESS, query(echostr="1", **changes))

    assert (answer.status_code, answer.content) == (403, b"")


def test_an_echo_is_bounded_and_an_unknown_app_has_no_address(client):
    assert client.get(ADDRESS, query(echostr="1" * 257)).status_code == 400
    assert client.get("/wechat/push/wxfedcba9876543210", query(echostr="1")).status_code == 404


@pytest.mark.parametrize("as_xml", [False, True])
def test_an_answered_popup_is_published_without_the_openid(client, as_xml):
    answer = send(client, POPUP, as_xml=as_xml)

    assert (answer.status_code, answer.content) == (200, b"success")
    row = PushMessage.objects.get()
    assert published() == [
        ("wechat.subscription_answered",
         {"push_id": row.pk, "app_id": APP, "choices": [["t1", "accept"], ["t2", "reject"]]}),
    ]  # fmt: skip
    assert selectors.subject_of(row.pk) == selectors.PushSubject(APP, "o-anna", row.sent_at)


def test_xml_inside_says_the_same_as_json(client):
    inside = (
        "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[o-anna]]></FromUserName>"
        "<CreateTime>1795309200</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        "<Event><![CDATA[subscribe_msg_sent_event]]></Event><SubscribeMsgSentEvent>"
        "<List><TemplateId><![CDATA[t1]]></TemplateId><MsgID>17</MsgID><ErrorCode>0</ErrorCode></List>"
        "<List><TemplateId><![CDATA[t2]]></TemplateId><MsgID>18</MsgID><ErrorCode>3</ErrorCode></List>"
        "</SubscribeMsgSentEvent></xml>"
    )
    send(client, inside.encode(), as_xml=True)

    assert published()[0][0] == "wechat.subscription_sent"
    assert published()[0][1]["results"] == [["t1", "17", 0], ["t2", "18", 3]]


def test_verdicts_revocations_and_changes_are_published(client):
    send(client, MEDIA)
    send(client, REVOKED)
    send(client, REVOKED | {"Event": "user_authorization_cancellation"})
    one = {"TemplateId": "t1", "SubscribeStatusString": "reject"}
    send(client, POPUP | {"Event": "subscribe_msg_change_event", "List": one})
    said = [
        (topic, {n: v for n, v in payload.items() if n not in {"push_id", "app_id"}}) for topic, payload in published()
    ]

    assert said == [
        ("wechat.media_judged", {"trace_id": "trace-1", "suggest": "risky", "label": 20002, "errcode": 0}),
        ("wechat.authorisation_revoked", {"revoked": [6, 8]}),
        ("wechat.authorisation_cancelled", {}),
        ("wechat.subscription_changed", {"choices": [["t1", "reject"]]}),
    ]
    assert set(PushMessage.objects.values_list("openid", flat=True)) == {"o-anna"}


def test_a_repeat_acts_once(client):
    for nonce in ("n1", "n2", "n3"):
        assert send(client, MEDIA, nonce=nonce).content == b"success"
    send(client, MEDIA | {"trace_id": "trace-2"})
    for msg_id in (5, 5, 6):
        send(client, {**POPUP, "Event": "", "MsgType": "text", "MsgId": msg_id})

    assert [payload["trace_id"] for _topic, payload in published()] == ["trace-1", "trace-2"]
    assert PushMessage.objects.count() == 4


def test_what_we_do_not_know_is_taken_and_not_published(client):
    answer = send(client, POPUP | {"Event": "some_new_event"})

    assert answer.content == b"success"
    assert PushMessage.objects.get().kind == "some_new_event"
    assert published() == []


@pytest.mark.parametrize(
    "changes",
    [{"token": "other"}, {"msg_signature": "0" * 40}, {"msg_signature": ""}, {"at": 1795309200 - 301},
     {"at": 1795309200 + 301}, {"timestamp": ""}, {"key": PushKey.of("wxfedcba9876543210", AES_KEY)},
     {"key": PushKey.of(APP, "B" * 42 + "A")}],
)  # fmt: skip
def test_a_forged_a_replayed_and_a_strange_message_are_refused(client, changes):
    answer = send(client, MEDIA, **changes)

    assert (answer.status_code, answer.content) == (403, b"")
    assert nothing_left()


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>'
FILE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Encrypt>&a;</Encrypt></xml>'


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b"<xml/>", b"<xml>", b"{" * 3000, b"[" * 3000, b"<a>" * 3000, BOMB, FILE, b"\xff\xfe",
     b'{"Encrypt": 5}', b"<a>" * 9 + b"</a>" * 9, orjson.dumps(MEDIA)],
)  # fmt: skip
def test_an_envelope_that_is_none_is_refused(client, body):
    answer = client.post(ADDRESS, body, content_type="text/xml", QUERY_STRING=encoded(query()))

    assert answer.status_code in {400, 403}
    assert nothing_left()


def test_a_large_body_is_refused_unread(client):
    body = b'{"Encrypt": "' + b"A" * push.MOST_BYTES + b'"}'

    assert client.post(ADDRESS, body, content_type="text/xml", QUERY_STRING=encoded(query())).status_code == 413
    assert nothing_left()


@pytest.mark.parametrize(
    "inside",
    [b"no message", b"{}", orjson.dumps({**MEDIA, "Event": "x" * 65}), orjson.dumps({**MEDIA, "CreateTime": "soon"}),
     orjson.dumps({**MEDIA, "CreateTime": -1}), orjson.dumps({**REVOKED, "OpenID": "o" * 129}), BOMB],
)  # fmt: skip
def test_a_genuine_envelope_around_nonsense_is_refused(client, inside):
    assert send(client, inside).status_code == 400
    assert nothing_left()


def test_a_message_sealed_by_wechatpy_is_taken(client):
    stamp = str(int(time.time()))
    body = WeChatCrypto(PUSH_TOKEN, AES_KEY, APP).encrypt_message(json.dumps(MEDIA), "n9", stamp)
    sealed = body.partition("<Encrypt><![CDATA[")[2].partition("]]")[0]
    answer = client.post(ADDRESS, body, content_type="text/xml", QUERY_STRING=encoded(query(sealed, nonce="n9")))

    assert answer.content == b"success"
    assert published()[0][0] == "wechat.media_judged"


def test_when_publishing_fails_the_repeat_is_taken(client, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(pushes, "publish", lambda _: 1 / 0)
        client.raise_request_exception = False
        assert send(client, MEDIA).status_code == 500
    assert nothing_left()

    assert send(client, MEDIA).content == b"success"
    assert len(published()) == 1


def test_pushed_messages_are_kept_thirty_days(client, clock):
    send(client, MEDIA)
    push_id = PushMessage.objects.get().pk
    clock.advance(days=31)

    assert purging.purge_pushes() == 1
    assert selectors.subject_of(push_id) is None
