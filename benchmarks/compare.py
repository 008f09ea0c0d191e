"""Our endpoint against the same rows written otherwise, in interleaved rounds on one throw-away PostgreSQL.

E is our real endpoint (token, validation, limits, risk, idempotency, events included). R is a minimal hand-written WSGI
view that writes the same rows in a plain sequential transaction; P is pgbench running that transaction; N writes them
with DRF, the ORM and a ``ModelSerializer``. R, P and N are frozen in that form: if they followed E, making E faster
would lower E/R. ``r_cte`` and ``l`` (the leanest act that could bear the name) stand beside them without a target.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from benchmarks import servers
from benchmarks.servers import Load, NotMeasured

Record = dict[str, Any]


@dataclass(frozen=True)
class Comparison:
    """One case. ``prepare`` seeds the database once and gives lines ``member token``; ``reset`` undoes a measurement.

    ``effects`` counts what was really written; ``faults`` lists broken invariants. For a case that only reads,
    ``effects`` is ``None`` and the answered requests count.
    """

    name: str
    method: str
    path: str
    plain_path: str  # of R and N: they take the member from it (``MEMBER``)
    prepare: Callable[[str], list[str]]
    reset: Callable[[psycopg.Connection[Any]], None]
    reference: str  # a granian target
    naive: str
    script: str  # pgbench
    effects: Callable[[psycopg.Connection[Any]], int] | None
    faults: Callable[[psycopg.Connection[Any]], list[str]]
    rows: int  # rows written by one act
    more_targets: dict[str, str] = field(default_factory=dict)  # e.g. {"r_cte": "benchmarks.reference:check_in_cte"}
    more_scripts: dict[str, str] = field(default_factory=dict)  # e.g. {"l": "…"}
    env: dict[str, str] = field(default_factory=dict)
    body: str = ""  # of a POST; see servers.wrk
    checked: set[str] = field(default_factory=lambda: {"e", "r", "n", "p"})  # whose invariants are looked at
    seconds: float = 4
    rounds: int = 5
    connections: int = 16


@dataclass
class Measured:
    """One variant in one round."""

    rps: float
    p99_ms: float
    cpu_us: float


def run(case: Comparison) -> Record:
    """Measure ``case`` and give its record; prints a table with the range of each ratio."""
    with ExitStack() as stack:
        server, url = stack.enter_context(servers.database())
        members = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "members"
        members.write_text("\n".join(case.prepare(url)) + "\n")
        env = {"CONN_MAX_AGE": "0", **case.env}
        targets = {"e": "config.wsgi:application", "r": case.reference, "n": case.naive, **case.more_targets}
        ports = {name: stack.enter_context(_web(target, url, env)) for name, target in targets.items()}
        connection = stack.enter_context(psycopg.connect(url, autocommit=True))
        servers.ensure_quiet()
        rounds = [_round(case, server.pid, url, members, ports, connection) for _ in range(case.rounds)]
    return record_of(case.name, rounds, rows=case.rows, connections=case.connections)


def _web(target: str, url: str, env: dict[str, str]) -> AbstractContextManager[tuple[int, int]]:
    settings = "benchmarks.naive_settings" if target.startswith("benchmarks.naive") else "config.settings"
    return servers.web(target, url, **{**env, "DJANGO_SETTINGS_MODULE": settings})


def _round(  # noqa: PLR0917 - all of it is one round
    case: Comparison,
    postmaster: int,
    url: str,
    members: Path,
    ports: dict[str, tuple[int, int]],
    connection: psycopg.Connection[Any],
) -> dict[str, Measured]:
    found: dict[str, Measured] = {}
    for name, (port, pid) in ports.items():
        found[name] = _measure(
            case, name, connection, [pid, postmaster],
            lambda port=port, path=case.path if name == "e" else case.plain_path: servers.wrk(  # type: ignore[misc]
                port, case.method, path, members, seconds=case.seconds, connections=case.connections, body=case.body
            ),
        )  # fmt: skip
    for name, script in {"p": case.script, **case.more_scripts}.items():
        found[name] = _measure(
            case, name, connection, [postmaster],
            lambda script=script: servers.pgbench(  # type: ignore[misc]
                url, script, seconds=case.seconds, connections=case.connections
            ),
        )  # fmt: skip
    return found


def _measure(
    case: Comparison, name: str, connection: psycopg.Connection[Any], pids: list[int], load: Callable[[], Load]
) -> Measured:
    case.reset(connection)
    connection.execute("CHECKPOINT")
    before = sum(map(servers.cpu_seconds, pids))
    seen = load()
    used = sum(map(servers.cpu_seconds, pids)) - before
    let_finish(connection)
    done = case.effects(connection) if case.effects else seen.requests - seen.bad
    if name in case.checked and (faults := case.faults(connection)):
        raise NotMeasured(f"{case.name}, {name.upper()}: {'; '.join(faults)}")
    if seen.bad > seen.requests * 0.001 or done == 0:
        raise NotMeasured(
            f"{case.name}, {name.upper()}: {seen.bad} of {seen.requests} requests failed, {done} had an effect"
        )
    return Measured(done / seen.seconds, seen.p99_ms, used / done * 1e6)


def let_finish(connection: psycopg.Connection[Any]) -> None:
    """Wait until what was under way when the load generator stopped has committed."""
    statement = """
    SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()"""
    quiet = 0
    for _ in range(100):
        row = connection.execute(statement).fetchone()
        quiet = quiet + 1 if row and row[0] == 0 else 0
        if quiet == 3:
            return
        time.sleep(0.1)


def record_of(name: str, rounds: list[dict[str, Measured]], *, rows: int, connections: int) -> Record:
    """The record of a case from its rounds; prints the table."""
    print(f"\n{name}: {len(rounds)} rounds, {connections} connections, {rows} rows an act")
    for variant in rounds[0]:
        each = [one[variant] for one in rounds]
        print(f"  {variant.upper():<6} {statistics.median(m.rps for m in each):>8.0f}/s  "
              f"p99 {statistics.median(m.p99_ms for m in each):>7.1f} ms  "
              f"CPU {statistics.median(m.cpu_us for m in each):>6.0f} µs an act")  # fmt: skip
    ratios = {variant: _ratio(rounds, variant) for variant in rounds[0] if variant != "e"}
    return {
        "case": name,
        **{f"e_{variant}": value for variant, value in ratios.items()},
        "rps": round(statistics.median(one["e"].rps for one in rounds)),
        "p99_ms": round(statistics.median(one["e"].p99_ms for one in rounds), 1),
        "cpu_us": round(statistics.median(one["e"].cpu_us for one in rounds)),
        "rows_written": rows,
    }


def _ratio(rounds: list[dict[str, Measured]], name: str) -> float:
    values = sorted(one["e"].rps / one[name].rps for one in rounds)
    middle = statistics.median(values)
    print(f"  E/{name.upper():<5} {middle:.2f}  (from {values[0]:.2f} to {values[-1]:.2f})")
    return round(middle, 3)
