"""Refusals of the channels."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class CodeMistyped(DomainError):
    """Not a code: wrong length, wrong symbols or a check symbol that does not fit."""

    code = "channels.code_mistyped"
    status = 422
    message = _("This code seems to be mistyped. Please check it and try again.")


class CodeUnknown(DomainError):
    """No such code, or one that isn't in use yet: which of them is not told."""

    code = "channels.code_unknown"
    status = 404
    message = _("We don't know this code.")


class CodeNotStarted(DomainError):
    """The channel of the code opens later."""

    code = "channels.code_not_started"
    status = 422
    message = _("This offer begins on %(on)s.")


class CodeEnded(DomainError):
    """The channel of the code has ended or is paused."""

    code = "channels.code_ended"
    status = 410
    message = _("This offer is over. You are welcome all the same.")


class InvalidParent(DomainError):
    """A channel below one that can't have it as a child."""

    code = "channels.invalid_parent"
    status = 422
    message = _("A platform stands at the top, a campaign below a platform, a store or batch below either.")


class InvalidWindow(DomainError):
    """An end before its start."""

    code = "channels.invalid_window"
    status = 422
    message = _("The end must be after the start.")


class InvalidQuantity(DomainError):
    """No codes, or more than one batch may have."""

    code = "channels.invalid_quantity"
    status = 422
    message = _("A batch has 1 to %(most)s codes.")


class InvalidTarget(DomainError):
    """A landing that is no page of a mini-program."""

    code = "channels.invalid_target"
    status = 422
    message = _("A mini-program page is a path such as pages/gift/index, without an address or a leading slash.")


class InvalidKit(DomainError):
    """A welcome kit without rewards, with too many, or with one that can't be read."""

    code = "channels.invalid_kit"
    status = 422
    message = _("A welcome kit has 1 to 6 rewards that can be read (%(reason)s).")


class InvalidVerification(DomainError):
    """A verification file that the console would not have made."""

    code = "channels.invalid_verification"
    status = 422
    message = _(
        "The file has a name such as aB3dE6gH9k.txt, and one line of letters and digits. Please copy both again."
    )


class InvalidPrefix(DomainError):
    """A prefix rule that is no web address."""

    code = "channels.invalid_prefix"
    status = 422
    message = _("A rule is a web address such as https://example.com/q/. Please copy it from the console.")


class CannotPrint(DomainError):
    """A print job that can't be made as it is specified."""

    code = "channels.cannot_print"
    status = 422
    message = _("This can't be printed: %(reason)s.")


class AlreadyPrinting(DomainError):
    """The batch is being made already."""

    code = "channels.already_printing"
    status = 409
    message = _("This batch is being made already. Wait for it, or cancel it first.")


class PrintJobOver(DomainError):
    """There is nothing left to cancel."""

    code = "channels.print_job_over"
    status = 409
    message = _("This print job is over already.")


class PrintFileGone(DomainError):
    """A file that isn't there: not finished, cancelled, or removed after its time."""

    code = "channels.print_file_gone"
    status = 410
    message = _("This file is not here (any more). Have the batch made again.")


class InvalidExperiment(DomainError):
    """An experiment without at least two differently named variants."""

    code = "channels.invalid_experiment"
    status = 422
    message = _("An experiment compares 2 to %(most)s variants with different names.")


ARTWORK_REASONS = {
    "artwork.bad_logo": _("the logo is no PNG, JPEG or WebP picture, or is larger than 200 KB"),
    "artwork.does_not_fit": _("the symbol with its text does not fit the card, or the card the sheet. Make it smaller"),
    "artwork.modules_too_small": _("the squares of the symbol would be too small to scan. Make it larger"),
    "artwork.out_of_bounds": _("a size or text is outside its bounds"),
    "artwork.unreadable": _("a finished symbol could not be read back, so nothing was handed out"),
    "storage": _("the server's disk is full or may not be written"),
    "worker": _("the worker was ended several times while making it"),
}


def artwork_reason(code: str) -> str:
    """Why something can't be printed, in the active language."""
    return str(ARTWORK_REASONS.get(code, _("the artwork was refused")))


class ScanReused(DomainError):
    """One ``scan_id`` for two codes."""

    code = "channels.scan_reused"
    status = 422
    message = _("This scan was recorded for another code.")
