"""Refusals. A refusal is a class with a stable code, an HTTP status and a sentence on which a consumer can act."""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """Base of every refusal; raise it where the fact is known.

    ``code`` is ``<slice>.<snake_case>`` and never changes. ``message`` may name parameters as ``%(name)s``.
    ``retry_after`` (seconds) says when trying again makes sense; with it the refusal is ``retryable``.
    """

    code: ClassVar[str] = ""
    status: ClassVar[int] = 422
    message: ClassVar[str | Promise] = ""
    retry_after: int | None = None

    def __init__(self, *, retry_after: int | None = None, **params: Any) -> None:
        self.params = params
        if retry_after is not None:
            self.retry_after = retry_after
        super().__init__(self.code)

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed later without a change."""
        return self.retry_after is not None or self.status in {409, 429, 503}

    @property
    def is_final(self) -> bool:
        """Whether the refusal is the answer to its idempotency key; busy and broken things are not."""
        return self.status < 500 and self.status not in {401, 409, 429}

    def text(self) -> str:
        """The sentence in the active language."""
        return str(self.message) % self.params if self.params else str(self.message)

    def __str__(self) -> str:
        return f"{self.code} {self.params}" if self.params else self.code


class FieldError:
    """One wrong field of a request: a JSON pointer, a code and a sentence."""

    def __init__(self, pointer: str, code: str, message: str) -> None:
        self.pointer, self.code, self.message = pointer, code, message

    def as_dict(self) -> dict[str, str]:
        """The form in the problem document."""
        return {"pointer": self.pointer, "code": self.code, "message": self.message}


class InvalidRequest(DomainError):
    """The request has the wrong shape; ``errors`` names each field."""

    code = "core.invalid_request"
    status = 400
    message = _("Some of what was sent can't be read. Please check the marked fields.")

    def __init__(self, errors: list[FieldError] | None = None) -> None:
        super().__init__()
        self.errors = errors or []


class InvalidCursor(DomainError):
    """A page cursor that this list did not give out."""

    code = "core.invalid_cursor"
    status = 400
    message = _("This page mark is not valid. Please start from the first page.")


class NotSignedIn(DomainError):
    """No token, or one that can't be read, is expired or was revoked."""

    code = "core.not_signed_in"
    status = 401
    message = _("Please sign in again.")


class Forbidden(DomainError):
    """The caller may not do this."""

    code = "core.forbidden"
    status = 403
    message = _("You are not allowed to do this.")


class NotFound(DomainError):
    """Nothing there, or it belongs to somebody else."""

    code = "core.not_found"
    status = 404
    message = _("This was not found.")


class MethodNotAllowed(DomainError):
    """The address exists, the method does not."""

    code = "core.method_not_allowed"
    status = 405
    message = _("This address does not take that method.")


class UnsupportedMediaType(DomainError):
    """The body is not JSON."""

    code = "core.unsupported_media_type"
    status = 415
    message = _("Please send JSON (application/json).")


class BodyTooLarge(DomainError):
    """The body is over 1 MiB."""

    code = "core.body_too_large"
    status = 413
    message = _("This is too large to send.")


class TooManyRequests(DomainError):
    """A request limit is used up."""

    code = "core.too_many_requests"
    status = 429
    retry_after = 1
    message = _("Too many requests. Please wait a moment.")


class Busy(DomainError):
    """Somebody else holds the row, or the same request is in flight."""

    code = "core.busy"
    status = 409
    retry_after = 1
    message = _("This is being processed. Please try again in a moment.")


class Unavailable(DomainError):
    """The database can't be reached or can't write."""

    code = "core.unavailable"
    status = 503
    retry_after = 2
    message = _("The service is catching its breath. Please try again in a moment.")


class InternalError(DomainError):
    """A fault of ours; the log has it under the request id."""

    code = "core.internal_error"
    status = 500
    message = _("Something went wrong on our side. Nothing was changed.")


class KeyRequired(DomainError):
    """A request that moves value came without an ``Idempotency-Key``."""

    code = "core.idempotency_key_required"
    status = 400
    message = _("This request needs an Idempotency-Key header.")


class KeyInvalid(DomainError):
    """The ``Idempotency-Key`` is empty, too long or has odd characters."""

    code = "core.idempotency_key_invalid"
    status = 400
    message = _("The Idempotency-Key must be 1 to 64 visible characters.")


class KeyReused(DomainError):
    """The key was used before, for another request."""

    code = "core.idempotency_key_reused"
    status = 422
    message = _("This Idempotency-Key was already used for another request.")


class OutOfStock(DomainError):
    """All shards of a pool were seen empty."""

    code = "core.out_of_stock"
    status = 422
    message = _("Sorry, there is none left.")
