"""The line to the database dies at COMMIT: the effect is there or not, and asking again never doubles it."""

from collections.abc import Generator
from contextlib import ExitStack
from datetime import timedelta
from itertools import count
from pathlib import Path

import psycopg
import pytest

from core import clock
from tests.faults import judge, records
from tests.faults.client import Acts, Operation, Phone
from tests.faults.deployment import BROKEN, LISTENING, Deployment, Prepared, environment, python
from tests.faults.judge import Verdict
from tests.faults.proxy import FaultProxy
from tests.faults.records import Record

pytestmark = pytest.mark.faults
COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"  # psycopg sends it by itself, as a simple query
LOST_ANSWERS, LOST_COMMITS = 200, 40
TRIES = 8


class Line:
    """A web server whose line to the database can be cut, and people who use it."""

    def __init__(self, prepared: Prepared, var: Path, *, build: str = LISTENING) -> None:
        self._prepared, self._var, self._build = prepared, var, build
        self.url = prepared.clone(f"faults_{var.name}")
        self.verdict = Verdict()

    def lose(self, times: int, *, committed: bool) -> int:
        """Cut the line at COMMIT ``times`` times, once an act, and judge; how many cuts there really were."""
        with ExitStack() as stack:
            proxy = stack.enter_context(FaultProxy(("127.0.0.1", self._prepared.server.port)))
            through = self.url.replace(f":{self._prepared.server.port}/", f":{proxy.port}/")
            web = stack.enter_context(
                Deployment(self._var, "web", DATABASE_URL=through, DJANGO_SETTINGS_MODULE=self._build)
            )
            phone = stack.enter_context(Phone(web.port))
            cut = proxy.cut_after if committed else proxy.cut_before
            operations = self._live(phone, cut, times)
        with psycopg.connect(self.url, autocommit=True) as connection:
            self.verdict = judge.judge(connection, operations)
        if self._build == LISTENING:
            done = python("manage.py", "reconcile", environ=environment(self._var, DATABASE_URL=self.url))
            self.verdict.others += [done.stdout] if done.returncode else []
        return proxy.cuts

    def _live(self, phone: Phone, cut, times: int) -> list[Operation]:
        lives, operations = self._lives(), []
        operation = next(lives)
        for _ in range(times):
            cut(COMMIT, 1)
            first = phone.ask(operation)
            operation.faults += [f"{operation.kind}: {first.status} after a cut"] if first.status != 503 else []
            operation.faults += [first.fault] if first.fault else []
            operation.answer = self._until_definite(phone, operation)
            operations.append(operation)
            operation = lives.send(operation.answer.body.get("token", "") if operation.answer else "")
        return operations

    @staticmethod
    def _until_definite(phone: Phone, operation: Operation):
        for _ in range(TRIES):
            answer = phone.ask(operation)
            operation.faults += [answer.fault] if answer.fault else []
            if answer.is_definite:
                return answer
        return None

    def _lives(self) -> Generator[Operation, str, None]:
        """Newcomers and regulars by turns, act by act: everything that a consumer can change with value in it."""
        acts = Acts(self._prepared.campaign)
        for number in count(1):
            who = f"demo-lost-{number}"
            token = yield acts.sign_in(who)
            yield acts.join(who, token)
            yield acts.check_in(who, token, keyed=number % 2 == 0)
            who = f"demo-regular-{number}"
            token = yield acts.sign_in(who)
            yield acts.check_in(who, token, keyed=number % 2 == 1)
            for ago in (1, 2, 3):
                yield acts.make_up(who, token, clock.today() - timedelta(days=ago))


def _record(case: str, line: Line, faults: int, control: int | None = None) -> None:
    found = line.verdict
    records.keep(Record(case, found.operations, faults, len(found.violations), len(found.lost), len(found.doubled),
                        0.0, control))  # fmt: skip


def test_an_answer_lost_after_commit_never_doubles(campaign_server: Prepared, tmp_path: Path):
    line, control = Line(campaign_server, tmp_path / "after"), Line(campaign_server, tmp_path / "broken", build=BROKEN)

    cuts = line.lose(LOST_ANSWERS, committed=True)

    control.lose(16, committed=True)
    _record("COMMIT done, answer lost", line, cuts, len(control.verdict.violations))
    assert cuts == LOST_ANSWERS
    assert line.verdict.violations == []
    assert line.verdict.acknowledged == LOST_ANSWERS
    assert len(control.verdict.doubled) > 0, "a build that stores its answers apart looks as good"


def test_a_commit_that_never_arrived_left_nothing_and_can_be_repeated(campaign_server: Prepared, tmp_path: Path):
    line = Line(campaign_server, tmp_path / "before")

    cuts = line.lose(LOST_COMMITS, committed=False)

    _record("COMMIT never arrived", line, cuts)
    assert cuts == LOST_COMMITS
    assert line.verdict.violations == []
    assert line.verdict.acknowledged == LOST_COMMITS
