"""Runs one act from many threads at once on PostgreSQL, counts what went wrong, and does it again without the guard.

A race is four functions: ``given()`` makes the rows of a round and returns what the others need, ``act(state, number)``
is what each thread does, ``violations(state, outcomes)`` counts broken promises afterwards, and ``control()`` is a
context manager that takes the guard away (patches the one guarded statement, drops the constraint behind it). A race
whose control shows nothing proves nothing, so :meth:`Race.prove` runs both and writes both into ``var/races.json``.

    report = Race("one day, 32 taps", workers=32, given=..., act=..., violations=...).prove(control)
    report.ensure()
"""

import fcntl
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from unittest import mock

import pytest
from django.db import OperationalError, connection, models, transaction

RACE = [pytest.mark.race, pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
REPORT = Path(__file__).resolve().parents[2] / "var" / "races.json"
CONTROL_ROUNDS = 5  # a control stops at its first round that breaks
CONNECT_SECONDS = 60  # the server may be full of other runs' connections
BARRIER_SECONDS = 120


def rounds() -> int:
    """How often a race is run: ``RACE_ROUNDS``, 20 without it."""
    return int(os.environ.get("RACE_ROUNDS", "20"))


def pause() -> None:
    """For controls only: the moment between reading and writing in which the others get in."""
    time.sleep(0.02)


@dataclass
class Outcome:
    """What one thread got: its value, or the refusal or error that it met."""

    value: Any = None
    error: BaseException | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the act returned."""
        return self.error is None


Outcomes = list[Outcome]
Broken = Callable[[], AbstractContextManager[Any]]


@dataclass
class Report:
    """A race's line in ``var/races.json``."""

    case: str
    rounds: int
    workers: int
    violations: int
    unexpected_errors: int
    control_violations: int = 0
    errors: list[str] = field(default_factory=list)

    def ensure(self) -> None:
        """The guarded form never broke, and the unguarded one did."""
        assert (self.violations, self.unexpected_errors) == (0, 0), f"{self.case}: {self}"
        assert self.control_violations > 0, f"{self.case}: the control shows no race, so this race proves nothing"


@dataclass
class Race:
    """One act, many threads; ``refusals`` are the errors that are right answers."""

    case: str
    workers: int
    given: Callable[[], Any]
    act: Callable[[Any, int], Any]
    violations: Callable[[Any, Outcomes], int]
    refusals: tuple[type[BaseException], ...] = ()

    def prove(self, control: Broken, *, rounds_of_race: int | None = None) -> Report:
        """Run the race, then its control, and write the report."""
        report = self.run(rounds_of_race)
        report.control_violations = self.control(control)
        record(report)
        return report

    def run(self, count: int | None = None) -> Report:
        """Run the guarded form ``count`` times."""
        report = Report(self.case, count or rounds(), self.workers, 0, 0)
        with Crew(self.workers) as crew:
            for _ in range(report.rounds):
                broken, unexpected = self._round(crew)
                report.violations += broken
                report.unexpected_errors += len(unexpected)
                report.errors += unexpected[:3]
        return report

    def control(self, broken: Broken) -> int:
        """Run without the guard until it breaks, at most :data:`CONTROL_ROUNDS` times; the violations seen."""
        with broken(), Crew(self.workers) as crew:
            for _ in range(CONTROL_ROUNDS):
                if seen := self._round(crew)[0]:
                    return seen
        return 0

    def _round(self, crew: "Crew") -> tuple[int, list[str]]:
        state = self.given()
        outcomes = crew.at_once(lambda number: self.act(state, number))
        unexpected = [
            f"{type(outcome.error).__name__}: {outcome.error}"
            for outcome in outcomes
            if outcome.error is not None and not isinstance(outcome.error, self.refusals)
        ]
        return self.violations(state, outcomes), unexpected


class Crew:
    """Threads with a database connection each, kept over the rounds and closed at the end."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._barrier = threading.Barrier(size)
        self._pool = ThreadPoolExecutor(size)

    def __enter__(self) -> Self:
        self.at_once(lambda _number: _connect())
        return self

    def __exit__(self, *_: object) -> None:
        self.at_once(lambda _number: connection.close())
        self._pool.shutdown()

    def at_once(self, act: Callable[[int], Any]) -> Outcomes:
        """``act(number)`` in every thread from one barrier on."""
        futures: list[Future[Outcome]] = [self._pool.submit(self._work, act, number) for number in range(self.size)]
        return [future.result() for future in futures]

    def _work(self, act: Callable[[int], Any], number: int) -> Outcome:
        self._barrier.wait(BARRIER_SECONDS)  # also what gives each thread exactly one piece of work
        try:
            return Outcome(value=act(number))
        except Exception as error:  # noqa: BLE001 - the race judges what came of it
            return Outcome(error=error)


def _connect() -> None:
    """Open this thread's connection; a slow machine must not look like a refused lock, so locks may take longer."""
    deadline = time.monotonic() + CONNECT_SECONDS
    while True:
        try:
            connection.ensure_connection()
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            break
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '60s'; SET statement_timeout = '90s'", None)


@contextmanager
def patched(owner: Any, name: str, value: Any) -> Iterator[None]:
    """``owner.name`` replaced: the one guarded statement or function that a control takes away."""
    with mock.patch.object(owner, name, value):
        yield


@contextmanager
def without_constraint(model: type[models.Model], *names: str) -> Iterator[None]:
    """The table of ``model`` without these constraints or unique indexes (a primary key is ``<table>_pkey``).

    Rows that broke them are removed (the whole table) before they are put back.
    """
    table = model._meta.db_table
    with ExitStack() as stack:
        for name in names:
            drop, restore = _statements(table, name)
            _execute(drop)
            stack.callback(_execute, restore)
        stack.callback(_execute, f'TRUNCATE "{table}" CASCADE')
        yield


def _statements(table: str, name: str) -> tuple[str, str]:
    """How to drop ``name`` and how to put it back."""
    constraint = _value(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s AND conrelid = %s::regclass",
        name, f'"{table}"',
    )  # fmt: skip
    if constraint:
        alter = f'ALTER TABLE "{table}"'
        return f'{alter} DROP CONSTRAINT "{name}"', f'{alter} ADD CONSTRAINT "{name}" {constraint}'
    index = _value("SELECT indexdef FROM pg_indexes WHERE indexname = %s AND tablename = %s", name, table)
    if not index:
        raise LookupError(f"{table} has neither a constraint nor an index called {name}")
    return f'DROP INDEX "{name}"', index


def _value(statement: str, *params: str) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        row = cursor.fetchone()
    return str(row[0]) if row else None


def _execute(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, None)


def record(report: Report) -> None:
    """Put ``report`` into ``var/races.json`` in place of an earlier one of the same case."""
    line = {name: value for name, value in vars(report).items() if name != "errors"}
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    with REPORT.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # other test processes write it too
        file.seek(0)
        known = json.loads(file.read() or "[]")
        kept = [each for each in known if each["case"] != report.case]
        file.truncate(0)
        json.dump(sorted([*kept, line], key=lambda each: each["case"]), file, ensure_ascii=False, indent=1)
