"""JSON out, by orjson."""

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer


def _default(value: Any) -> str:
    return str(value)


class JSONRenderer(BaseRenderer):
    """``application/json``; lazy texts become text, everything else is plain already."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """The bytes of ``data``; nothing at all for ``None``."""
        return b"" if data is None else orjson.dumps(data, default=_default)


class JSONOnlyNegotiation(BaseContentNegotiation):
    """The API speaks JSON whatever ``Accept`` says."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        """The parser of the request's content type, or none."""
        content_type = (request.content_type or "").partition(";")[0].strip()
        return next((parser for parser in parsers if parser.media_type == content_type), None)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        """The first renderer."""
        return renderers[0], renderers[0].media_type
