"""Ticks become schedule rows; doubled and missed ones change nothing."""

from collections.abc import Iterator

import pytest
from celery import current_app
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from core import ticks

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def nightly() -> Iterator[list[int]]:
    """A daily tick of our own, and how often it ran."""
    runs: list[int] = []

    @ticks.tick(hour=3, minute=10)
    def count_runs() -> None:
        runs.append(1)

    yield runs
    name = next(name for name in ticks._ticks if name.endswith("count_runs"))
    del ticks._ticks[name]
    current_app.tasks.unregister(name)


def test_each_tick_has_a_row(nightly: list[int]) -> None:
    ticks.sync()

    drain = PeriodicTask.objects.get(name="core.tasks.drain")
    assert (drain.task, drain.interval.every, drain.interval.period, drain.crontab) == (
        "core.tasks.drain", 1, "seconds", None,
    )  # fmt: skip
    assert drain.expire_seconds == 2
    mine = PeriodicTask.objects.get(name__endswith="count_runs")
    assert (mine.crontab.hour, mine.crontab.minute, str(mine.crontab.timezone)) == ("3", "10", "Asia/Shanghai")
    assert PeriodicTask.objects.filter(name__startswith="core.").count() >= 2


def test_syncing_again_changes_nothing(nightly: list[int]) -> None:
    ticks.sync()
    rows = list(PeriodicTask.objects.order_by("pk").values_list("pk", "name"))
    counts = (IntervalSchedule.objects.count(), CrontabSchedule.objects.count())

    ticks.sync()

    assert list(PeriodicTask.objects.order_by("pk").values_list("pk", "name")) == rows
    assert (IntervalSchedule.objects.count(), CrontabSchedule.objects.count()) == counts


def test_rows_of_ticks_that_are_gone_go_and_those_of_others_stay() -> None:
    interval = IntervalSchedule.objects.create(every=9, period="seconds")
    for name in ("core.tasks.removed", "members.points.tasks.removed", "backup by hand"):
        PeriodicTask.objects.create(name=name, task=name, interval=interval)

    ticks.sync()

    assert not PeriodicTask.objects.filter(name__endswith="removed").exists()
    assert PeriodicTask.objects.filter(name="backup by hand").exists()


def test_ticks_expire_so_that_they_do_not_pile_up() -> None:
    spans = {ticks.Tick("t", seconds, 0, 0).expires for seconds in (1, 60, 7200, None)}

    assert spans == {2, 60, 3600}


def test_a_tick_is_a_task_that_takes_nothing(nightly: list[int]) -> None:
    name = next(name for name in ticks._ticks if name.endswith("count_runs"))
    current_app.tasks[name]()

    assert nightly == [1]
