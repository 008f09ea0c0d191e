"""The ticks of the ground."""

from core import idempotency, outbox, reconcile
from core.ticks import tick


@tick(seconds=1)
def drain() -> None:
    """Deliver due events."""
    outbox.drain()


@tick(hour=4, minute=20)
def purge_idempotency() -> None:
    """Forget answers to idempotency keys after 7 days."""
    idempotency.purge()


@tick(hour=3, minute=40)
def run_reconciliation() -> None:
    """Compare what must agree; findings open incidents."""
    reconcile.run()
