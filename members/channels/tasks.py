"""The ticks of the channels."""

from core.ticks import tick
from members.channels.services import print_jobs


@tick(seconds=2)
def make_prints() -> None:
    """Make a slice of the oldest due print job."""
    print_jobs.run_due()
