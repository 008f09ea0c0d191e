"""What is known of the request in hand: its id, for logs and problem documents, and where it came from."""

import re
import uuid
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest

_GIVEN = re.compile(r"[0-9A-Za-z._-]{8,64}")
_request_id: ContextVar[str] = ContextVar("homeground_request_id", default="")


def current_request_id() -> str:
    """The id of the request in hand, or an empty text outside one."""
    return _request_id.get()


def begin(request: HttpRequest) -> str:
    """Take the request's id from ``X-Request-Id`` if it is well formed, else make one."""
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    request_id = given if _GIVEN.fullmatch(given) else uuid.uuid4().hex
    _request_id.set(request_id)
    return request_id


def client_address(request: HttpRequest) -> str:
    """The peer's address, or the one that the last ``TRUSTED_PROXY_COUNT`` proxies vouch for.

    ``X-Forwarded-For`` is believed only as far as our own proxies wrote it: the n-th entry from the right.
    """
    proxies = settings.TRUSTED_PROXY_COUNT
    if proxies:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if len(hops) >= proxies:
            return str(hops[-proxies])
    return str(request.META.get("REMOTE_ADDR", ""))


def device_id(request: HttpRequest) -> str:
    """The client's own device mark (``X-Device-Id``, at most 64 characters): a claim, used only to limit and score."""
    return str(request.META.get("HTTP_X_DEVICE_ID", ""))[:64]
