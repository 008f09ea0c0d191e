"""The ticks of the channels."""

from core.ticks import tick
from members.channels import services
from members.channels.services import print_jobs


@tick(seconds=2)
def make_prints() -> None:
    """Make a slice of the oldest due print job."""
    print_jobs.run_due()


@tick(seconds=10)
def count() -> None:
    """Bring the days' sums up to date."""
    services.count_all()


@tick(hour=4, minute=20)
def forget_addresses() -> None:
    """Forget where scans came from after 90 days."""
    services.forget_addresses()


@tick(hour=4, minute=30)
def purge_print_files() -> None:
    """Remove files for the printer after 90 days."""
    print_jobs.purge_files()
