"""The acts of the ledger that have no consumer endpoint, and what a large book costs.

E is the command called from 16 connections (4 processes of 4 threads), R the same rows by plain psycopg in the same
harness, P pgbench running the same transaction, N the ORM. ``growth`` repeats E on a book of 1 and of 10 million
entries: an act may cost 1.3 times as much at most, and a page of the statement as much as before.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
from psycopg import sql

from benchmarks import ledger_statements as plain
from benchmarks import servers
from benchmarks.callers import PROCESSES
from benchmarks.compare import Measured, Record, let_finish, record_of
from benchmarks.servers import Load, NotMeasured

SECONDS, ROUNDS = 4.0, 5
MOST_GROWTH = 1.3
PAGE = """
SELECT seq, kind, delta, balance_after, debt_after, label, source_kind, expires_on, occurred_at
  FROM points_pointsentry WHERE member_id = %s ORDER BY seq DESC LIMIT 21
"""


def call(url: str, variant: str, act: str, *, seconds: float) -> tuple[Load, float]:
    """Run the callers; what they saw together, and their CPU seconds."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.callers", variant, act, str(number), str(seconds)],
            cwd=servers.ROOT, env=servers.environment(url), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for number in range(PROCESSES)
    ]  # fmt: skip
    for process in processes:
        if process.stdout is None or process.stdout.readline().strip() != "ready":
            raise NotMeasured(f"a caller of {variant} did not start")
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    results = [json.loads(process.communicate(timeout=seconds + 60)[0]) for process in processes]
    load = Load(
        requests=sum(each["requests"] for each in results),
        seconds=seconds,
        p99_ms=statistics.median(each["p99_ms"] for each in results),
        bad=sum(each["bad"] for each in results),
    )
    return load, sum(each["cpu"] for each in results)


def _fill(connection: psycopg.Connection[Any], *, members: int, entries: int) -> None:
    connection.execute(plain.BOOK.format(members=members, entries=entries))
    connection.execute("VACUUM ANALYZE points_pointsentry, points_pointslot, points_pointsaccount")


def _keep_copies(connection: psycopg.Connection[Any]) -> None:
    for table in plain.TABLES:
        copy = sql.SQL("CREATE TABLE {} AS SELECT * FROM {}")
        connection.execute(copy.format(sql.Identifier(f"bench_{table}"), sql.Identifier(table)))


def _start_again(connection: psycopg.Connection[Any]) -> None:
    connection.execute("SET session_replication_role = replica")  # the ledger's trigger refuses TRUNCATE
    tables = sql.SQL(", ").join(map(sql.Identifier, plain.TABLES))
    connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(tables))
    for table in plain.TABLES:
        again = sql.SQL("INSERT INTO {} SELECT * FROM {}")
        connection.execute(again.format(sql.Identifier(table), sql.Identifier(f"bench_{table}")))
    connection.execute("ANALYZE")
    connection.execute("CHECKPOINT")


def _one(connection: psycopg.Connection[Any], statement: str) -> int:
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def _measure(
    connection: psycopg.Connection[Any], act: str, postmaster: int, load: Callable[[], tuple[Load, float]]
) -> Measured:
    before = servers.cpu_seconds(postmaster)
    seen, cpu = load()
    let_finish(connection)
    used = cpu + servers.cpu_seconds(postmaster) - before
    done = _one(connection, plain.EFFECTS[act])
    if wrong := _one(connection, plain.FAULTS):
        raise NotMeasured(f"{act}: {wrong} balances differ from entries or lots")
    if seen.bad or abs(done - seen.requests) > 16:  # pgbench may end with one act under way for each client
        raise NotMeasured(f"{act}: {seen.bad} of {seen.requests} failed, {done} had an effect")
    return Measured(done / seen.seconds, seen.p99_ms, used / done * 1e6)


def _act(act: str) -> Record:
    with servers.database() as (server, url), psycopg.connect(url, autocommit=True) as connection:
        _fill(connection, members=plain.MEMBERS, entries=12)
        _keep_copies(connection)
        servers.ensure_quiet()
        loads: dict[str, Callable[[], tuple[Load, float]]] = {
            variant: partial(call, url, variant, act, seconds=SECONDS) for variant in ("e", "r", "n")
        }
        loads["p"] = lambda: (servers.pgbench(url, plain.script(act), seconds=SECONDS, connections=16), 0.0)
        rounds = []
        for _ in range(ROUNDS):
            found = {}
            for name, load in loads.items():
                _start_again(connection)
                found[name] = _measure(connection, act, server.pid, load)
            rounds.append(found)
    return record_of(act, rounds, rows=plain.ROWS[act], connections=16)


def growth() -> list[Record]:
    """Each act on 1 and on 10 million entries: acts a second, and how much dearer one became."""
    sizes = {1_000_000: 62, 10_000_000: 625}  # entries a member
    found: dict[int, dict[str, float]] = {}
    for size, entries in sizes.items():
        with servers.database() as (_server, url), psycopg.connect(url, autocommit=True) as connection:
            _fill(connection, members=plain.MEMBERS, entries=entries)
            connection.execute("CHECKPOINT")
            servers.ensure_quiet()
            found[size] = {act: _median_rate(url, act) for act in plain.ACTS}
            found[size]["history"] = _pages(connection)
    small, large = found.values()
    records = []
    for name in small:
        ratio = small[name] / large[name]
        verdict = "" if ratio <= MOST_GROWTH else f", over the target of {MOST_GROWTH}"
        sizes_text = f"{small[name]:>8.0f}/s at 1 M, {large[name]:>8.0f}/s at 10 M"
        print(f"  {name:<8} {sizes_text}: {ratio:.2f} times as dear{verdict}")
        records.append({"case": f"growth of {name}", "rps": round(large[name]), "cost_10m": round(ratio, 2)})
    return records


def _median_rate(url: str, act: str) -> float:
    return statistics.median(_rate(url, act) for _ in range(3))


def _rate(url: str, act: str) -> float:
    load, _ = call(url, "e", act, seconds=3)
    if load.bad:
        raise NotMeasured(f"growth, {act}: {load.bad} failed")
    return load.rps


def _pages(connection: psycopg.Connection[Any]) -> float:
    """Pages of 20 a second by one connection, members in turn."""
    begun = time.perf_counter()
    for member in range(1, 4001):
        connection.execute(PAGE, (1 + member * 7 % plain.MEMBERS,)).fetchall()
    return 4000 / (time.perf_counter() - begun)


CASES = {
    "earn": partial(_act, "earn"),
    "spend": partial(_act, "spend"),
    "hold": partial(_act, "hold"),
    "growth": growth,
}
