"""What the accounts publish. Fields hold ids and numbers; names, openids and birthdays never."""

from dataclasses import dataclass
from typing import ClassVar

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class FirstSeen(Event):
    """A visitor came for the first time, through ``platform``."""

    topic: ClassVar[str] = "accounts.first_seen"
    platform: str

    def key(self) -> str:
        """Once a person."""
        return str(self.member_id)


@dataclass(frozen=True, kw_only=True)
class SignedIn(Event):
    """A sign-in, the first included; ``sign_in_id`` (UUIDv7) tells two of one member apart."""

    topic: ClassVar[str] = "accounts.signed_in"
    sign_in_id: str
    platform: str
    is_first: bool

    def key(self) -> str:
        """Once a sign-in."""
        return self.sign_in_id


@dataclass(frozen=True, kw_only=True)
class Joined(Event):
    """A visitor became a member."""

    topic: ClassVar[str] = "accounts.joined"

    def key(self) -> str:
        """Once a person."""
        return str(self.member_id)
