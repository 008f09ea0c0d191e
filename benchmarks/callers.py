"""``python -m benchmarks.callers <variant> <act> <process> <seconds>``: acts without an endpoint, from 4 threads.

``e`` calls our command, ``r`` writes the same rows with plain psycopg in the same loop, ``n`` with the ORM. Four such
processes are 16 connections. Each thread walks through members of its own, so that nothing is measured but the work.
Prints how many acts were done, the 99th percentile (ms), the failures and the CPU seconds of the process.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django
import psycopg

from benchmarks import ledger_statements as plain

THREADS, PROCESSES = 4, 4
Act = Callable[[int, str], None]


def ours(act: str) -> Act:
    """Our commands: one for earning and spending; one to hold and one to capture, as an order does."""
    from core import clock
    from core.commands import command
    from members.points import services as points

    def common(member: int, key: str) -> dict[str, Any]:
        now = clock.now()
        return {"member_id": member, "source_kind": "bench.act", "source_key": key, "on": clock.today(), "at": now}

    @command
    def earn(member: int, key: str) -> None:
        points.earn(points=5, label="bench", **common(member, key))

    @command
    def spend(member: int, key: str) -> None:
        points.spend(points=5, label="bench", **common(member, key))

    @command
    def hold(member: int, key: str) -> None:
        values = common(member, key)
        points.hold(points=5, label="bench", due_at=values["at"] + timedelta(minutes=15), **values)

    @command
    def capture(member: int, key: str) -> None:
        points.capture(**common(member, key))

    def hold_and_capture(member: int, key: str) -> None:
        hold(member, key)
        capture(member, key)

    return {"earn": earn, "spend": spend, "hold": hold_and_capture}[act]


def reference(act: str) -> Act:
    """The same rows in plain sequential transactions with prepared statements."""
    local = threading.local()

    def run(member: int, key: str) -> None:
        if not hasattr(local, "connection"):
            local.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
            local.connection.prepare_threshold = 0
        for statements in plain.ACTS[act]:
            values: dict[str, Any] = {"m": member, "key": key}
            with local.connection.transaction(), local.connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement, values)
                    if cursor.description:
                        row = cursor.fetchone()
                        values |= dict(zip((c.name for c in cursor.description), row, strict=True))

    return run


def naive(act: str) -> Act:
    """Read, change and save with the ORM."""
    from benchmarks import ledger_naive

    return {"earn": ledger_naive.earn, "spend": ledger_naive.spend, "hold": ledger_naive.hold_and_capture}[act]


def walk(act: Act, first: int, deadline: float, times: list[float], failures: list[str]) -> None:
    """One thread: its members in turn until the time is over."""
    number, run = 0, time.time_ns()
    while (begun := time.perf_counter()) < deadline:
        member = first + number % plain.SHARE
        try:
            act(member, f"{run}-{number}")
            times.append(time.perf_counter() - begun)
        except Exception as error:  # noqa: BLE001 - whatever fails is counted, and fails the case
            failures.append(type(error).__name__)
        number += 1


def main(variant: str, act: str, process: int, seconds: float) -> None:
    """Run the threads of one process and print the result."""
    if variant != "r":
        django.setup()
    chosen = {"e": ours, "r": reference, "n": naive}[variant](act)
    times: list[float] = []
    failures: list[str] = []
    print("ready", flush=True)
    sys.stdin.readline()  # all processes begin together
    deadline, cpu = time.perf_counter() + seconds, time.process_time()
    threads = [
        threading.Thread(
            target=walk, args=(chosen, 1 + (process * THREADS + n) * plain.SHARE, deadline, times, failures)
        )
        for n in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    p99 = sorted(times)[int(len(times) * 0.99)] * 1000 if times else 0.0
    result = {"requests": len(times) + len(failures), "bad": len(failures), "p99_ms": p99}
    print(json.dumps({**result, "cpu": time.process_time() - cpu}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
