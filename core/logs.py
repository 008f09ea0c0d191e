"""Structured logs: one JSON line an event, with fields from an allow-list.

A field that is not on the list is dropped, whatever it holds: personal data can't reach the log by an oversight. Texts
of exceptions may hold values (a constraint's DETAIL, a URL), so only their type and place are logged.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED_FIELDS = frozenset(
    {
        "event", "level", "logger", "timestamp", "request_id", "method", "route", "status", "duration_ms", "code",
        "error", "where", "event_id", "topic", "attempts", "given_up", "count", "seconds", "task", "check", "findings",
        "name", "kind", "pid", "state", "reason", "slice", "version", "batch", "port",
    }
)  # fmt: skip


def _allow(_logger: Any, _method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: value for name, value in fields.items() if name in ALLOWED_FIELDS}


def _where(_logger: Any, _method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception as its type and the places it passed, without its text."""
    error = fields.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)[-6:]
        fields["error"] = type(error).__name__
        fields["where"] = [f"{frame.filename.rsplit('/', 3)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    return fields


def _plain_message(_logger: Any, _method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Lines of other libraries: their format without the arguments, which may hold anything."""
    record = fields.get("_record")
    if record is not None:
        fields["event"] = str(record.msg)[:200]
    return fields


def configure(config: dict[str, Any]) -> None:
    """Django's ``LOGGING_CONFIG`` hook; ``config`` is ``{"level": …}``."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _where,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _plain_message],
            processors=[_allow, structlog.processors.JSONRenderer(ensure_ascii=False)],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(config.get("level", "INFO"))
    django = logging.getLogger("django")
    django.handlers = []  # Django's own would write to the console or mail beside us
    django.setLevel(logging.NOTSET)
    logging.getLogger("django.request").setLevel(logging.ERROR)  # a refusal is an answer, not an incident
    for noisy in ("httpx", "httpcore", "axes"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
