"""The clock of check-ins."""

from core.ticks import tick
from engagement.checkins import services


@tick(seconds=60)
def remind() -> None:
    """Publish reminders that are due."""
    services.remind()
