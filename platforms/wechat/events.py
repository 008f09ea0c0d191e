"""What WeChat has pushed to us. No event carries an openid: ``selectors.subject_of(push_id)`` gives it for 30 days."""

from dataclasses import dataclass
from typing import ClassVar

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class Pushed(Event):
    """Base: the row of the pushed message, and the app."""

    push_id: int
    app_id: str

    def key(self) -> str:
        """Once a message."""
        return str(self.push_id)


@dataclass(frozen=True, kw_only=True)
class MediaJudged(Pushed):
    """The verdict on a picture or sound: ``suggest`` is pass, review or risky; ``label`` as WeChat numbers it.

    An ``errcode`` other than 0 means that nothing was judged.
    """

    topic: ClassVar[str] = "wechat.media_judged"
    trace_id: str
    suggest: str
    label: int
    errcode: int


@dataclass(frozen=True, kw_only=True)
class AuthorisationRevoked(Pushed):
    """A person took some data back: ``revoked`` are WeChat's numbers of what (6 name and picture, 8 phone …)."""

    topic: ClassVar[str] = "wechat.authorisation_revoked"
    revoked: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class AuthorisationCancelled(Pushed):
    """A person ended the authorisation as a whole: the data must be deleted or made anonymous."""

    topic: ClassVar[str] = "wechat.authorisation_cancelled"


@dataclass(frozen=True, kw_only=True)
class SubscriptionAnswered(Pushed):
    """A person answered the popup: ``choices`` are (template, ``accept`` or ``reject``)."""

    topic: ClassVar[str] = "wechat.subscription_answered"
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class SubscriptionChanged(Pushed):
    """A person changed subscriptions in the settings: ``choices`` are (template, ``reject``)."""

    topic: ClassVar[str] = "wechat.subscription_changed"
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class SubscriptionSent(Pushed):
    """Messages were delivered or not: ``results`` are (template, message id, error code with 0 for delivered)."""

    topic: ClassVar[str] = "wechat.subscription_sent"
    results: tuple[tuple[str, str, int], ...]
