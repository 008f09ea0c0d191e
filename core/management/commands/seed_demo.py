"""``manage.py seed_demo``: the demo's staff account and every slice's demo data; a second run adds nothing."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import clock
from core.contract import demo_seeds
from core.demo import DEMO_PASSWORD, DEMO_STAFF
from core.models import StaffUser


class Command(BaseCommand):
    """Run the registered seeds, lowest order first, with one context."""

    help = "Add the demo's staff account and demo data (demo mode only)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.HOMEGROUND_DEMO:
            raise CommandError("Demo data and its well-known password exist in demo mode only.")
        context: dict[str, Any] = {"members": [], "today": clock.today(), "staff": demo_staff(), "campaigns": {}}
        for name, seed in sorted(demo_seeds.items(), key=lambda pair: pair[1].order):
            seed.run(context)
            if options["verbosity"]:
                self.stdout.write(f"{name}: ready")


def demo_staff() -> StaffUser:
    """The account that the start of the demo prints."""
    found = StaffUser.objects.filter(username=DEMO_STAFF).first()
    if found is not None:
        return found
    return StaffUser.objects.create_superuser(username=DEMO_STAFF, password=DEMO_PASSWORD, last_name="演示")
