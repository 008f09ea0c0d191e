"""The ticks of the risk gate."""

from core.ticks import tick
from members.risk import services


@tick(hour=4, minute=35)
def purge_decisions() -> None:
    """Forget decisions after 90 days."""
    services.purge_decisions()
