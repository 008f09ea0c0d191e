"""Rows of each class are kept as long as promised, and no longer."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core import clock, contract, retention
from core.models import Event, InboxEntry

pytestmark = pytest.mark.django_db


def an_event(*, days_ago: int, delivered: bool = True, dead: bool = False) -> Event:
    at = clock.now() - timedelta(days=days_ago)
    return Event.objects.create(
        event_id=uuid4(), topic="tests.happened", version=1, subject="x", payload={}, occurred_at=at,
        business_on=at.date(), available_at=at, delivered_at=at if delivered else None, dead=dead,
    )  # fmt: skip


def test_events_are_kept_400_days() -> None:
    kept = [an_event(days_ago=399), an_event(days_ago=500, delivered=False)]
    for gone in (401, 500):
        an_event(days_ago=gone)
    an_event(days_ago=500, delivered=False, dead=True)

    assert retention.purge_events() == 3
    assert set(Event.objects.values_list("pk", flat=True)) == {event.pk for event in kept}


def test_more_than_a_batch_goes_in_several_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(5):
        an_event(days_ago=401)

    assert retention.purge_events() == 5


def test_the_inbox_is_kept_as_long_as_the_events() -> None:
    for days in (399, 401):
        InboxEntry.objects.create(event_id=uuid4(), handler="h", acted_at=clock.now() - timedelta(days=days))

    assert retention.purge_inbox() == 1


def test_a_failing_purge_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> int:
        raise RuntimeError

    contract.purges.register("tests.failing", contract.Purge("failing", 1, fail))
    try:
        done = retention.run_all()
    finally:
        contract.purges.unregister("tests.failing")

    assert "tests.failing" not in done
    assert {"core.events", "core.inbox", "core.answers"} <= set(done)
