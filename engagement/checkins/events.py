"""What check-ins publish."""

import dataclasses
from datetime import date
from typing import ClassVar

from core.events import Event


@dataclasses.dataclass(frozen=True, kw_only=True)
class CheckedIn(Event):
    """A day counts: checked in (``daily``) or filled later (``make_up``). ``streak`` and ``tally`` are after it."""

    topic: ClassVar[str] = "checkins.checked_in"
    checked_on: date
    kind: str
    streak: int
    day: int
    tally: int
    points: int

    def key(self) -> str:
        """Once a member, campaign and day."""
        return f"{self.campaign_id}:{self.member_id}:{self.checked_on.isoformat()}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReminderDue(Event):
    """A member who asked for it has not checked in today; ``streak`` is what would be lost (0: nothing)."""

    topic: ClassVar[str] = "checkins.reminder_due"
    remind_on: date
    streak: int

    def key(self) -> str:
        """Once a member, campaign and day."""
        return f"{self.campaign_id}:{self.member_id}:{self.remind_on.isoformat()}"
