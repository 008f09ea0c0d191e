"""Emptying tables that refuse to be emptied: the test runner flushes between tests, the product never does.

Tables with an append-only trigger refuse TRUNCATE on PostgreSQL and DELETE on SQLite. Here, in the test database only,
the triggers against TRUNCATE are switched off for good, and those against DELETE for the length of a flush. UPDATE and
DELETE by the code under test stay refused.
"""

from typing import Any

from django.db import connection

TRUNCATE_TRIGGERS = """
SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE NOT t.tgisinternal AND t.tgtype & 32 = 32
"""
DELETE_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%BEFORE DELETE%'"


def allow_flush() -> None:
    """Let the test runner empty the tables of the connected test database."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(TRUNCATE_TRIGGERS, None)
            for table, trigger in cursor.fetchall():
                cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER "{trigger}"', None)
            return
        cursor.execute(DELETE_TRIGGERS, None)
        _wrap_flush(cursor.fetchall())


def _wrap_flush(triggers: list[tuple[str, str]]) -> None:
    operations: Any = connection.ops
    plain = operations.sql_flush

    def sql_flush(*args: Any, **kwargs: Any) -> list[str]:
        statements = plain(*args, **kwargs)
        if not statements:
            return statements
        drop = [f'DROP TRIGGER "{name}"' for name, _sql in triggers]
        return [*drop, *statements, *(create for _name, create in triggers)]

    operations.sql_flush = sql_flush
