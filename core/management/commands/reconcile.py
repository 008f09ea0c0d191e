"""``manage.py reconcile``: run all reconciliation checks; exit code 1 when something disagrees."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core import reconcile


class Command(BaseCommand):
    """Prints a line a check and each finding."""

    help = "Compare what must agree: balances with entries, stock with what was taken, events with deliveries."

    def add_arguments(self, parser: CommandParser) -> None:
        """Names of checks; all without any."""
        parser.add_argument("checks", nargs="*", help="Names of checks; all when none is given.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run and report."""
        results = reconcile.run(options["checks"] or None)
        for result in results:
            self.stdout.write(f"{result.name:<32} {len(result.findings):>5} findings  {result.seconds:6.2f} s")
            for finding in result.findings[:20]:
                self.stdout.write(f"    {finding.subject}: {finding.detail}")
        if any(result.findings for result in results):
            sys.exit(1)
