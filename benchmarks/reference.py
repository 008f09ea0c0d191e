"""R: minimal WSGI views that write the same rows in a plain transaction with prepared statements, and nothing else.

Frozen: neither token, validation, limits, risk nor idempotency. The member comes in the path.
"""

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

import orjson
import psycopg
from psycopg.rows import dict_row

from benchmarks import statements

_local = threading.local()
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


def _connection() -> psycopg.Connection[dict[str, Any]]:
    """One connection a thread, every statement prepared at its first use."""
    connection: psycopg.Connection[dict[str, Any]] | None = getattr(_local, "connection", None)
    if connection is None:
        connection = psycopg.connect(os.environ["DATABASE_URL"], row_factory=dict_row, autocommit=True)
        connection.prepare_threshold = 0
        _local.connection = connection
    return connection


def _answer(start_response: StartResponse, body: Any, status: str = "200 OK") -> Iterable[bytes]:
    content = orjson.dumps(body, default=str)
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(content)))])
    return [content]


def _member(environ: dict[str, Any]) -> int:
    return int(environ["PATH_INFO"].rsplit("/", 1)[1])


def check_in(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Six statements between BEGIN and COMMIT."""
    connection = _connection()
    values: dict[str, Any] = {"m": _member(environ)}
    with connection.transaction():
        standing = connection.execute(statements.STANDING, values).fetchone()
        if standing is None:
            return _answer(start_response, {"code": "repeat"}, "409 Conflict")
        values |= standing
        connection.execute(statements.CHECK_IN, values)
        values |= connection.execute(statements.ACCOUNT, values).fetchone() or {}
        connection.execute(statements.ENTRY, values)
        connection.execute(statements.LOT, values)
        connection.execute(statements.EVENT, values)
    return _answer(
        start_response, {"streak": values["streak"], "points": 5, "balance": values["balance"]}, "201 Created"
    )


def check_in_cte(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """The same rows in one statement."""
    row = _connection().execute(statements.CHECK_IN_CTE, {"m": _member(environ)}).fetchone()
    return _answer(start_response, row, "201 Created")


def _text(environ: dict[str, Any]) -> str:
    return str(environ["PATH_INFO"]).rsplit("/", 1)[1]


def resolve(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """One SELECT by the code."""
    return _answer(start_response, _connection().execute(statements.RESOLVE, {"code": _text(environ)}).fetchone())


def scan(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """One INSERT, which is a transaction of its own."""
    body = orjson.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    values = {"code": _text(environ), "scan": body["scan_id"], "scene": body["launch_scene"]}
    row = _connection().execute(statements.SCAN, values).fetchone()
    return _answer(start_response, row, "201 Created")


def profile(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """One SELECT by key."""
    row = _connection().execute(statements.PROFILE, {"m": _member(environ)}).fetchone()
    return _answer(start_response, row)


def history(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """The newest 20 entries."""
    rows = _connection().execute(statements.HISTORY, {"m": _member(environ)}).fetchall()
    return _answer(start_response, {"items": rows[:20], "next_cursor": rows[19]["seq"] if len(rows) > 20 else None})
