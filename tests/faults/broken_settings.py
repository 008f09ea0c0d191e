"""A build whose answers are stored in a transaction of their own: what the harness has to find."""

from tests.faults.settings import *  # noqa: F403
from tests.faults.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.broken.BrokenConfig"]
