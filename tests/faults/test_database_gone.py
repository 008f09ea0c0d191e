"""All connections ended under load, or a server that takes no writes: a 503 that says when to come again, no more."""

import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from core import clock
from tests.faults import judge, records
from tests.faults.client import Acts, Answer, Load, Operation, Phone
from tests.faults.deployment import Deployment, Prepared, wait_until
from tests.faults.records import Record

pytestmark = pytest.mark.faults
ROUNDS = 6
QUIET_SECONDS = 10.0  # after so long no request may fail any more
END_ALL = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()
"""


class Noting(Load):
    """A load that notes when a request was not answered well, sent again or not."""

    def failures(self) -> int:
        """Requests so far that had to be sent again."""
        return sum(each.tries - (each.answer is not None) for each in self.operations)


def test_ending_every_connection_costs_a_few_polite_503s(campaign_server: Prepared, tmp_path: Path):
    url = campaign_server.clone("faults_ended")
    with (
        Deployment(tmp_path / "ended", "web", DATABASE_URL=url) as web,
        psycopg.connect(campaign_server.server.url(), autocommit=True) as admin,
    ):
        with Noting(web.port, campaign_server.campaign, clock.today(), name="ended") as load:
            recoveries = [_end_all(admin, load) for _ in range(ROUNDS)]
        with psycopg.connect(url, autocommit=True) as connection:
            verdict = judge.judge(connection, load.operations)

    records.keep(Record("all connections ended under load", verdict.operations, ROUNDS, len(verdict.violations),
                        len(verdict.lost), len(verdict.doubled), round(max(recoveries), 1)))  # fmt: skip
    assert verdict.violations == []
    assert verdict.acknowledged > ROUNDS
    assert max(recoveries) < QUIET_SECONDS


def _end_all(admin: psycopg.Connection[Any], load: Noting) -> float:
    """End all connections; the seconds until the last request that failed because of it."""
    before = len(load.operations)
    wait_until(lambda: len(load.operations) > before + 8, "people come and go")
    ended_at, seen, last = time.monotonic(), load.failures(), 0.0
    assert admin.execute(END_ALL, ["faults_ended"]).fetchall()[0][0] > 0
    while (passed := time.monotonic() - ended_at) < last + 1.5:
        time.sleep(0.02)
        if (now := load.failures()) > seen:
            seen, last = now, passed
        assert passed < 60, "requests go on failing"
    return last


def test_a_server_that_takes_no_writes_refuses_politely_and_keeps_nothing(campaign_server: Prepared, tmp_path: Path):
    url, acts = campaign_server.clone("faults_readonly"), Acts(campaign_server.campaign)
    with Deployment(tmp_path / "readonly", "web", DATABASE_URL=url) as web, Phone(web.port) as phone:
        token = phone.ask(acts.sign_in("demo-regular-1")).body["token"]
        operation, profile = acts.check_in("demo-regular-1", token), _profile(token)
        _read_only(url, on=True)
        refused, read = [phone.ask(operation), phone.ask(acts.sign_in("demo-nobody-yet"))], phone.ask(profile)
        kept = _rows(url)
        _read_only(url, on=False)
        operation.answer = phone.ask(operation)
        with psycopg.connect(url, autocommit=True) as connection:
            verdict = judge.judge(connection, [operation])

    assert [_is_polite(answer) for answer in refused] == [True, True]
    assert read.status == 200
    assert kept == 0
    assert (operation.answer.status, verdict.violations) == (201, [])


def _profile(token: str) -> Operation:
    return Operation("profile", "demo-regular-1", "GET", "/api/v1/me", {}, token=token)


def _is_polite(answer: Answer) -> bool:
    return answer.status == 503 and not answer.fault and answer.body["code"] == "core.unavailable"


def _read_only(url: str, *, on: bool) -> None:
    """What a full disk or a fail-over makes of a server; living connections are ended, as both do."""
    with psycopg.connect(url, autocommit=True, options="-c default_transaction_read_only=off") as connection:
        connection.execute(f"ALTER DATABASE faults_readonly SET default_transaction_read_only = {on}")
        wait_until(lambda: connection.execute(END_ALL, ["faults_readonly"]).fetchall() == [(0,)], "all have ended")


def _rows(url: str) -> int:
    statement = """
    SELECT (SELECT count(*) FROM checkins_checkin c JOIN accounts_identity i ON i.member_id = c.member_id
             WHERE i.openid = 'demo-regular-1')
         + (SELECT count(*) FROM accounts_identity WHERE openid = 'demo-nobody-yet')
         + (SELECT count(*) FROM core_idempotencyrecord)
    """
    with psycopg.connect(url, autocommit=True) as connection:
        return int(connection.execute(statement).fetchall()[0][0])
