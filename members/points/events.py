"""What the points publish."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class Expiring(Event):
    """``points`` can be used up to and including ``expires_on``; told 30, 7 and 1 days before, once each."""

    topic: ClassVar[str] = "points.expiring"
    points: int
    expires_on: date
    days_before: int

    def key(self) -> str:
        """Once a member, day and notice."""
        return f"{self.member_id}:{self.expires_on}:{self.days_before}"


@dataclass(frozen=True, kw_only=True)
class Adjusted(Event):
    """Staff gave or took points; who and why is in the audit trail."""

    topic: ClassVar[str] = "points.adjusted"
    entry_id: int
    points: int

    def key(self) -> str:
        """Once an entry."""
        return str(self.entry_id)
