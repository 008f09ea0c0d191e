"""What the ground offers for slices to register with: home sections, dashboard cards, permissions, purges."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from rest_framework.serializers import Serializer

from core.registry import Registry


@dataclass(frozen=True)
class HomeSection:
    """A part of ``GET /api/v1/home``: ``read(member_key)`` gives a dict of the shape that ``schema`` declares."""

    read: Callable[[int], Any]
    schema: type[Serializer[Any]] | Serializer[Any]


@dataclass(frozen=True)
class Series:
    """Numbers by day for the dashboard: ``read(first, last)`` gives one value a day, in order."""

    label: str | Promise
    read: Callable[[date, date], list[int]]
    chart: str = "line"
    order: int = 50


@dataclass(frozen=True)
class Figure:
    """One big number of the dashboard with a line below it."""

    label: str | Promise
    read: Callable[[], tuple[str, str]]
    link: str | Promise = ""
    order: int = 50


@dataclass(frozen=True)
class Purge:
    """Rows of a retention class: ``run()`` deletes what is older than ``days`` and returns how many."""

    label: str | Promise
    days: int
    run: Callable[[], int]


@dataclass(frozen=True)
class DemoSeed:
    """Demo data of a slice: ``run(context)`` adds its part, lowest ``order`` first; ``context`` carries the rest."""

    run: Callable[[dict[str, Any]], None]
    order: int = 50


home_sections: Registry[HomeSection] = Registry("home section")
dashboard_series: Registry[Series] = Registry("dashboard series")
dashboard_figures: Registry[Figure] = Registry("dashboard figure")
role_permissions: Registry[dict[str, list[str]]] = Registry("role permission set")
purges: Registry[Purge] = Registry("purge")
demo_seeds: Registry[DemoSeed] = Registry("demo seed")
