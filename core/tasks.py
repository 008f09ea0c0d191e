"""The ticks of the ground."""

from core import outbox, reconcile, retention
from core.ticks import tick


@tick(seconds=1)
def drain() -> None:
    """Deliver due events."""
    outbox.drain()


@tick(hour=4, minute=20)
def purge() -> None:
    """Delete what is kept no longer."""
    retention.run_all()


@tick(hour=3, minute=40)
def run_reconciliation() -> None:
    """Compare what must agree; findings open incidents."""
    reconcile.run()
