"""Hand-written SQL that runs on PostgreSQL and SQLite (the traps are listed in ``docs/adr``).

Parameters are named, ``%(name)s``. Going in, UUIDs, dicts and aware datetimes are converted for SQLite; coming out,
columns of hand-written statements are converted by the kinds that the caller names. Every row is always fetched: an
unfinished ``RETURNING`` makes SQLite's COMMIT fail.
"""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection

Params = Mapping[str, Any]
Row = dict[str, Any]


def is_postgres() -> bool:
    """Whether the default database is PostgreSQL."""
    return connection.vendor == "postgresql"


def skip_locked() -> str:
    """The suffix that lets workers pass rows others hold; SQLite has one writer and needs none."""
    return " FOR UPDATE SKIP LOCKED" if is_postgres() else ""


def for_update() -> str:
    """The suffix that holds the selected rows; on SQLite an IMMEDIATE transaction already holds the database."""
    return " FOR UPDATE" if is_postgres() else ""


def _to_sqlite(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value


def _to_postgres(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value


def adapt(params: Params | None) -> dict[str, Any] | None:
    """``params`` in the form that the driver takes; ``None`` stays ``None`` so that ``%`` needs no doubling."""
    if not params:
        return None
    convert = _to_postgres if is_postgres() else _to_sqlite
    return {name: convert(value) for name, value in params.items()}


def _datetime(value: Any) -> datetime | None:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _date(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _uuid(value: Any) -> uuid.UUID | None:
    return uuid.UUID(value) if isinstance(value, str) else value


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


_KINDS: dict[str, Callable[[Any], Any]] = {
    "datetime": _datetime,
    "date": _date,
    "uuid": _uuid,
    "json": _json,
    "bool": lambda value: None if value is None else bool(value),
}


_names: dict[str, list[str]] = {}  # the columns of each statement: psycopg builds an object a column at each look
_MOST_NAMES = 1000


def _names_of(statement: str, description: Sequence[Sequence[Any]] | None) -> list[str]:
    """The names of the result's columns, empty for a statement without a result; remembered by its text."""
    names = [str(column[0]) for column in description or ()]
    if names and len(_names) < _MOST_NAMES:
        _names[statement] = names
    return names


def fetch_all(statement: str, params: Params | None = None, **kinds: str) -> list[Row]:
    """All rows as dicts. ``kinds`` maps a column to ``datetime``, ``date``, ``uuid``, ``json`` or ``bool``."""
    with connection.cursor() as cursor:
        cursor.execute(statement, adapt(params))
        names = _names.get(statement) or _names_of(statement, cursor.description)
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()] if names else []
    for name, kind in kinds.items():
        convert = _KINDS[kind]
        for row in rows:
            row[name] = convert(row[name])
    return rows


def fetch_one(statement: str, params: Params | None = None, **kinds: str) -> Row | None:
    """The first row, or ``None``: nothing matched, and so a guarded statement changed nothing."""
    rows = fetch_all(statement, params, **kinds)
    return rows[0] if rows else None


def execute(statement: str, params: Params | None = None) -> int:
    """Run ``statement`` and return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, adapt(params))
        return int(cursor.rowcount)


def in_list(name: str, values: Sequence[Any]) -> tuple[str, dict[str, Any]]:
    """``IN (…)`` with one parameter a value (``<name>_0`` …) and those parameters; nothing is in an empty list."""
    params = {f"{name}_{place}": value for place, value in enumerate(values)}
    return "IN (" + (", ".join(f"%({key})s" for key in params) or "NULL") + ")", params


def execute_many(statement: str, rows: Sequence[Params]) -> None:
    """Run ``statement`` for each parameter set, for batches of at most 500; for none of them, do nothing."""
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(statement, [adapt(row) or {} for row in rows])
