"""Refusals of check-ins."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, FieldError


class DayTaken(DomainError):
    """The day that should be made up already counts or is protected by a freeze."""

    code = "checkins.day_taken"
    message = _("This day already counts. There is nothing to make up.")


class DayNotOpen(DomainError):
    """The day can't be made up: today, the future, too long ago, or before the member could check in."""

    code = "checkins.day_not_open"
    message = _("This day can't be made up. Days from %(first)s to %(last)s can.")


class NothingOpen(DomainError):
    """There is no day yet that could be made up."""

    code = "checkins.nothing_to_make_up"
    message = _("There is no day to make up yet.")


class MakeUpOff(DomainError):
    """The campaign has no make-ups."""

    code = "checkins.make_up_off"
    message = _("Days can't be made up in this campaign.")


class MakeUpsUsedUp(DomainError):
    """The limit of make-ups is reached for the period of that day."""

    code = "checkins.make_ups_used_up"
    message = _("You have used all %(limit)s make-ups of this period.")


class NoCard(DomainError):
    """The make-up costs a card and the member has none."""

    code = "checkins.no_card"
    message = _("You need a make-up card for this.")


class InvalidPlan(DomainError):
    """Settings that can't be read as a check-in plan; ``errors`` names each field."""

    code = "checkins.invalid_plan"
    message = _("Some check-in settings are not possible. Please check the marked fields.")

    def __init__(self, findings: list[FieldError] | None = None, **params: Any) -> None:
        super().__init__(**params)
        self.errors = findings or []


class ReminderOff(DomainError):
    """The campaign sends no reminders."""

    code = "checkins.reminder_off"
    message = _("This campaign sends no reminders.")
