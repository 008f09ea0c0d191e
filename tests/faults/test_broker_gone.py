"""Broker and limiter silent: requests go on as before; events wait, then come in order within a member."""

import time
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from core import clock
from tests.faults import judge, kills, records
from tests.faults.client import Load
from tests.faults.deployment import Broker, Deployment, Prepared, wait_until
from tests.faults.proxy import FaultProxy
from tests.faults.records import Record

pytestmark = pytest.mark.faults
SPAN_SECONDS = 6.0
MARGIN_SECONDS = 0.35  # on top of twice the baseline: machines that run tests are busy

SLOWEST_SECONDS = 1.5  # a limiter that tries again and again would hold a request for longer


def test_a_silent_broker_and_limiter_cost_the_api_nothing(campaign_server: Prepared, tmp_path: Path):
    url = campaign_server.clone("faults_broker")
    with ExitStack() as stack:
        broker = stack.enter_context(Broker(tmp_path))
        if not broker.port:
            pytest.skip("there is no redis-server here: a folder cannot fall silent")
        proxy = stack.enter_context(FaultProxy(("127.0.0.1", broker.port)))
        address = f"redis://127.0.0.1:{proxy.port}"
        web = stack.enter_context(
            Deployment(tmp_path / "broker", "web", "worker", "beat", DATABASE_URL=url, BROKER_URL=f"{address}/0",
                       REDIS_URL=f"{address}/1")
        )  # fmt: skip
        wait_until(lambda: _open(url) == 0, "the worker is at work")
        before = _span(web.port, campaign_server.campaign, "before")
        proxy.blackhole = True
        during = _span(web.port, campaign_server.campaign, "during", regulars_from=1500)
        waiting = _open(url)
        _heal(proxy)
        drained = wait_until(lambda: _open(url) == 0, "the outbox drains", seconds=kills.patience())
        with psycopg.connect(url, autocommit=True) as connection:
            verdict = judge.judge(connection, [*before.operations, *during.operations])
            verdict.others += judge.judge_events(connection)

    records.keep(Record("broker and limiter silent", verdict.operations, 1, len(verdict.violations),
                        len(verdict.lost), len(verdict.doubled), round(drained, 1)))  # fmt: skip
    assert verdict.violations == []
    assert waiting > 0, "events were delivered although nothing could tell the worker to"
    assert [each.kind for each in during.operations if each.tries > 1] == []
    assert max(_seconds(during)) < 3 * max(_seconds(before)) + SLOWEST_SECONDS
    assert _p99(during) < 2 * _p99(before) + MARGIN_SECONDS


def _span(port: int, campaign: str, name: str, *, regulars_from: int = 0) -> Load:
    with Load(port, campaign, clock.today(), threads=2, name=name, regulars_from=regulars_from) as load:
        time.sleep(SPAN_SECONDS)
    return load


def _seconds(load: Load) -> list[float]:
    return sorted(each.ended - each.began for each in load.operations if each.answer)


def _p99(load: Load) -> float:
    times = _seconds(load)
    assert len(times) > 10
    return times[int(len(times) * 0.99)]


def _heal(proxy: FaultProxy) -> None:
    """The network is back; what was swallowed is gone, so old connections die as they would."""
    proxy.heal()
    proxy.reset_all()


def _open(url: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        return judge.open_events(connection)
