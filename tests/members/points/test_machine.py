"""Any order of acts, with a clock that jumps: the ledger agrees with the model, the book is clean after each step."""

import os
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from core import clock, memory
from core.errors import DomainError
from members.points import rules, services
from members.points.models import PointsAccount, PointsEntry, PointsLot, PointsPending
from tests.factories.accounts import make_member
from tests.factories.points import act, allocations, earn, findings, spend
from tests.members.points.model import NEVER, Account, Line, Refused

EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "100"))
STEPS = int(os.environ.get("MACHINE_STEPS", "30"))
START = datetime(2027, 12, 30, 23, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
POLICY = rules.Policy(months=1)
GRACE = POLICY.return_days
amounts = st.integers(1, 40)
picks = st.integers(0, 10**6)


def outcome_of(model: Callable[[], Any]) -> tuple[Any, str]:
    """What the model gives, or the code with which it refuses."""
    try:
        return model(), ""
    except Refused as refusal:
        return None, str(refusal)


class Ledger(RuleBasedStateMachine):
    """The real ledger of one member beside the model's."""

    def __init__(self) -> None:
        super().__init__()
        self.traveller = time_machine.travel(START, tick=False)
        self.time = self.traveller.start()
        self.atomic = transaction.atomic()
        vars(self.atomic)["_from_testcase"] = True  # as TestCase does: commands may open their transaction inside
        self.atomic.__enter__()
        services.set_policy(policy=POLICY, actor=None, reason="machine")
        self.member = make_member()
        self.model = Account()
        self.entries: list[tuple[int, Line]] = []
        self.holds: list[tuple[str, datetime, Line]] = []
        self.pending: list[tuple[str, int, date]] = []
        self.number = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)
        memory.forget()
        self.traveller.stop()

    @property
    def on(self) -> date:
        return clock.today()

    def key(self) -> str:
        self.number += 1
        return str(self.number)

    def both(self, real: Callable[[], Any], model: Callable[[], Any]) -> tuple[Any, Any]:
        """Do it in both; both succeed, or both refuse with one code and the ledger is as before."""
        expected, refusal = outcome_of(model)
        if not refusal:
            return real(), expected
        before = self.rows()
        with pytest.raises(DomainError) as refused:
            real()
        assert (refused.value.code, self.rows()) == (refusal, before)
        return None, None

    def rows(self) -> list[Any]:
        return [list(model.objects.order_by("pk").values_list()) for model in (PointsAccount, PointsLot, PointsEntry)]

    def remember(self, entry: Any, line: Line | None) -> None:
        if entry is not None and line is not None:
            self.entries.append((entry.id, line))

    @rule(points=amounts, days=st.sampled_from([None, 0, 1, 40, 10**6]))
    def earn(self, points: int, days: int | None) -> None:
        by_rules = rules.month_end_after(self.on, 1)
        until = by_rules if days is None else NEVER if days > 1000 else self.on + timedelta(days=days)
        entry, line = self.both(
            lambda: earn(self.member, points, source_key=self.key(), expires_on=None if days is None else until),
            lambda: self.model.earn(points, until),
        )
        self.remember(entry, line)

    @rule(points=st.integers(1, 90))
    def spend(self, points: int) -> None:
        entry, line = self.both(
            lambda: spend(self.member, points, source_key=self.key()), lambda: self.model.spend(points, self.on)
        )
        self.remember(entry, line)

    @rule(points=st.integers(1, 60), minutes=st.sampled_from([1, 600, 3000]))
    def hold(self, points: int, minutes: int) -> None:
        key, due_at = self.key(), clock.now() + timedelta(minutes=minutes)
        held, line = self.both(
            lambda: act(
                services.hold, self.member, points=points, source_kind="h", source_key=key, label="h", due_at=due_at
            ),
            lambda: self.model.spend(points, self.on, kind="hold"),
        )
        if held:
            self.holds.append((key, due_at, line))
            self.entries.append((held.entry_id, line))

    @precondition(lambda self: self.holds)
    @rule(pick=picks, used=st.integers(1, 60), whole=st.booleans())
    def capture(self, pick: int, used: int, whole: bool) -> None:
        key, _due, line = self.holds[pick % len(self.holds)]
        points = -line.delta if whole else min(used, -line.delta)
        self.both(
            lambda: act(services.capture, self.member, source_kind="h", source_key=key, points=points),
            lambda: self.model.end(line, points, "captured", self.on, GRACE),
        )

    @precondition(lambda self: self.holds)
    @rule(pick=picks)
    def release(self, pick: int) -> None:
        key, _due, line = self.holds[pick % len(self.holds)]
        self.both(
            lambda: act(services.release, self.member, source_kind="h", source_key=key),
            lambda: self.model.end(line, 0, "released", self.on, GRACE),
        )

    @precondition(lambda self: self.entries)
    @rule(pick=picks)
    def reverse(self, pick: int) -> None:
        entry_id, line = self.entries[pick % len(self.entries)]
        self.both(
            lambda: act(services.reverse, self.member, entry_id=entry_id),
            lambda: self.model.reverse(line, self.on, GRACE),
        )

    @rule(points=amounts, days=st.sampled_from([0, 1, 15]))
    def promise(self, points: int, days: int) -> None:
        key, due_on = self.key(), self.on + timedelta(days=days)
        act(services.add_pending, self.member, points=points, due_on=due_on, source_kind="p", source_key=key, label="p")
        self.pending.append((key, points, due_on))

    @precondition(lambda self: self.pending)
    @rule(pick=picks)
    def call_off(self, pick: int) -> None:
        key, _points, _due_on = self.pending.pop(pick % len(self.pending))
        assert act(services.withdraw, self.member, source_kind="p", source_key=key) is None

    @rule()
    def sweep(self) -> None:
        """What the ticks do, in any order of theirs; doubled, since a doubled tick changes nothing."""
        for _ in range(2):
            services.sweep()
            services.sweep_holds()
            services.sweep_pending()
        self.model.expire(self.on)
        for _key, due_at, line in sorted(self.holds, key=lambda hold: hold[1]):
            if line.state == "open" and due_at <= clock.now():
                self.model.end(line, 0, "expired", self.on, GRACE)
        for key, points, due_on in list(self.pending):
            if due_on <= self.on:
                self.arrive(key, points, due_on)

    def arrive(self, key: str, points: int, due_on: date) -> None:
        self.pending.remove((key, points, due_on))
        line = self.model.earn(points, rules.month_end_after(self.on, 1))
        row = PointsPending.objects.get(source_key=key)
        self.entries.append((row.entry_id or 0, line))

    @rule(
        step=st.sampled_from(
            [
                timedelta(days=-1),
                timedelta(hours=1),
                timedelta(minutes=59, seconds=59),
                timedelta(seconds=1),
                timedelta(days=1),
                timedelta(days=31),
                timedelta(days=400),
            ]
        )
    )
    def move_the_clock(self, step: timedelta) -> None:
        """Over midnights, month and year ends, 29 February 2028; and back. The ticks come after a step forward."""
        self.time.shift(step)
        if step > timedelta(days=1):
            self.sweep()

    @invariant()
    def the_account_is_the_model_s(self) -> None:
        row = PointsAccount.objects.filter(member=self.member).values_list("balance", "debt", "held", "seq").first()
        lines = len(self.model.lines)
        assert (row or (0, 0, 0, 0)) == (self.model.balance, self.model.debt, self.model.held, lines)

    @invariant()
    def the_lots_are_the_model_s(self) -> None:
        rows = PointsLot.objects.filter(member=self.member, remaining__gt=0).values_list("expires_on", "remaining")
        assert dict(rows) == {day: amount for day, amount in self.model.lots.items() if amount}

    @invariant()
    def the_last_line_is_the_model_s(self) -> None:
        if self.model.lines:
            entry: Any = PointsEntry.objects.filter(member=self.member).order_by("-seq").first()
            line = self.model.lines[-1]
            assert (entry.kind, entry.delta) == (line.kind, line.delta)
            if entry.expires_on is None:
                assert allocations(entry) == {day.isoformat(): amount for day, amount in sorted(line.lots.items())}

    @invariant()
    def the_book_is_clean(self) -> None:
        late = ("overdue", "state open")  # a tick has not come by yet
        assert [finding for finding in findings() if not any(word in finding for word in late)] == []


@pytest.mark.django_db
def test_the_ledger_agrees_with_the_model_in_any_order_of_acts():
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.generate, Phase.shrink),
            print_blob=True,
        ),
    )
