"""`make test`: the whole suite on SQLite and PostgreSQL, the races, demo, browser and faults, with one summary.

`--races` runs only the races, 200 rounds each. `--stages=sqlite,browser` runs only those. Anything else goes to pytest.
With `CI=true` a stage that cannot run is a failure.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests import postgres  # noqa: E402

REPORTS = ROOT / "var" / "test-reports"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PLAIN = "not browser and not faults and not bench and not demo"
NO_TESTS = 5  # pytest's exit code


@dataclass(frozen=True)
class Stage:
    """One run of pytest."""

    name: str
    markers: str
    engine: str = "sqlite"
    workers: int = 0
    needs: tuple[str, ...] = ()
    own_server: bool = False  # a hundred workers need more connections than a common server allows


STAGES = (
    Stage("sqlite", f"not postgres and {PLAIN}", workers=2),
    Stage("demo", "demo"),
    Stage("postgres", f"not postgres and not sqlite and {PLAIN}", engine="postgres", workers=2, needs=("postgres",)),
    Stage("races", f"postgres and {PLAIN}", engine="postgres", needs=("postgres",), own_server=True),
    Stage("browser", "browser", needs=("browser",)),
    Stage("faults", "faults", needs=("binaries",)),
)
RACES = (Stage("races", f"race and {PLAIN}", engine="postgres", needs=("postgres",), own_server=True),)


@dataclass
class Outcome:
    """What came of a stage; ``skipped_because`` is set when it did not run."""

    stage: Stage
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    skipped_because: str = ""

    def line(self) -> str:
        """The stage's row of the summary."""
        if self.skipped_because:
            return f"  {self.stage.name:<10} skipped: {self.skipped_because}"
        counts = f"{self.passed:>6} passed {self.failed:>4} failed {self.skipped:>4} skipped"
        return f"  {self.stage.name:<10} {counts} {self.seconds:>8.0f} s"


@dataclass
class Machine:
    """What this machine offers; the database's address, and for each missing thing one sentence."""

    database_url: str = ""
    missing: dict[str, str] = field(default_factory=dict)


def main(arguments: list[str]) -> int:
    """Run the stages, print the summary; 1 on any failure, on zero tests, and in CI on a skipped stage."""
    started = time.monotonic()
    stages, rounds, rest = chosen(arguments)
    os.environ.setdefault("RACE_ROUNDS", rounds)
    REPORTS.mkdir(parents=True, exist_ok=True)
    with surveyed(stages) as machine:
        outcomes = [run(stage, machine, rest) for stage in stages]
    return summary(outcomes, minutes=(time.monotonic() - started) / 60)


def chosen(arguments: list[str]) -> tuple[tuple[Stage, ...], str, list[str]]:
    """The stages to run, the rounds of a race, and what is pytest's."""
    rest = [argument for argument in arguments if argument != "--races" and not argument.startswith("--stages=")]
    if "--races" in arguments:
        return RACES, "200", rest
    names = [name for argument in arguments if argument.startswith("--stages=") for name in argument[9:].split(",")]
    unknown = set(names) - {stage.name for stage in STAGES}
    if unknown:
        sys.exit(f"There is no stage {', '.join(sorted(unknown))}; choose from {', '.join(s.name for s in STAGES)}.")
    return tuple(stage for stage in STAGES if not names or stage.name in names), "20", rest


@contextmanager
def surveyed(stages: tuple[Stage, ...]) -> Iterator[Machine]:
    """Find (or start) what the stages need; an own database server is stopped at the end."""
    needs = {need for stage in stages for need in stage.needs}
    machine = Machine()
    for need, problem in CHECKS.items():
        if need in needs and (sentence := problem()):
            machine.missing[need] = sentence
    if "postgres" not in needs:
        yield machine
        return
    try:
        with postgres.available() as machine.database_url:
            yield machine
    except postgres.NotFound as reason:
        machine.missing["postgres"] = f"PostgreSQL was not found ({reason})"
        yield machine


def browser_problem() -> str:
    """Why Chromium cannot be used; as root it is installed first. Empty when all is well."""
    apt = shutil.which("apt-get")
    if not any(map(shutil.which, BROWSERS)) and apt and os.geteuid() == 0:
        print("Installing Chromium and a Chinese font …", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for step in (
            ["update", "-qq"],
            ["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-noto-cjk"],
        ):
            subprocess.run([apt, *step], check=False, env=environment, stdout=subprocess.DEVNULL)
    return "" if any(map(shutil.which, BROWSERS)) else "no Chromium on PATH, and it could not be installed"


def binaries_problem() -> str:
    """Why no database server of our own can be started. Empty when all is well."""
    return "" if postgres.binaries() else "PostgreSQL's binaries are neither on PATH nor in /usr/lib/postgresql"


CHECKS: dict[str, Callable[[], str]] = {"browser": browser_problem, "binaries": binaries_problem}


def run(stage: Stage, machine: Machine, rest: list[str]) -> Outcome:
    """Run one stage, or say why not."""
    lacking = [machine.missing[need] for need in stage.needs if need in machine.missing]
    if lacking:
        print(f"\n── {stage.name}: skipped: {lacking[0]}", flush=True)
        return Outcome(stage, skipped_because=lacking[0])
    print(f"\n── {stage.name}", flush=True)
    report = REPORTS / f"{stage.name}.xml"
    report.unlink(missing_ok=True)
    parallel = ["-n", str(stage.workers), "--dist", "loadgroup"] if stage.workers else ["-n", "0"]
    command = [sys.executable, "-m", "pytest", "-q", *parallel, "-m", stage.markers, f"--junitxml={report}", *rest]
    started = time.monotonic()
    with database_of(stage, machine) as url:
        code = subprocess.run(command, check=False, cwd=ROOT, env=environment_of(stage, url)).returncode
    outcome = read_report(stage, report, code)
    if code == NO_TESTS and not rest:
        outcome.skipped_because = "there is no test of this kind"
    outcome.seconds = time.monotonic() - started
    return outcome


@contextmanager
def database_of(stage: Stage, machine: Machine) -> Iterator[str]:
    """The PostgreSQL of a stage: the machine's, or one of our own with room for every worker of a race."""
    if stage.own_server and not os.environ.get("TEST_DATABASE_URL") and postgres.binaries():
        with postgres.Server() as server:
            yield server.url()
    else:
        yield machine.database_url


def environment_of(stage: Stage, url: str) -> dict[str, str]:
    """The environment of a stage: only its own database."""
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "TEST_ENGINE"}}
    environment["TEST_ENGINE"] = stage.engine
    if stage.engine == "postgres":
        environment["DATABASE_URL"] = url
    return environment


def read_report(stage: Stage, report: Path, code: int) -> Outcome:
    """Count from pytest's report; a run that ended without one, or broke off, counts as a failure."""
    outcome = Outcome(stage)
    if report.exists():
        for suite in ET.parse(report).iter("testsuite"):  # noqa: S314 - pytest's own report
            total, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
            outcome.failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            outcome.skipped += skipped
            outcome.passed += total - skipped
        outcome.passed = max(0, outcome.passed - outcome.failed)
    if code not in {0, NO_TESTS} and not outcome.failed:
        outcome.failed = 1
    return outcome


def summary(outcomes: list[Outcome], *, minutes: float) -> int:
    """Print the table and the closing line; return the exit code."""
    in_ci = os.environ.get("CI", "").lower() in {"1", "true"}
    left_out = [outcome for outcome in outcomes if outcome.skipped_because]
    passed, skipped = (sum(getattr(outcome, name) for outcome in outcomes) for name in ("passed", "skipped"))
    failed = sum(outcome.failed for outcome in outcomes) + (len(left_out) if in_ci else 0)
    print("\nSummary")
    for outcome in outcomes:
        print(outcome.line())
    if left_out and in_ci:
        print("  In CI a stage that cannot run is a failure.")
    if not passed:
        print("  No test ran: that is a failure too.")
    print(f"Minutes: {minutes:.1f}\n")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
