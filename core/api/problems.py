"""Problem documents (RFC 9457): the one form of every error that the API gives."""

import sqlite3
from typing import Any

import orjson
import structlog
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions
from rest_framework.response import Response

from core import errors
from core.requests import current_request_id

log = structlog.get_logger(__name__)
CONTENT_TYPE = "application/problem+json"
_BUSY_SQLSTATES = {"55P03", "40P01", "40001"}  # lock not available, deadlock, serialization failure
_TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    410: "Gone",
    413: "Too large",
    415: "Unsupported media type",
    422: "Refused",
    429: "Too many requests",
    500: "Internal error",
    503: "Unavailable",
}


def as_refusal(error: BaseException) -> errors.DomainError:
    """The refusal that stands for any exception; what isn't known is an ``InternalError``."""
    if isinstance(error, errors.DomainError):
        return error
    if isinstance(error, exceptions.APIException):
        return _from_drf(error)
    if isinstance(error, Http404):
        return errors.NotFound()
    if isinstance(error, RequestDataTooBig):
        return errors.BodyTooLarge()
    if isinstance(error, SuspiciousOperation):
        return errors.InvalidRequest()
    if isinstance(error, OperationalError | InterfaceError):
        return _from_database(error)
    if isinstance(error, DatabaseError) and _is_read_only(error):
        return errors.Unavailable()
    return errors.InternalError()


def _from_drf(error: exceptions.APIException) -> errors.DomainError:
    if isinstance(error, exceptions.ValidationError):
        return errors.InvalidRequest(list(_field_errors(error.detail, "")))
    known: dict[int, type[errors.DomainError]] = {
        400: errors.InvalidRequest,
        401: errors.NotSignedIn,
        403: errors.Forbidden,
        404: errors.NotFound,
        405: errors.MethodNotAllowed,
        415: errors.UnsupportedMediaType,
    }
    return known.get(error.status_code, errors.InternalError)()


def _field_errors(detail: Any, pointer: str) -> list[errors.FieldError]:
    if isinstance(detail, dict):
        groups = [
            _field_errors(value, pointer if name == "non_field_errors" else f"{pointer}/{name}")
            for name, value in detail.items()
        ]
    elif isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        groups = [_field_errors(item, f"{pointer}/{number}") for number, item in enumerate(detail) if item]
    else:
        items = detail if isinstance(detail, list) else [detail]
        return [errors.FieldError(pointer, str(getattr(item, "code", "invalid")), str(item)) for item in items]
    return [each for group in groups for each in group]


def _from_database(error: DatabaseError | InterfaceError) -> errors.DomainError:
    cause = error.__cause__
    if getattr(cause, "sqlstate", None) in _BUSY_SQLSTATES:
        return errors.Busy()
    if isinstance(cause, sqlite3.OperationalError) and "locked" in str(cause):
        return errors.Busy()
    return errors.Unavailable()


def _is_read_only(error: DatabaseError) -> bool:
    """PostgreSQL in recovery or read-only (25006), or out of disk (53100); SQLite says both as an operational error."""
    return getattr(error.__cause__, "sqlstate", None) in {"25006", "53100"}


def document(refusal: errors.DomainError, instance: str) -> dict[str, Any]:
    """The problem document of ``refusal`` for the request path ``instance``."""
    message = refusal.text()
    problem: dict[str, Any] = {
        "type": f"urn:homeground:problem:{refusal.code}",
        "title": _TITLES.get(refusal.status, "Error"),
        "status": refusal.status,
        "detail": message,
        "instance": instance,
        "code": refusal.code,
        "message": message,
        "request_id": current_request_id(),
        "retryable": refusal.retryable,
        "errors": [each.as_dict() for each in getattr(refusal, "errors", [])],
    }
    if refusal.params:
        problem["params"] = {
            name: value if isinstance(value, int) else str(value) for name, value in refusal.params.items()
        }
    return problem


def headers(refusal: errors.DomainError) -> dict[str, str]:
    """Headers that go with ``refusal``."""
    found = {"Cache-Control": "no-store"}
    if refusal.retry_after is not None:
        found["Retry-After"] = str(refusal.retry_after)
    if refusal.status == 401:
        found["WWW-Authenticate"] = "Bearer"
    return found


def exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's hook: any exception of a view as a problem document."""
    refusal = as_refusal(error)
    if refusal.status >= 500:
        log.error("request_failed", code=refusal.code, error=type(error).__name__, exc_info=error)
    response = Response(document(refusal, context["request"].path), status=refusal.status, headers=headers(refusal))
    response.content_type = CONTENT_TYPE
    return response


def plain_response(refusal: errors.DomainError, request: HttpRequest) -> HttpResponse:
    """The same document outside DRF (no route, middleware)."""
    return HttpResponse(
        orjson.dumps(document(refusal, request.path)),
        status=refusal.status,
        content_type=CONTENT_TYPE,
        headers=headers(refusal),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's 404 handler."""
    return plain_response(errors.NotFound(), request)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's 500 handler."""
    return plain_response(errors.InternalError(), request)
