"""What the tests of check-ins share."""

import pytest

from members.risk import services as risk
from tests.factories.accounts import make_member


@pytest.fixture(autouse=True)
def _calm_gate():
    """The risk gate of this process has seen nothing yet."""
    risk.forget()
    yield
    risk.forget()


@pytest.fixture
def member(db, clock):
    """A member since thirty days."""
    from datetime import timedelta

    return make_member(first_seen_at=clock.now - timedelta(days=30), nickname="小满")
