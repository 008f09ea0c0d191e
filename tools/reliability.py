"""``docs/reliability.md``: what is promised, and what the races and fault tests on record did and found."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
PAGE = ROOT / "docs" / "reliability.md"
HEAD = """# Reliability

Written by `make docs` from the records of the last runs; nothing on this page is typed by hand but its sentences.
Commit `{commit}`, records of {day}.

## What is promised

{promises}
"""
PROMISES = (
    (
        "`kill -9` of a web worker, the worker, beat, a database backend or the postmaster",
        "nothing acknowledged is lost, nothing happens twice, and all of it works again within 60 s by itself",
    ),
    ("the answer to COMMIT is lost", "sent again, the request gets the first answer; there is one effect"),
    (
        "all database connections end, or the server takes no writes",
        "503 as a problem document with `Retry-After`, no partial state, no failing request after 10 s",
    ),
    (
        "broker and limiter fall silent",
        "the API answers as before; events wait and are then handled once, in order within a member",
    ),
    ("the disk is full", "503, no partial state; it goes on once there is room"),
    ("two requests want the last of anything", "one gets it"),
)
RACES = """## Races

Many threads do the same thing at one moment on PostgreSQL. Each race also runs without its guard (the control) and must
break there: a race that cannot fail proves nothing. `make races` runs 200 rounds of each.

{total}

{table}
"""
FAULTS = """## Faults

A deployment of its own (PostgreSQL, broker, web, worker, beat) under keyed load; every answer is compared with the
rows, every reconciliation check runs, acknowledged requests are sent again and must get the same answer. `control`
counts what the same run finds in a build without the guard.

{total}

{table}
"""
SCHEMA = """## Generated requests

Requests made from the API's own description, right and wrong ones, by nobody, a visitor and a member, with odd headers.

{total}

{table}
"""
SOAK = """## Long runs

`make soak`.

{table}
"""


def write(table: Any) -> None:
    """Write the page from what ``var/`` has; without records it stays as it is. ``table`` renders rows."""
    found = {name: _records(name) for name in ("races", "faults", "schema", "soak")}
    if not found["races"] and not found["faults"]:
        print("No records of races or faults: docs/reliability.md stays as it is.")
        return
    PAGE.write_text(page(found, commit=commit(), day=_day(), table=table), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} written.")


def page(found: dict[str, list[dict[str, Any]]], *, commit: str, day: str, table: Any) -> str:
    """The page's text; a section without records is left out."""
    promises = table([{"Fault": fault, "Promise": promise} for fault, promise in PROMISES])
    text = HEAD.format(commit=commit, day=day, promises=promises)
    for name, section, total in (("races", RACES, _races), ("faults", FAULTS, _faults), ("schema", SCHEMA, _schema)):
        if found[name]:
            text += section.format(total=total(found[name]), table=table(found[name])) + "\n"
    long_runs = [row for row in found["soak"] if "violations" in row or "server_errors" in row]
    if long_runs:
        text += SOAK.format(table=table(long_runs))
    return text.rstrip("\n") + "\n"


def commit() -> str:
    """The commit that is checked out, with a mark when the tree differs from it."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def _sum(rows: list[dict[str, Any]], name: str) -> int:
    return sum(int(row.get(name) or 0) for row in rows)


def _races(rows: list[dict[str, Any]]) -> str:
    attempts = sum(row["rounds"] * row["workers"] for row in rows)
    return (
        f"**{len(rows)} races, {_sum(rows, 'rounds')} rounds, {attempts:,} attempts: "
        f"{_sum(rows, 'violations')} violations, {_sum(rows, 'unexpected_errors')} unexpected errors.**"
    )


def _faults(rows: list[dict[str, Any]]) -> str:
    return (
        f"**{_sum(rows, 'faults')} faults during {_sum(rows, 'operations'):,} operations: "
        f"{_sum(rows, 'lost')} acknowledged effects lost, {_sum(rows, 'doubled')} doubled, "
        f"{_sum(rows, 'violations')} violations in all.**"
    )


def _schema(rows: list[dict[str, Any]]) -> str:
    return f"**{_sum(rows, 'cases'):,} cases: {_sum(rows, 'server_errors')} server errors.**"


def _records(name: str) -> list[dict[str, Any]]:
    source = VAR / f"{name}.json"
    return json.loads(source.read_text(encoding="utf-8")) if source.exists() else []


def _day() -> str:
    """The day of the newest record."""
    times = [path.stat().st_mtime for name in ("races", "faults") if (path := VAR / f"{name}.json").exists()]
    return datetime.fromtimestamp(max(times), UTC).date().isoformat()
