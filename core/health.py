"""Health: ``/healthz`` says that the process answers, ``/readyz`` that it can do its work."""

from datetime import UTC, datetime

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from core import sql

MAX_SKEW_SECONDS = 2.0


def healthz(request: HttpRequest) -> JsonResponse:
    """Alive; touches nothing."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers, is migrated and its clock agrees with ours to 2 s; else 503 and why."""
    try:
        checks = {"database": "ok", "migrations": _migrations(), "clock": _clock()}
    except (DatabaseError, InterfaceError):
        checks = {"database": "unreachable"}
    ready = all(value == "ok" for value in checks.values())
    response = JsonResponse({"status": "ok" if ready else "not ready", "checks": checks}, status=200 if ready else 503)
    if not ready:
        response.headers["Retry-After"] = "5"
    return response


def _migrations() -> str:
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    return "pending" if executor.migration_plan(executor.loader.graph.leaf_nodes()) else "ok"


def _clock() -> str:
    """The raw system clock against the database's; SQLite has none of its own."""
    if not sql.is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return "ok"
    row = sql.fetch_one("SELECT clock_timestamp() AS at", at="datetime")
    skew = abs((row["at"] - datetime.now(UTC)).total_seconds()) if row else 0.0
    return "ok" if skew <= MAX_SKEW_SECONDS else f"skewed by {skew:.1f} s"
