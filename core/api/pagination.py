"""Cursors: opaque marks of the last row seen, stable under inserts."""

import base64
import binascii
from typing import Any

from rest_framework import serializers

from core import errors
from core.api.serializers import StrictSerializer

MAX_PAGE = 50


class PageQuery(StrictSerializer):
    """Query parameters of a list."""

    cursor = serializers.CharField(required=False, max_length=200)
    limit = serializers.IntegerField(required=False, default=20, min_value=1, max_value=MAX_PAGE)


def encode(position: int | str) -> str:
    """The cursor behind the row at ``position``."""
    return base64.urlsafe_b64encode(f"1:{position}".encode()).decode().rstrip("=")


def decode(cursor: str) -> str:
    """The position in a cursor; ``InvalidCursor`` when it isn't one of ours."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise errors.InvalidCursor from None
    version, _, position = text.partition(":")
    if version != "1" or not position:
        raise errors.InvalidCursor
    return position


def decode_int(cursor: str | None) -> int | None:
    """The position as a bigint, or ``None`` for the first page."""
    if not cursor:
        return None
    position = decode(cursor)
    if not position.isdecimal() or len(position) > 18:
        raise errors.InvalidCursor
    return int(position)


def page(rows: list[dict[str, Any]], limit: int, position: str) -> dict[str, Any]:
    """``{items, next_cursor}`` from up to ``limit + 1`` rows; ``position`` names the column of the cursor."""
    more = len(rows) > limit
    items = rows[:limit]
    return {"items": items, "next_cursor": encode(items[-1][position]) if more else None}
