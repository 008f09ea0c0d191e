"""Reading what WeChat pushes: JSON or XML by the console's choice, with one shape afterwards.

Source: the message push guide and the pages of the single events (developers.weixin.qq.com). A repeated push carries
the same MsgId; events have none and are known by who, when and what.
"""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import orjson
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

MOST_BYTES = 64 * 1024
WINDOW = 300  # s; a repeat comes within seconds and is stamped anew
DEEPEST = 6
MOST_ITEMS = 50  # of one list: keeps an event below its 8 KiB
SUBSCRIPTION_PARTS = ("SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent", "SubscribeMsgSentEvent")


class Malformed(Exception):
    """Not a message."""


@dataclass(frozen=True)
class Message:
    """A pushed message: ``kind`` (the event's name, or the type), whom it is about, when it was made (unix s)."""

    kind: str
    openid: str = field(repr=False)
    created: int
    data: dict[str, Any] = field(repr=False)

    def dedup(self) -> str:
        """Equal for a repeat of the same message (SHA-256)."""
        if msg_id := _text(self.data.get("MsgId")):
            return _sha256("message", msg_id)
        return _sha256("event", self.kind, self.openid, str(self.created), *self._about())

    def _about(self) -> list[str]:
        parts = [_text(self.data.get(name)) for name in ("trace_id", "RevokeInfo")]
        return parts + sorted(f"{_text(i.get('TemplateId'))}/{_text(i.get('MsgID'))}" for i in self.items())

    def items(self) -> list[dict[str, Any]]:
        """The ``List`` of a subscription event: in JSON beside the rest or below it, alone or several."""
        holders = [self.data, *(self.data.get(part) for part in SUBSCRIPTION_PARTS)]
        found: Any = next((holder["List"] for holder in holders if isinstance(holder, dict) and "List" in holder), [])
        entries = found if isinstance(found, list) else [found]
        return [entry for entry in entries if isinstance(entry, dict)][:MOST_ITEMS]


def is_fresh(timestamp: str, *, now: float) -> bool:
    """Whether ``timestamp`` (unix s) is at most :data:`WINDOW` s off."""
    return bool(re.fullmatch(r"\d{1,12}", timestamp)) and abs(now - int(timestamp)) <= WINDOW


def sealed_of(body: bytes) -> str:
    """The ``Encrypt`` of an envelope; ``Malformed`` without one: messages in the clear are not taken."""
    sealed = parse(body).get("Encrypt")
    if not isinstance(sealed, str) or not sealed:
        raise Malformed
    return sealed


def read(body: bytes) -> Message:
    """The opened message in ``body``; ``Malformed``."""
    data = parse(body)
    kind = _text(data.get("Event")) or _text(data.get("MsgType"))
    created = number(data.get("CreateTime"))
    openid = _text(data.get("OpenID")) or _text(data.get("FromUserName"))
    if not kind or len(kind) > 64 or created is None or not 0 <= created < 10**11 or len(openid) > 128:
        raise Malformed
    return Message(kind, openid, created, data)


def parse(body: bytes) -> dict[str, Any]:
    """JSON or XML as nested dicts; DTDs and entities are refused, and so is anything deep or large: ``Malformed``."""
    if len(body) > MOST_BYTES:
        raise Malformed
    try:
        found = _of(fromstring(body, forbid_dtd=True), 1) if body.lstrip()[:1] == b"<" else orjson.loads(body)
    except (ValueError, ParseError, DefusedXmlException):
        raise Malformed from None
    if not isinstance(found, dict):
        raise Malformed
    return found


def number(value: object) -> int | None:
    """``value`` as an integer, be it sent as a number or as a text; ``None`` for anything else."""
    text = _text(value)
    return int(text) if re.fullmatch(r"-?\d{1,18}", text) else None


def _of(element: Element, depth: int) -> Any:
    if depth > DEEPEST:
        raise Malformed
    found: dict[str, Any] = {}
    for child in element:
        value = _of(child, depth + 1)
        if child.tag in found:
            found[child.tag] = [
                *(found[child.tag] if isinstance(found[child.tag], list) else [found[child.tag]]),
                value,
            ]
        else:
            found[child.tag] = value
    return found or (element.text or "").strip()


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)


def _sha256(*parts: str) -> str:
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()
