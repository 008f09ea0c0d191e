"""The health check without a round trip."""

import psycopg
import pytest
from django.db import connection, transaction

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def end_from_elsewhere() -> None:
    """The server ends our connection, as at a restart."""
    given = connection.get_connection_params() | {"autocommit": True}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    known = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}
    with psycopg.connect(**known, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(CAST(%s AS int))", [pid])
        while other.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone() != (0,):
            pass


def test_a_healthy_connection_is_not_asked(monkeypatch):
    connection.ensure_connection()
    monkeypatch.setattr(connection.connection, "execute", None)

    assert connection.is_usable()


def test_a_connection_that_the_server_ended_is_noticed_and_replaced():
    end_from_elsewhere()

    assert not connection.is_usable()
    for name, value in (("health_check_enabled", True), ("health_check_done", False)):
        setattr(connection, name, value)  # as at the start of a request
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_without_a_connection_nothing_is_usable():
    connection.close()

    assert not connection.is_usable()


def test_a_connection_inside_a_transaction_is_asked():
    with transaction.atomic():
        assert connection.is_usable()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            assert cursor.fetchone() == (1,)
