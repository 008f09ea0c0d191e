"""The product's settings, and a listener to its events (``tests.faults.listening``)."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.listening.ListeningConfig"]
