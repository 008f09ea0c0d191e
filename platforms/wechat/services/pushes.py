"""Messages that WeChat pushes: opened, taken once, published."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog

from core import clock, sql
from core.commands import command
from core.events import publish
from platforms.wechat import events
from platforms.wechat.rules import crypt, push
from platforms.wechat.rules.apps import App
from platforms.wechat.rules.push import Message

log = structlog.get_logger(__name__)
TAKE = """
INSERT INTO wechat_pushmessage (app_id, dedup, kind, openid, sent_at, received_at)
VALUES (%(app_id)s, %(dedup)s, %(kind)s, %(openid)s, %(sent_at)s, %(now)s)
ON CONFLICT (app_id, dedup) DO NOTHING RETURNING id
"""


class Forged(Exception):
    """The signature is wrong, the time is far off, or the message was not sealed for this app."""


def ensure_genuine(app: App, *, signature: str, timestamp: str, nonce: str, sealed: str = "") -> None:
    """``Forged`` unless whoever signed knows the app's push token; for messages the sealed text is signed too."""
    if app.push_key is None:
        raise Forged
    signed = (app.push_token, timestamp, nonce, *([sealed] if sealed else []))
    if not crypt.same(signature, crypt.sha1_sorted(*signed)):
        raise Forged
    if not push.is_fresh(timestamp, now=clock.now().timestamp()):
        raise Forged


def open_message(app: App, body: bytes, *, signature: str, timestamp: str, nonce: str) -> Message:
    """The message in the envelope ``body``; ``Forged`` or ``push.Malformed``."""
    sealed = push.sealed_of(body)
    ensure_genuine(app, signature=signature, timestamp=timestamp, nonce=nonce, sealed=sealed)
    if app.push_key is None:
        raise Forged
    try:
        return push.read(crypt.open_push(sealed, app.push_key))
    except crypt.Undecipherable:
        raise Forged from None


@command
def take(*, app: App, message: Message) -> bool:
    """Note ``message`` and publish what it says, once; whether it was new."""
    row = sql.fetch_one(
        TAKE,
        {
            "app_id": app.app_id, "dedup": message.dedup(), "kind": message.kind, "openid": message.openid,
            "sent_at": datetime.fromtimestamp(message.created, UTC), "now": clock.now(),
        },
    )  # fmt: skip
    if row is None:
        return False  # nothing inserted: an earlier delivery of the same message was taken
    if make := _EVENTS.get(message.kind):
        publish(make(message, {"push_id": int(row["id"]), "app_id": app.app_id}))
    elif message.kind == "wxa_punish_event":
        log.error("wechat_punishes", name=app.app_id)  # the platform limits the mini-program: an operator must look
    return True


def _media(message: Message, base: dict[str, Any]) -> events.Pushed:
    result = message.data.get("result")
    verdict = result if isinstance(result, dict) else {}
    return events.MediaJudged(
        **base,
        trace_id=_short(message.data.get("trace_id")),
        suggest=_short(verdict.get("suggest")),
        label=push.number(verdict.get("label")) or 0,
        errcode=push.number(message.data.get("errcode")) or 0,
    )


def _revoked(message: Message, base: dict[str, Any]) -> events.Pushed:
    named = _short(message.data.get("RevokeInfo")).split(",")
    numbers = (push.number(each.strip()) for each in named)
    return events.AuthorisationRevoked(**base, revoked=tuple(each for each in numbers if each is not None))


def _cancelled(_message: Message, base: dict[str, Any]) -> events.Pushed:
    return events.AuthorisationCancelled(**base)


def _answered(message: Message, base: dict[str, Any]) -> events.Pushed:
    return events.SubscriptionAnswered(**base, choices=_choices(message))


def _changed(message: Message, base: dict[str, Any]) -> events.Pushed:
    return events.SubscriptionChanged(**base, choices=_choices(message))


def _sent(message: Message, base: dict[str, Any]) -> events.Pushed:
    results = tuple(
        (_short(item.get("TemplateId")), _short(item.get("MsgID")), push.number(item.get("ErrorCode")) or 0)
        for item in message.items()
    )
    return events.SubscriptionSent(**base, results=results)


def _choices(message: Message) -> tuple[tuple[str, str], ...]:
    return tuple(
        (_short(item.get("TemplateId")), _short(item.get("SubscribeStatusString"))) for item in message.items()
    )


def _short(value: object) -> str:
    return str(value)[:64] if isinstance(value, str | int) else ""


_EVENTS: dict[str, Callable[[Message, dict[str, Any]], events.Pushed]] = {
    "wxa_media_check": _media,
    "user_authorization_revoke": _revoked,
    "user_authorization_cancellation": _cancelled,
    "subscribe_msg_popup_event": _answered,
    "subscribe_msg_change_event": _changed,
    "subscribe_msg_sent_event": _sent,
}
