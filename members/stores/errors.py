"""Refusals of the stores."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class InvalidStoreCode(DomainError):
    """A code with other characters, or too long."""

    code = "stores.invalid_code"
    status = 422
    message = _("A store's code has 1 to 16 capital letters, digits or hyphens.")


class AlreadyInsider(DomainError):
    """The member belongs to another staff user, or the staff user to another member."""

    code = "stores.already_insider"
    status = 409
    message = _("This member or this staff user is already linked to somebody else.")


class CodeTaken(DomainError):
    """Another store has this code."""

    code = "stores.code_taken"
    status = 409
    message = _("Another store has this code.")


class NoSuchMember(DomainError):
    """Nobody has this member number."""

    code = "stores.no_such_member"
    status = 422
    message = _("Nobody has this member number.")
