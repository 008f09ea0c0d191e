"""Acts on points in a transaction of their own, and short readings of what they left."""

import itertools
from collections.abc import Callable
from typing import Any

from core import clock as core_clock
from core import reconcile
from core.commands import scope
from members.accounts.models import Member
from members.points import services
from members.points.contract import Entry
from members.points.models import PointsAccount, PointsAllocation, PointsEntry, PointsLot

_numbers = itertools.count(1)


def act(function: Callable[..., Any], member: Member, **arguments: Any) -> Any:
    """Call a part in a transaction of its own, today and now unless said otherwise."""
    at = arguments.pop("at", None) or core_clock.now()
    arguments.setdefault("on", core_clock.business_date(at))
    with scope():
        return function(member_id=member.pk, at=at, **arguments)


def earn(member: Member, points: int, **arguments: Any) -> Entry:
    """Earn from a new source of kind ``test.earn``."""
    arguments.setdefault("source_kind", "test.earn")
    arguments.setdefault("source_key", str(next(_numbers)))
    return act(services.earn, member, points=points, label=arguments.pop("label", "test"), **arguments)


def spend(member: Member, points: int, **arguments: Any) -> Entry:
    """Spend on a new source of kind ``test.spend``."""
    arguments.setdefault("source_kind", "test.spend")
    arguments.setdefault("source_key", str(next(_numbers)))
    return act(services.spend, member, points=points, label=arguments.pop("label", "test"), **arguments)


def account(member: Member) -> tuple[int, int, int, int]:
    """Balance, debt, held and number of the last entry."""
    return PointsAccount.objects.values_list("balance", "debt", "held", "seq").get(member=member)


def lots(member: Member) -> dict[str, int]:
    """What is left by last usable day, without empty lots."""
    rows = PointsLot.objects.filter(member=member, remaining__gt=0).order_by("expires_on")
    return {row.expires_on.isoformat(): row.remaining for row in rows}


def lines(member: Member) -> list[tuple[str, int, int]]:
    """Kind, delta and balance of each entry, oldest first."""
    rows = PointsEntry.objects.filter(member=member).order_by("seq")
    return [(row.kind, row.delta, row.balance_after - row.debt_after) for row in rows]


def allocations(entry: Entry) -> dict[str, int]:
    """What an entry moved, by last usable day of the lot."""
    rows = PointsAllocation.objects.filter(entry_id=entry.id).select_related("lot").order_by("lot__expires_on")
    return {row.lot.expires_on.isoformat(): row.amount for row in rows}


def everything() -> list[list[tuple[Any, ...]]]:
    """Every row of the slice's tables: a refusal leaves it as it was."""
    from django.apps import apps

    models = sorted(apps.get_app_config("points").get_models(), key=lambda model: model.__name__)
    return [sorted(model._default_manager.values_list(), key=str) for model in models]


def findings() -> list[str]:
    """What the checks of the book say; nothing in a clean one."""
    names = [name for name in reconcile.checks if name.startswith("points.")]
    return [
        f"{name} {found.subject} {found.detail}" for name in names for found in reconcile.checks.get(name).run()
    ]  # fmt: skip
