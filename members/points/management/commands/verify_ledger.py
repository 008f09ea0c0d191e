"""``manage.py verify_ledger``: run the checks of the points' book; exit code 1 when something disagrees."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from core import reconcile


class Command(BaseCommand):
    """Prints a line a check and each finding; findings also open incidents."""

    help = "Compare balances, entries, lots, allocations, holds and pending points of all members."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run and report."""
        names = [name for name in reconcile.checks if name.startswith("points.")]
        results = reconcile.run(names)
        for result in results:
            self.stdout.write(f"{result.name:<24} {len(result.findings):>5} findings  {result.seconds:6.2f} s")
            for finding in result.findings[:20]:
                self.stdout.write(f"    {finding.subject}: {finding.detail}")
        if any(result.findings for result in results):
            sys.exit(1)
        self.stdout.write("The ledger is clean.")
