"""Kills parts of a deployment at random while people use it, restarts what an init system would, and judges."""

import os
import random
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from core import clock
from tests.faults import judge
from tests.faults.client import Load, Operation, Phone
from tests.faults.deployment import Broker, Deployment, Prepared, age, children_of, wait_until
from tests.faults.judge import Verdict
from tests.faults.records import Record

WEIGHTS = {"web worker": 4, "database backend": 4, "worker": 3, "postmaster": 2, "beat": 2, "web server": 1}
AT_WORK = {
    "web worker": 3.0,
    "worker": 3.0,
    "beat": 3.0,
    "web server": 10.0,
}  # seconds: one that still starts has no work
PAUSES = (0.6, 1.1)  # seconds between two kills
RECOVERY_SECONDS = 60.0
REPLAYS = 100


def patience() -> float:
    """The promised recovery (s), or more where the machine has far more to do than it can."""
    busy = os.getloadavg()[0] > 3 * (os.cpu_count() or 1)
    return RECOVERY_SECONDS * (3 if busy else 1)


@dataclass
class Outcome:
    """What came of a run."""

    kills: dict[str, int] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    verdict: Verdict = field(default_factory=Verdict)
    recovery_s_max: float = 0.0
    drained_s: float = 0.0
    slowest_delivery_s: float = 0.0

    def record(self, case: str, control: int | None = None) -> Record:
        """The line for ``var/faults.json``."""
        found = self.verdict
        return Record(
            case, found.operations, sum(self.kills.values()), len(found.violations), len(found.lost),
            len(found.doubled), round(max(self.recovery_s_max, self.drained_s), 1), control,
        )  # fmt: skip


class Killer:
    """Knows the processes of a deployment and its server, and ends one with SIGKILL."""

    def __init__(self, deployment: Deployment, prepared: Prepared, database: str, *, seed: int) -> None:
        self._deployment, self._server, self._database = deployment, prepared.server, database
        self._dice = random.Random(seed)

    def kill(self, only: tuple[str, ...] = ()) -> str:
        """Kill one living process; what it was. A dead postmaster is started again at once, as init would."""
        targets = {
            name: at_work
            for name, pids in self._targets().items()
            if (not only or name in only) and (at_work := [pid for pid in pids if age(pid) >= AT_WORK.get(name, 0.0)])
        }
        if not targets:
            return ""
        name = self._dice.choices(list(targets), [WEIGHTS[each] for each in targets])[0]
        with suppress(ProcessLookupError):
            os.kill(self._dice.choice(targets[name]), signal.SIGKILL)
        if name == "postmaster":
            self._server.start()
        return name

    def pause(self) -> None:
        """Let the load go on for a moment."""
        time.sleep(self._dice.uniform(*PAUSES))

    def _targets(self) -> dict[str, list[int]]:
        web = self._deployment.mains("granian")
        backends = children_of(self._server.pid)
        return {
            "web server": web,
            "web worker": [pid for main in web for pid, _command in children_of(main)],
            "worker": self._deployment.mains(" worker "),
            "beat": self._deployment.mains(" beat "),
            "postmaster": [self._server.pid],
            "database backend": [pid for pid, command in backends if f" {self._database} " in command],
        }


def run(
    prepared: Prepared, var: Path, *, kills: int, seed: int, only: tuple[str, ...] = (), forgetful: bool = False
) -> Outcome:
    """``kills`` kills under load on a fresh copy of the template, then the verdict.

    ``forgetful`` is the control: commits are acknowledged before they are on disk.
    """
    outcome, database = Outcome(), f"faults_{var.name}"
    url = prepared.clone(database, forgetful=forgetful)
    var.mkdir(parents=True, exist_ok=True)
    began_at = datetime.now(UTC)
    with (
        Broker(var) as broker,
        Deployment(var, "web", "worker", "beat", DATABASE_URL=url, BROKER_URL=broker.url) as deployment,
    ):
        operations = _kill_under_load(Killer(deployment, prepared, database, seed=seed), deployment, outcome, kills,
                                      prepared.campaign, only)  # fmt: skip
        _settle(outcome, deployment, url)
        with psycopg.connect(url, autocommit=True) as connection:
            outcome.verdict = judge.judge(connection, operations)
            outcome.verdict.others += judge.judge_events(connection)
            outcome.slowest_delivery_s = judge.slowest_delivery(connection, began_at)
        outcome.verdict.others += _ask_again(deployment.port, operations) + _reconcile(deployment)
        outcome.recovery_s_max = _recovery(outcome.times, operations)
    return outcome


def _kill_under_load(
    killer: Killer, deployment: Deployment, outcome: Outcome, kills: int, campaign: str, only: tuple[str, ...]
) -> list[Operation]:
    with Load(deployment.port, campaign, clock.today()) as load:
        while len(outcome.times) < kills:
            killer.pause()
            at = time.monotonic()
            if name := killer.kill(only):
                outcome.kills[name] = outcome.kills.get(name, 0) + 1
                outcome.times.append(at)
        before = len(load.operations)
        wait_until(lambda: _acknowledged_since(load.operations, before, outcome.times[-1]),
                   "the service answers again", seconds=patience())  # fmt: skip
    return load.operations


def _acknowledged_since(operations: list[Operation], start: int, at: float) -> bool:
    return any(each.is_done and each.began > at for each in operations[max(0, start - 20) :])


def _settle(outcome: Outcome, deployment: Deployment, url: str) -> None:
    """Wait until nothing is due any more: the load has ended, nobody helps."""

    def is_empty() -> bool:
        with psycopg.connect(url, autocommit=True, connect_timeout=3) as connection:
            return judge.open_events(connection) == 0

    wait_until(is_empty, "the outbox drains", seconds=patience())
    outcome.drained_s = time.monotonic() - outcome.times[-1]


def _ask_again(port: int, operations: list[Operation]) -> list[str]:
    """Acknowledged requests sent once more under their keys: the same answers, marked as given before."""
    keyed = [each for each in operations if each.is_done and each.key]
    differing = []
    with Phone(port) as phone:
        for operation in keyed[:: max(1, len(keyed) // REPLAYS)]:
            again = phone.ask(operation)
            same = operation.answer is not None and again.body == operation.answer.body
            if not same or again.headers.get("idempotency-replayed") != "true":
                differing.append(f"asked again: {operation.kind} of {operation.who} got {again.status} {again.body}")
    return differing


def _reconcile(deployment: Deployment) -> list[str]:
    """Every check of every slice, and the ledger's own command."""
    found = []
    for command in ("verify_ledger", "reconcile"):
        done = deployment.manage(command)
        if done.returncode:
            found.append(f"{command}: {done.stdout}{done.stderr}")
    return found


def _recovery(kills: list[float], operations: list[Operation]) -> float:
    """The longest time (s) from a kill to the end of a request that was sent and acknowledged after it."""
    acknowledged = sorted((each.began, each.ended) for each in operations if each.is_done)
    longest = 0.0
    for at in kills:
        longest = max(longest, min((ended - at for began, ended in acknowledged if began > at), default=0.0))
    return longest
