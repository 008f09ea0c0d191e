"""One server with a filled template for all fault tests; each works on a copy of its own."""

from collections.abc import Iterator

import pytest

from tests.faults.deployment import Prepared, prepared


@pytest.fixture(scope="session")
def _prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    with prepared(tmp_path_factory.mktemp("faults")) as found:
        yield found


@pytest.fixture
def campaign_server(_prepared: Prepared) -> Prepared:
    """A durable PostgreSQL of our own with the demo's campaign and 3,000 regulars in its template."""
    return _prepared
