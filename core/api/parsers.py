"""JSON in, by orjson, with bounds on size and depth."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from rest_framework.parsers import BaseParser

from core import errors

MAX_DEPTH = 10


class JSONParser(BaseParser):
    """``application/json`` of at most 1 MiB and 10 levels; NUL characters and non-objects are refused."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The parsed object, or ``InvalidRequest``."""
        request = (parser_context or {})["request"]
        return parse_object(request._request.body)  # noqa: SLF001 - DRF offers no other way to the raw bytes


def parse_object(body: bytes) -> dict[str, Any]:
    """``body`` as a JSON object; an empty one counts as ``{}``."""
    if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise errors.BodyTooLarge
    if not body:
        return {}
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise errors.InvalidRequest([errors.FieldError("", "not_json", "This is not JSON.")]) from None
    if not isinstance(data, dict):
        raise errors.InvalidRequest([errors.FieldError("", "not_an_object", "A JSON object is needed.")])
    if _too_deep(data, MAX_DEPTH):  # first: what comes after walks the whole tree
        raise errors.InvalidRequest([errors.FieldError("", "too_deep", "Too many levels.")])
    if b"\\u0000" in body and _has_nul(data):
        raise errors.InvalidRequest([errors.FieldError("", "nul_character", "NUL characters are not allowed.")])
    return data


def _children(data: Any) -> list[Any]:
    if isinstance(data, dict):
        return [*data.keys(), *data.values()]
    return data if isinstance(data, list) else []


def _has_nul(data: Any) -> bool:
    return "\x00" in data if isinstance(data, str) else any(_has_nul(child) for child in _children(data))


def _too_deep(data: Any, levels: int) -> bool:
    if not isinstance(data, dict | list):
        return False
    return levels == 0 or any(_too_deep(child, levels - 1) for child in _children(data))
