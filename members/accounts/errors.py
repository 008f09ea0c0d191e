"""Refusals of the accounts."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class UnknownPlatform(DomainError):
    """No login provider has this name here."""

    code = "accounts.unknown_platform"
    status = 400
    message = _("Signing in from this platform is not possible here.")


class UnknownApp(DomainError):
    """The ``app_id`` isn't configured, or was left out where several are."""

    code = "accounts.unknown_app"
    status = 400
    message = _("This app is not known here.")


class LoginCodeRefused(DomainError):
    """The platform did not accept the login code: it is wrong, used or too old."""

    code = "accounts.login_code_refused"
    status = 422
    message = _("Signing in did not work. Please open the page again.")


class PlatformUnavailable(DomainError):
    """The platform did not answer."""

    code = "accounts.platform_unavailable"
    status = 503
    retry_after = 2
    message = _("Signing in takes longer than usual. Please try again in a moment.")


class Blocked(DomainError):
    """The brand has closed this account."""

    code = "accounts.blocked"
    status = 403
    message = _("This account is closed. Please ask our customer service.")


class NotJoined(DomainError):
    """A visitor wants what only members have."""

    code = "accounts.not_joined"
    status = 403
    message = _("Please join as a member first.")


class ConsentRequired(DomainError):
    """Joining needs an agreement that wasn't given."""

    code = "accounts.consent_required"
    status = 422
    message = _("Please agree to the membership terms and the privacy policy first.")


class InvalidNickname(DomainError):
    """Too long, or with control, direction or invisible characters."""

    code = "accounts.invalid_nickname"
    status = 422
    message = _("A nickname has at most %(longest)s characters and no hidden ones.")


class InvalidAvatar(DomainError):
    """Not an https address of a host from which pictures may come."""

    code = "accounts.invalid_avatar"
    status = 422
    message = _("This picture address can't be used.")


class InvalidBirthday(DomainError):
    """In the future, or before any living person's."""

    code = "accounts.invalid_birthday"
    status = 422
    message = _("Please check the birthday.")


class TooYoung(DomainError):
    """Under 14: we keep no personal data of children."""

    code = "accounts.too_young"
    status = 422
    message = _("Members under %(least)s can't fill in a birthday.")


class BirthdayChangedRecently(DomainError):
    """The birthday was set or changed less than a year ago."""

    code = "accounts.birthday_changed_recently"
    status = 422
    message = _("The birthday can be changed again on %(on)s.")


class ReasonRequired(DomainError):
    """Closing or opening an account needs a reason for the audit trail."""

    code = "accounts.reason_required"
    status = 422
    message = _("Please give a reason.")
