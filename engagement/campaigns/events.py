"""What campaigns publish about themselves."""

import dataclasses
from typing import ClassVar

from core.events import Event


@dataclasses.dataclass(frozen=True, kw_only=True)
class CampaignPublished(Event):
    """A version was frozen: the first one, or a change in the members' favour."""

    topic: ClassVar[str] = "campaigns.published"
    mechanism: str
    number: int
    version_id: int

    def key(self) -> str:
        """One a version."""
        return f"{self.campaign_id}:{self.number}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class CampaignStarted(Event):
    """The campaign's first moment has passed."""

    topic: ClassVar[str] = "campaigns.started"
    mechanism: str

    def key(self) -> str:
        """Once a campaign."""
        return str(self.campaign_id)


@dataclasses.dataclass(frozen=True, kw_only=True)
class CampaignEnded(Event):
    """The campaign is over; ``early`` when staff ended it before its time."""

    topic: ClassVar[str] = "campaigns.ended"
    mechanism: str
    early: bool

    def key(self) -> str:
        """Once a campaign."""
        return str(self.campaign_id)
