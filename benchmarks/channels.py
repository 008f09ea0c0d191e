"""The cases of printed codes: what a code leads to, and recording a scan; both without a token."""

import subprocess
import sys
from typing import Any

import psycopg

from benchmarks import servers, statements
from benchmarks.compare import Comparison, Record, run

CLIENTS = 16
CODES = 16_000
BODY = '{"scan_id": "NEW_UUID", "code": "MEMBER", "scancode_time": 1795309200, "launch_scene": 1011}'


def _prepare(url: str) -> list[str]:
    """Codes of one channel with a kit and a landing; a line for each (there is no token: scans come before)."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.channels"],
        cwd=servers.ROOT, env=servers.environment(url), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.splitlines()


def _scans(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute("SELECT count(*) FROM channels_scan").fetchone()
    return int(row[0]) if row else 0


def _start_again(connection: psycopg.Connection[Any]) -> None:
    connection.execute("TRUNCATE channels_scan, channels_scanner RESTART IDENTITY")
    connection.execute("ANALYZE")


def _faults(connection: psycopg.Connection[Any]) -> list[str]:
    """Every scan has the batch of its code, and waits to be counted."""
    row = connection.execute("""
        SELECT count(*) FROM channels_scan s JOIN channels_channelcode k ON k.id = s.code_id
         WHERE s.batch_id <> k.batch_id OR NOT s.pending OR s.counted <> 0""").fetchone()
    return [f"{row[0]} scans are wrong"] if row and row[0] else []


def _case(name: str, method: str, path: str, view: str, statement: str, **more: Any) -> Record:
    return run(
        Comparison(
            name=name,
            method=method,
            path=path,
            plain_path=f"/{view}/MEMBER",
            prepare=_prepare,
            reset=_start_again,
            reference=f"benchmarks.reference:{view}",
            naive="benchmarks.naive:application",
            script=statements.for_pgbench((statement,), clients=CLIENTS, members=CODES),
            connections=CLIENTS,
            **more,
        )
    )


def resolve() -> Record:
    """``GET /api/v1/codes/{code}``."""
    return _case(
        "resolve", "GET", "/api/v1/codes/MEMBER", "resolve", statements.RESOLVE_BY_ID, effects=None,
        faults=lambda _connection: [], rows=0,
    )  # fmt: skip


def scan() -> Record:
    """``POST /api/v1/scans``: one row."""
    return _case(
        "scan", "POST", "/api/v1/scans", "scan", statements.SCAN_BY_ID, effects=_scans, faults=_faults, rows=1,
        body=BODY,
    )  # fmt: skip


def both() -> list[Record]:
    """Resolve, then record: one person's way through a code. E/R of the pair is of the sum of both times."""
    one, two = resolve(), scan()
    ours = 1 / one["rps"] + 1 / two["rps"]
    theirs = one["e_r"] / one["rps"] + two["e_r"] / two["rps"]
    pair = {"case": "resolve and scan", "e_r": round(theirs / ours, 3), "rps": round(1 / ours), "rows_written": 1}
    print(f"\nresolve and scan: E/R {pair['e_r']:.2f}")
    return [one, two, pair]


CASES = {"codes": both}


def seed() -> None:
    """Fill an empty, migrated database and print the codes."""
    import django

    django.setup()
    from members.channels import services
    from members.channels.models import Channel

    kit = services.save_kit(name="kit", rewards_given=[{"kind": "points", "points": 100}])
    channel = services.save_channel(
        channel=Channel(name="insert", kind="platform", type="insert", state="active", welcome_kit=kit)
    )
    services.set_landing(channel=channel, path="pages/gift/index", params={"from": "insert"})
    batch = services.create_batch(channel=channel, name="codes", quantity=CODES)
    for code in batch.codes.order_by("id").values_list("code", flat=True):
        print(code, "none")


if __name__ == "__main__":
    seed()
