"""Refusals of campaigns. The first group reaches consumers, the second only staff."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, FieldError


class NotStarted(DomainError):
    """The campaign begins later."""

    code = "campaigns.not_started"
    message = _("This campaign has not started yet. Please come back later.")


class Ended(DomainError):
    """The campaign is over, by the clock or by hand."""

    code = "campaigns.ended"
    status = 410
    message = _("This campaign has ended. Thank you for your interest.")


class Paused(DomainError):
    """Staff have paused the campaign."""

    code = "campaigns.paused"
    message = _("This campaign is paused for the moment. Please come back later.")


class ClosedNow(DomainError):
    """Outside the daily hours."""

    code = "campaigns.closed_now"
    message = _("This campaign is open each day from %(daily_from)s to %(daily_to)s.")


class NotEligible(DomainError):
    """The member does not belong to the campaign's audience."""

    code = "campaigns.not_eligible"
    message = _("This campaign is not open to your account. The rules page says who can take part.")


class NotPublishable(DomainError):
    """The publish checklist has lines that block; ``errors`` names each with the field where to fix it."""

    code = "campaigns.not_publishable"
    message = _("This campaign can't be published yet. Please fix the marked points of the checklist.")

    def __init__(self, findings: list[FieldError] | None = None) -> None:
        super().__init__()
        self.errors = findings or []

    def text(self) -> str:
        """The sentence and each reason."""
        return " ".join([super().text(), *(each.message for each in self.errors)])


class WrongStatus(DomainError):
    """The act does not fit the campaign's status: somebody else was faster, or it was never possible."""

    code = "campaigns.wrong_status"
    status = 409
    message = _("The campaign's status has changed, so this can't be done. Please reload the page.")


class ChangedMeanwhile(DomainError):
    """Somebody else saved the same campaign after this form was opened."""

    code = "campaigns.changed_meanwhile"
    status = 409
    message = _("Somebody else has saved this campaign in the meantime. Please reload the page and repeat your change.")


class NotInFavour(DomainError):
    """A change of a published campaign that would take something from members."""

    code = "campaigns.not_in_favour"
    message = _("After publishing, only changes in the members' favour are possible. Not possible: %(fields)s.")


class ReasonRequired(DomainError):
    """A change of a published campaign without a reason."""

    code = "campaigns.reason_required"
    message = _("Please give a reason; it is kept in the audit trail.")


class UnknownTemplate(DomainError):
    """No such mechanism or template."""

    code = "campaigns.unknown_template"
    status = 404
    message = _("There is no such template.")


class InvalidSettings(DomainError):
    """A value of the campaign that can't be stored; ``errors`` names each field."""

    code = "campaigns.invalid_settings"
    message = _("Some values are not possible. Please check the marked fields.")

    def __init__(self, findings: list[FieldError] | None = None) -> None:
        super().__init__()
        self.errors = findings or []

    @classmethod
    def for_fields(cls, group: str, names: list[str]) -> "InvalidSettings":
        """The refusal that marks ``names`` within the JSON field ``group``."""
        return cls([FieldError(f"/{group}/{name}", "invalid", "") for name in names])


class NothingChanged(DomainError):
    """A change that leaves everything as it is: no new version is made of it."""

    code = "campaigns.nothing_changed"
    message = _("Nothing was changed.")
