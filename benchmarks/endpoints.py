"""The cases of the consumer API: check-in, profile, history of 20."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql

from benchmarks import servers, statements
from benchmarks.compare import Comparison, Record, run
from benchmarks.seed_tables import KEEP

CLIENTS = 16
MEMBERS = 48_000


def _prepare(members: int, entries: int) -> Callable[[str], list[str]]:
    def prepare(url: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.seed", str(members), str(entries)],
            cwd=servers.ROOT, env=servers.environment(url), capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.splitlines()

    return prepare


def _start_again(connection: psycopg.Connection[Any]) -> None:
    """Every table that a check-in writes as it was after seeding; the database forgets nothing else."""
    connection.execute("SET session_replication_role = replica")  # the ledger's trigger refuses TRUNCATE
    tables = sql.SQL(", ").join(map(sql.Identifier, [*KEEP, "core_event"]))
    connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(tables))
    for table in KEEP:
        connection.execute(
            sql.SQL("INSERT INTO {} SELECT * FROM {}").format(sql.Identifier(table), sql.Identifier(f"bench_{table}"))
        )
    for table in ("checkins_checkin", "checkins_checkinstanding", "points_pointsentry", "points_pointslot"):
        connection.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), 1 + coalesce(max(id), 0)) FROM {}").format(
                sql.Literal(table), sql.Identifier(table)
            )
        )
    connection.execute("ANALYZE")


def _one(connection: psycopg.Connection[Any], statement: str) -> int:
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def _checked_in(connection: psycopg.Connection[Any]) -> int:
    return _one(connection, "SELECT count(*) FROM checkins_checkin WHERE checked_on = current_date")


def _faults(connection: psycopg.Connection[Any]) -> list[str]:
    """Balances equal entries equal lots; a check-in has exactly one entry and one event."""
    done = _checked_in(connection)
    found = {
        "balances differ from entries": _one(connection, """
            SELECT count(*) FROM points_pointsaccount a WHERE a.balance <>
              (SELECT coalesce(sum(delta), 0) FROM points_pointsentry e WHERE e.member_id = a.member_id)"""),
        "check-ins without an entry": done - _one(connection, "SELECT count(*) FROM points_pointsentry"),
        "check-ins without an event": done
        - _one(connection, "SELECT count(*) FROM core_event WHERE topic = 'checkins.checked_in'"),
    }  # fmt: skip
    return [f"{number} {what}" for what, number in found.items() if number]


def check_in() -> Record:
    """A first check-in of the day: six rows."""
    return run(
        Comparison(
            name="check-in",
            method="POST",
            path=f"/api/v1/check-ins/{statements.CAMPAIGN}/check-ins",
            plain_path="/check-in/MEMBER",
            prepare=_prepare(MEMBERS, 0),
            reset=_start_again,
            reference="benchmarks.reference:check_in",
            naive="benchmarks.naive:application",
            script=statements.for_pgbench(statements.CHECK_IN_ACT, clients=CLIENTS, members=MEMBERS),
            effects=_checked_in,
            faults=_faults,
            rows=6,
            more_targets={"r_cte": "benchmarks.reference:check_in_cte"},
            more_scripts={
                "p_cte": statements.for_pgbench((statements.CHECK_IN_CTE,), clients=CLIENTS, members=MEMBERS),
                "l": statements.for_pgbench((statements.CHECK_IN_LEAN,), clients=CLIENTS, members=MEMBERS),
            },
            checked={"e", "r", "n", "p", "r_cte", "p_cte"},
            connections=CLIENTS,
        )
    )


def _read(name: str, path: str, view: str, statement: str, *, members: int, entries: int) -> Record:
    return run(
        Comparison(
            name=name,
            method="GET",
            path=path,
            plain_path=f"/{view}/MEMBER",
            prepare=_prepare(members, entries),
            reset=lambda _connection: None,
            reference=f"benchmarks.reference:{view}",
            naive="benchmarks.naive:application",
            script=statements.for_pgbench((statement,), clients=CLIENTS, members=members),
            effects=None,
            faults=lambda _connection: [],
            rows=0,
            connections=CLIENTS,
        )
    )


def profile() -> Record:
    """``GET /api/v1/me``."""
    return _read("profile", "/api/v1/me", "profile", statements.PROFILE, members=20_000, entries=0)


def history() -> Record:
    """The newest 20 entries of a member who has 40."""
    return _read(
        "history", "/api/v1/me/points/entries?limit=20", "history", statements.HISTORY, members=5_000, entries=40
    )


CASES = {"check-in": check_in, "profile": profile, "history": history}
