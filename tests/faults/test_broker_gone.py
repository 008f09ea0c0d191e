"""Broker and limiter silent: requests go on as before; events wait, then come in order within a member."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from core import clock
from tests.faults import judge, kills, records
from tests.faults.client import Load
from tests.faults.deployment import Broker, Deployment, Prepared, wait_until
from tests.faults.judge import Verdict
from tests.faults.proxy import FaultProxy
from tests.faults.records import Record

pytestmark = pytest.mark.faults
SPAN_SECONDS = 6.0
P99_MARGIN_SECONDS = 1.0  # on top of twice the baseline: machines that run tests are busy; a held request takes longer
SLOWEST_SECONDS = 3.0


@dataclass
class Silence:
    """The load before and during the silence, the events that waited at its end, and what came of it all."""

    before: Load
    during: Load
    waiting: int
    drained_s: float
    verdict: Verdict


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """One that can fall silent; a folder cannot."""
    with Broker(tmp_path) as found:
        if not found.port:
            pytest.skip("there is no redis-server here")
        yield found


def test_a_silent_broker_and_limiter_cost_the_api_nothing(campaign_server: Prepared, tmp_path: Path, broker: Broker):
    silence = _fall_silent(campaign_server, tmp_path / "broker", broker)

    found, during, before = silence.verdict, _seconds(silence.during), _seconds(silence.before)
    records.keep(Record("broker and limiter silent", found.operations, 1, len(found.violations), len(found.lost),
                        len(found.doubled), round(silence.drained_s, 1)))  # fmt: skip
    assert found.violations == []
    assert silence.waiting > 0, "events were delivered although nothing could tell the worker to"
    assert [each.kind for each in silence.during.operations if each.tries > 1] == []
    assert max(during) < 3 * max(before) + SLOWEST_SECONDS
    assert _p99(during) < 2 * _p99(before) + P99_MARGIN_SECONDS


def _fall_silent(prepared: Prepared, var: Path, broker: Broker) -> Silence:
    url = prepared.clone("faults_broker")
    with FaultProxy(("127.0.0.1", broker.port)) as proxy:
        address = f"redis://127.0.0.1:{proxy.port}"
        brokers = {"BROKER_URL": f"{address}/0", "REDIS_URL": f"{address}/1"}
        with Deployment(var, "web", "worker", "beat", DATABASE_URL=url, **brokers) as web:
            before = _span(web.port, prepared.campaign, "before")
            wait_until(lambda: _open(url) == 0, "the worker is at work")
            proxy.blackhole = True
            during = _span(web.port, prepared.campaign, "during", regulars_from=1500)
            waiting = _open(url)
            _heal(proxy)
            drained = wait_until(lambda: _open(url) == 0, "the outbox drains", seconds=kills.patience())
    with psycopg.connect(url, autocommit=True) as connection:
        verdict = judge.judge(connection, [*before.operations, *during.operations])
        verdict.others += judge.judge_events(connection)
    return Silence(before, during, waiting, drained, verdict)


def _span(port: int, campaign: str, name: str, *, regulars_from: int = 0) -> Load:
    with Load(port, campaign, clock.today(), threads=2, name=name, regulars_from=regulars_from) as load:
        time.sleep(SPAN_SECONDS)
    return load


def _seconds(load: Load) -> list[float]:
    return sorted(each.ended - each.began for each in load.operations if each.answer)


def _p99(times: list[float]) -> float:
    assert len(times) > 10
    return times[int(len(times) * 0.99)]


def _heal(proxy: FaultProxy) -> None:
    """The network is back; what was swallowed is gone, so old connections die as they would."""
    proxy.heal()
    proxy.reset_all()


def _open(url: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        return judge.open_events(connection)
