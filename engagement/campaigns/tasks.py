"""The tick of campaigns."""

from core.ticks import tick
from engagement.campaigns import services


@tick(seconds=30)
def sweep_lifecycle() -> None:
    """Start and end campaigns whose time has come."""
    services.sweep()
