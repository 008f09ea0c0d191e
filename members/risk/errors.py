"""Refusals of the risk gate."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class Refused(DomainError):
    """The gate said no. The consumer isn't told why: a reason would teach the next attempt."""

    code = "risk.refused"
    status = 403
    message = _("This can't be done at the moment.")


class UnknownSubject(DomainError):
    """A list entry for a member number, device or address that can't be one."""

    code = "risk.unknown_subject"
    status = 422
    message = _("There is no such member, device or address.")


class AlreadyListed(DomainError):
    """The subject stands on the list already."""

    code = "risk.already_listed"
    status = 409
    message = _("This is on the list already.")


class NotListed(DomainError):
    """The entry was lifted before."""

    code = "risk.not_listed"
    status = 404
    message = _("This is not on the list any more.")
