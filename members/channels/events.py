"""What the channels publish. Ids only: no address, no device."""

from dataclasses import dataclass
from typing import ClassVar

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class Scanned(Event):
    """A scan has its person: recorded with a token, or joined to whoever signed in."""

    topic: ClassVar[str] = "channels.scanned"
    scan_id: str
    channel_id: str
    batch_id: str

    def key(self) -> str:
        """Once a scan."""
        return self.scan_id


@dataclass(frozen=True, kw_only=True)
class Welcomed(Event):
    """A member got a welcome kit."""

    topic: ClassVar[str] = "channels.welcomed"
    kit_id: str
    channel_id: str

    def key(self) -> str:
        """Once a person and kit."""
        return f"{self.kit_id}:{self.member_id}"
