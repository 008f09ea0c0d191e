"""The ticks of the points. Each finds its work in the data: a missed or doubled tick changes nothing."""

from core.ticks import tick
from members.points import services


@tick(seconds=60)
def expire() -> None:
    """Book what has expired."""
    services.sweep()


@tick(hour=10, minute=5)
def notify() -> None:
    """Tell of what expires within 30, 7 and 1 days."""
    services.notify()


@tick(seconds=15)
def end_holds() -> None:
    """Release what was held too long."""
    services.sweep_holds()


@tick(seconds=60)
def let_pending_arrive() -> None:
    """Turn pending points that are due into entries."""
    services.sweep_pending()
