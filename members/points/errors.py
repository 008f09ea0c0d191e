"""Refusals of the points."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class InvalidAmount(DomainError):
    """Not a whole number of points within the bounds of one act."""

    code = "points.invalid_amount"
    status = 400
    message = _("This number of points is not possible.")


class Insufficient(DomainError):
    """Less can be spent than was asked for."""

    code = "points.insufficient"
    status = 422
    message = _("Not enough points: %(needed)s are needed, %(available)s are there.")


class InDebt(DomainError):
    """Points that were taken back are still owed; later earnings repay them first."""

    code = "points.in_debt"
    status = 422
    message = _("%(debt)s points have to be earned back before points can be spent.")


class AlreadyRecorded(DomainError):
    """This source has its entry already."""

    code = "points.already_recorded"
    status = 409
    message = _("This was already counted.")


class CapReached(DomainError):
    """The daily cap of this source leaves no room, and it refuses rather than cuts."""

    code = "points.cap_reached"
    status = 422
    message = _("No more points can be earned this way today.")


class EntryNotFound(DomainError):
    """The member has no such entry."""

    code = "points.entry_not_found"
    status = 404
    message = _("This entry was not found.")


class NotReversible(DomainError):
    """Only earnings, spendings, adjustments and captured holds can be reversed."""

    code = "points.not_reversible"
    status = 422
    message = _("This entry can't be reversed.")


class AlreadyReversed(DomainError):
    """An entry is reversed at most once."""

    code = "points.already_reversed"
    status = 409
    message = _("This entry was already reversed.")


class HoldNotFound(DomainError):
    """The member has no such hold."""

    code = "points.hold_not_found"
    status = 404
    message = _("These held points were not found.")


class HoldEnded(DomainError):
    """The hold was captured, released or has expired."""

    code = "points.hold_ended"
    status = 409
    message = _("These held points were already settled.")


class CaptureTooLarge(DomainError):
    """More than was held."""

    code = "points.capture_too_large"
    status = 422
    message = _("Only %(held)s points are held.")


class PendingNotFound(DomainError):
    """The member has no such pending points."""

    code = "points.pending_not_found"
    status = 404
    message = _("These pending points were not found.")


class PendingEnded(DomainError):
    """The pending points have arrived or were cancelled."""

    code = "points.pending_ended"
    status = 409
    message = _("These pending points were already settled.")


class OffsetNotPossible(DomainError):
    """The order can't be paid with this number of points."""

    code = "points.offset_not_possible"
    status = 422
    message = _("At most %(most)s points, in steps of %(step)s, can be used for this order.")


class ReasonRequired(DomainError):
    """A correction by staff needs a reason."""

    code = "points.reason_required"
    status = 400
    message = _("Please give a reason.")


class InvalidPolicy(DomainError):
    """The rules of the points don't fit together."""

    code = "points.invalid_policy"
    status = 422
    message = _("These rules can't work: %(why)s.")


class PointsHeld(DomainError):
    """An account with held points can't be merged; the holds end within their time."""

    code = "points.points_held"
    status = 409
    retry_after = 60
    message = _("Some points are held for an order. Please try again when it is settled.")


class LotsMoved(DomainError):
    """Lots and balance were seen at two times; nothing was changed."""

    code = "points.lots_moved"
    status = 409
    retry_after = 1
    message = _("Please try again in a moment.")
