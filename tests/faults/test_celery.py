"""The clock for real: beat sends a tick over a real broker, a worker takes it, and what is due is delivered."""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from core.supervisor import demo_children

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 30
pytestmark = pytest.mark.faults


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


BROKERS = [
    pytest.param("filesystem://", id="filesystem"),
    pytest.param(
        "redis://127.0.0.1:6379/14", id="redis", marks=pytest.mark.skipif(not _listens(6379), reason="no Redis here")
    ),
    pytest.param(
        "amqp://guest:guest@127.0.0.1:5672//", id="rabbitmq",
        marks=pytest.mark.skipif(not _listens(5672), reason="no RabbitMQ here"),
    ),
]  # fmt: skip


@pytest.fixture(params=BROKERS)
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """A demo of its own: an empty, migrated SQLite file and one broker, which is left as it was."""
    url = str(request.param)
    given = {
        **os.environ, "HOMEGROUND_DEMO": "1", "HOMEGROUND_VAR": str(tmp_path), "BROKER_URL": url,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'test.sqlite3'}", "DJANGO_SETTINGS_MODULE": "config.settings",
    }  # fmt: skip
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v", "0", "--skip-checks"], cwd=ROOT, env=given, check=True
    )
    yield given
    _purge(url, given)


def _purge(url: str, environment: dict[str, str]) -> None:
    """Take our queue away from a broker that others may use too."""
    if url.startswith("filesystem"):
        return
    from kombu import Connection

    with Connection(url) as connection, contextlib.suppress(connection.channel_errors), connection.channel() as channel:
        channel.queue_delete("celery")


@contextlib.contextmanager
def running(environment: dict[str, str], name: str, command: Sequence[str]) -> Iterator[None]:
    """One child of the demo in a session of its own, ended with all its children."""
    log = Path(environment["HOMEGROUND_VAR"]) / f"{name}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment,
            stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)


def _add_due_event(database: str) -> str:
    event_id = uuid.uuid4().hex
    with contextlib.closing(sqlite3.connect(database, timeout=20)) as file, file:
        file.execute(
            "INSERT INTO core_event (event_id, topic, version, subject, payload, occurred_at, business_on, is_test,"
            " attempts, available_at, dead) VALUES (?, 'test.nobody', 1, 's', '{}', '2026-01-01 00:00:00',"
            " '2026-01-01', 0, 0, '2026-01-01 00:00:00', 0)",
            (event_id,),
        )
    return event_id


def _is_delivered(database: str, event_id: str) -> bool:
    query = "SELECT delivered_at IS NOT NULL FROM core_event WHERE event_id = ?"
    with contextlib.closing(sqlite3.connect(database, timeout=20)) as file:
        return bool(file.execute(query, (event_id,)).fetchone()[0])


def _delivered_within(environment: dict[str, str], event_id: str, seconds: float) -> bool:
    database = environment["DATABASE_URL"].removeprefix("sqlite:///")
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if _is_delivered(database, event_id):
            return True
        time.sleep(0.1)
    return False


def test_a_tick_reaches_a_worker_and_what_is_due_is_delivered(environment: dict[str, str]) -> None:
    database = environment["DATABASE_URL"].removeprefix("sqlite:///")
    first = _add_due_event(database)

    commands = {spec.name: spec.command for spec in demo_children(port=1)}

    with running(environment, "worker", commands["worker"]), running(environment, "beat", commands["beat"]):
        assert _delivered_within(environment, first, SECONDS)
        second = _add_due_event(database)  # the ticks go on
        assert _delivered_within(environment, second, 10)
