"""Reading an answer: JSON or a picture. The same call may give either: type and first byte decide, not the status."""

from dataclasses import dataclass
from typing import Any

import orjson

_PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


class Unreadable(Exception):
    """Neither a JSON object nor a picture: an error page, half an answer, nothing."""


@dataclass(frozen=True)
class Answer:
    """Either ``data`` (a JSON object) or a ``picture`` with its type."""

    data: dict[str, Any] | None = None
    picture: bytes = b""
    content_type: str = ""


def read(content_type: str, body: bytes) -> Answer:
    """The answer in ``body``; ``Unreadable`` when it is none.

    A ``{`` at the start is JSON whatever the type claims (errors arrive as ``image/jpeg`` too); a picture must claim to
    be one and begin like one.
    """
    if body[:1] == b"{":
        return Answer(data=_object(body))
    if content_type.partition(";")[0].strip().lower().startswith("image/"):
        for start, kind in _PICTURES.items():
            if body.startswith(start):
                return Answer(picture=body, content_type=kind)
    raise Unreadable


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except ValueError:
        raise Unreadable from None
    if not isinstance(found, dict):
        raise Unreadable
    return found
