"""kill -9 of anything under keyed load: nothing acknowledged is lost, nothing happens twice, all recovers by itself."""

from pathlib import Path

import pytest

from tests.faults import kills, records
from tests.faults.deployment import Prepared

pytestmark = pytest.mark.faults
KILLS = 60
ONE_OF_EACH = {"web worker", "worker", "beat", "database backend", "postmaster"}


def test_sixty_kills_lose_nothing_and_double_nothing(campaign_server: Prepared, tmp_path: Path):
    outcome = kills.run(campaign_server, tmp_path / "kills", kills=KILLS, seed=20_261_122)

    control = _control(campaign_server, tmp_path / "control")
    records.keep(outcome.record("kill -9 under load", control))
    assert outcome.verdict.violations == []
    assert sum(outcome.kills.values()) == KILLS
    assert set(outcome.kills) >= ONE_OF_EACH
    assert outcome.verdict.acknowledged > KILLS
    assert max(outcome.recovery_s_max, outcome.drained_s) < kills.patience()
    assert control > 0, "a build that loses commits looks as good: the harness proves nothing"


def _control(campaign_server: Prepared, var: Path) -> int:
    """Violations where commits don't wait for the disk and the server is killed: the harness has to see them."""
    outcome = kills.run(campaign_server, var, kills=4, seed=1, only=("postmaster",), forgetful=True)
    return len(outcome.verdict.violations)
