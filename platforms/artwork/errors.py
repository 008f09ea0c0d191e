"""Refusals of artwork: each with a stable code, for callers to translate, and plain parameters."""

from typing import ClassVar


class ArtworkError(Exception):
    """Something asked for cannot be printed as it is. ``params`` are plain values for a translated message."""

    code: ClassVar[str] = "artwork.error"

    def __init__(self, message: str, **params: str | float) -> None:
        self.message = message
        self.params = params
        super().__init__(message)

    def __reduce__(self) -> tuple[object, ...]:
        """Refusals cross from worker processes with their parameters."""
        return _rebuilt, (type(self), self.message, self.params)


def _rebuilt(kind: type[ArtworkError], message: str, params: dict[str, str | float]) -> ArtworkError:
    return kind(message, **params)


class OutOfBounds(ArtworkError):
    """A size, a resolution, a text or a count outside its documented range."""

    code = "artwork.out_of_bounds"


class BadPayload(ArtworkError):
    """What the QR symbol should hold is empty, too long, or not printable ASCII."""

    code = "artwork.bad_payload"


class BadCode(ArtworkError):
    """The short code cannot name a file, or stands twice in the batch."""

    code = "artwork.bad_code"


class ModulesTooSmall(ArtworkError):
    """One module of the symbol would be too small to print or to scan."""

    code = "artwork.modules_too_small"


class BadLogo(ArtworkError):
    """The logo is no picture, too large, or covers more of the symbol than it may."""

    code = "artwork.bad_logo"


class DoesNotFit(ArtworkError):
    """The symbol with its text does not fit the card, or the card does not fit the sheet."""

    code = "artwork.does_not_fit"


class Unreadable(ArtworkError):
    """A finished symbol did not decode to its own payload: the whole batch is refused."""

    code = "artwork.unreadable"


class OtherJob(ArtworkError):
    """The working folder holds chunks of a job with other contents."""

    code = "artwork.other_job"
