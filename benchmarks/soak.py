"""The long runs of ``make soak``: a thousand kills, a thousand lost answers, twenty thousand generated requests.

``SOAK_KILLS`` and ``SCHEMA_CASES`` change how many.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.servers import ROOT, NotMeasured
from tests import postgres

KILLS = int(os.environ.get("SOAK_KILLS", "1000"))
REQUESTS = os.environ.get("SCHEMA_CASES", "20000")
REGULARS_A_KILL = 60  # each lives once: more than that many people don't come between two kills


def kills() -> dict[str, Any]:
    """``kill -9`` of anything under keyed load."""
    _setup()
    from tests.faults import kills as harness
    from tests.faults.deployment import prepared

    if postgres.binaries() is None:
        raise NotMeasured("PostgreSQL's binaries were not found.")
    with tempfile.TemporaryDirectory() as folder:
        var = Path(folder)
        with prepared(var, regulars=KILLS * REGULARS_A_KILL) as server:
            outcome = harness.run(server, var / "soak", kills=KILLS, seed=int.from_bytes(os.urandom(4)))
    _refuse(outcome.verdict.violations)
    return {**asdict(outcome.record("kill -9 under load")), "slowest_delivery_s": round(outcome.slowest_delivery_s, 1),
            **{f"kills of {name}": count for name, count in sorted(outcome.kills.items())}}  # fmt: skip


def schema() -> list[dict[str, Any]]:
    """Generated requests on both databases."""
    for engine in ("sqlite", "postgres"):
        environ = {**os.environ, "TEST_ENGINE": engine, "SCHEMA_CASES": REQUESTS, "TEST_DB_SUFFIX": "soak"}
        with postgres.available() as url:
            if engine == "postgres":
                environ["DATABASE_URL"] = url
            done = subprocess.run([sys.executable, "-m", "pytest", "-q", "tests/schema"], cwd=ROOT, env=environ,
                                  check=False)  # fmt: skip
        _refuse([f"{engine}: a request broke it"] if done.returncode else [])
    return list(json.loads((ROOT / "var" / "schema.json").read_text()))


def _refuse(violations: list[str]) -> None:
    if violations:
        raise SystemExit("\n".join(violations[:50]))


def _setup() -> None:
    """The harness compares business days, so it needs the settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()


SOAK = {"kills": kills, "schema": schema}
