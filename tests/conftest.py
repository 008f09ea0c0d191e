"""Fixtures for every test; a package's own are in ``tests/<package>/conftest.py``."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.utils import translation

from core import memory
from tests import append_only

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock:
    """The time that the code under test sees; it stands still until it is moved."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller

    def move_to(self, moment: str | datetime) -> datetime:
        """Set the time; a text is a wall clock in Shanghai, such as ``2026-11-22 09:00``."""
        at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        self._traveller.move_to(at if at.tzinfo else at.replace(tzinfo=SHANGHAI), tick=False)
        return self.now

    def advance(self, **span: float) -> datetime:
        """Move on by ``days=``, ``hours=``, ``minutes=`` or ``seconds=`` (negative: back)."""
        return self.move_to(self.now + timedelta(**span))

    @property
    def now(self) -> datetime:
        """The present moment on a wall clock in Shanghai."""
        return datetime.now(SHANGHAI)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> None:
    """The test database, which the runner may empty although its ledgers refuse that."""
    with django_db_blocker.unblock():
        append_only.allow_flush()


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock that stands at 2026-11-22 09:00 in Shanghai, a Sunday, until the test moves it."""
    with time_machine.travel(datetime(2026, 11, 22, 9, tzinfo=SHANGHAI), tick=False) as traveller:
        yield Clock(traveller)


@pytest.fixture(autouse=True)
def _fresh_language() -> Iterator[None]:
    """No test speaks the language in which another has sent its last request."""
    translation.deactivate()
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    """No test sees what another has cached or what the process remembers (limits, versions, block lists)."""
    cache.clear()
    memory.forget()
    yield
    cache.clear()
    memory.forget()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what the chosen database cannot show, with a reason."""
    vendor = connection.vendor
    for item in items:
        for name, needed in (("postgres", "postgresql"), ("sqlite", "sqlite")):
            if item.get_closest_marker(name) and vendor != needed:
                item.add_marker(pytest.mark.skip(reason=f"needs {needed}; this run is on {vendor}"))
