"""Alive, and able to work."""

from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def test_alive_asks_nobody(api: Any) -> None:
    answer = api.get("/healthz")  # this test has no database at all

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_ready_when_database_migrations_and_clock_agree(api: Any) -> None:
    answer = api.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "checks": {"database": "ok", "migrations": "ok", "clock": "ok"}}


@pytest.mark.django_db
def test_not_ready_while_a_migration_waits(api: Any) -> None:
    newest = MigrationLoader(connection).graph.leaf_nodes("core")[0]
    MigrationRecorder(connection).record_unapplied(*newest)

    answer = api.get("/readyz")

    assert (answer.status_code, answer.json()["checks"]["migrations"]) == (503, "pending")
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.postgres
@pytest.mark.django_db
def test_not_ready_when_our_clock_is_off(api: Any) -> None:
    connection.ensure_connection()
    with time_machine.travel("2020-01-01T00:00Z", tick=True):
        answer = api.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["clock"].startswith("skewed by ")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_not_ready_without_the_database(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")

    answer = api.get("/readyz")

    assert (answer.status_code, answer.json()["checks"]) == (503, {"database": "unreachable"})
    assert answer.headers["Retry-After"] == "5"
