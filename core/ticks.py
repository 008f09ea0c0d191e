"""Ticks: what beat starts by the clock. A missed or doubled tick changes nothing, since work is defined by data.

A slice's ``tasks.py`` declares ``@tick(seconds=60)`` or ``@tick(hour=3, minute=10)`` (Shanghai time). ``sync()`` writes
the schedule rows that django-celery-beat reads; it runs when beat starts.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from celery import shared_task
from django.conf import settings
from django.db import close_old_connections
from django.utils.module_loading import autodiscover_modules

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Tick:
    """A task and its time: every ``seconds``, or daily at ``hour``:``minute``."""

    task: str
    seconds: int | None
    hour: int
    minute: int

    @property
    def expires(self) -> int:
        """Seconds after which an undelivered tick is dropped, so that they don't pile up while the worker is down."""
        return max(2, min(self.seconds or 3600, 3600))


_ticks: dict[str, Tick] = {}


def tick(*, seconds: int | None = None, hour: int = 0, minute: int = 0) -> Callable[[Callable[[], Any]], Any]:
    """Make a function without arguments a Celery task that beat starts."""

    def register(function: Callable[[], Any]) -> Any:
        @functools.wraps(function)
        def run() -> None:
            close_old_connections()
            try:
                function()
            except Exception as error:
                log.error("tick_failed", task=name, exc_info=error)  # noqa: TRY400
            finally:
                close_old_connections()

        name = f"{function.__module__}.{function.__name__}"
        _ticks[name] = Tick(name, seconds, hour, minute)
        return shared_task(name=name, ignore_result=True)(run)

    return register


def ticks() -> list[Tick]:
    """All declared ticks."""
    return list(_ticks.values())


def sync() -> None:
    """Write a schedule row for each declared tick and remove rows of ticks that are gone."""
    from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

    autodiscover_modules("tasks")
    for each in ticks():
        if each.seconds:
            interval, _ = IntervalSchedule.objects.get_or_create(every=each.seconds, period="seconds")
            schedule: dict[str, Any] = {"interval": interval, "crontab": None}
        else:
            crontab, _ = CrontabSchedule.objects.get_or_create(
                minute=str(each.minute), hour=str(each.hour), day_of_week="*", day_of_month="*", month_of_year="*",
                timezone=settings.CELERY_TIMEZONE,
            )  # fmt: skip
            schedule = {"crontab": crontab, "interval": None}
        PeriodicTask.objects.update_or_create(
            name=each.task, defaults={"task": each.task, "expire_seconds": each.expires, **schedule}
        )
    PeriodicTask.objects.filter(name__regex=r"^(core|members|coupons|commerce|engagement|platforms)\.").exclude(
        name__in=[each.task for each in ticks()]
    ).delete()
