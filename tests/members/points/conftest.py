"""What the tests of the points share: a member, and the checks of the book after each test."""

from collections.abc import Iterator

import pytest

from members.accounts.models import Member
from tests.factories.accounts import make_member
from tests.factories.points import findings


@pytest.fixture
def member(db) -> Member:
    """A member with an account that has never seen a point."""
    return make_member()


@pytest.fixture(autouse=True)
def _clean_book(request) -> Iterator[None]:
    """After each test with a database the book is clean; a module that breaks it on purpose overrides this."""
    has_database = request.node.get_closest_marker("django_db") is not None
    if has_database:
        request.getfixturevalue("db")  # so that these still stand when this looks
        request.getfixturevalue("clock")
    yield
    if has_database:
        assert findings() == []
