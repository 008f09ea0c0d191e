"""Refusals of the rewards."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class InvalidReward(DomainError):
    """A specification that its kind can't read, or of a kind that isn't there; ``reason`` says what is wrong."""

    code = "rewards.invalid_reward"
    status = 400
    message = _("This reward can't be read: %(reason)s.")

    def __init__(self, *, reason: object = "?") -> None:
        super().__init__(reason=reason)


class BudgetSpent(DomainError):
    """The campaign's reward budget doesn't cover this reward any more."""

    code = "rewards.budget_spent"
    status = 422
    message = _("Sorry, the rewards of this campaign have all been given out.")


class AlreadyGranted(DomainError):
    """The same (source, key) was granted before."""

    code = "rewards.already_granted"
    status = 409
    message = _("This reward was already given.")


class NotGranted(DomainError):
    """There is no such grant of this member, or it was taken back before."""

    code = "rewards.not_granted"
    status = 404
    message = _("There is no such reward to take back.")


class BudgetOnlyRises(DomainError):
    """A budget that is in use was to be lowered."""

    code = "rewards.budget_only_rises"
    status = 422
    message = _("A reward budget in use can only be raised; it is %(limit_fen)s fen now.")
