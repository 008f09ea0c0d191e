"""The rules in force, kept in the process for a few seconds: the hot path reads no policy row."""

import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import audit, clock, memory
from core.commands import command
from core.models import StaffUser
from members.points import errors, rules
from members.points.models import PointsPolicy

FAULTS: dict[str, str | Promise] = {
    "months": _("points are usable for 1 to 120 months"),
    "fixed_day": _("the yearly expiry needs a month from 1 to 12 and a day from 1 to 31"),
    "fixed_least_days": _("points are usable for 0 to 366 days at least"),
    "return_days": _("returned points stay usable for 0 to 366 days"),
    "cost": _("100 points cost 0 to 1,000,000 fen"),
    "offset": _("one yuan is 1 to 1,000,000 points, and the share of an order 0 to 10,000"),
    "offset_step": _("the step is at least 1"),
    "adjust": _("the thresholds of adjustments are 0 to 1,000,000,000"),
    "cap_once": _("each cap has a name of its own, and each source stands in one cap"),
    "cap_amount": _("a cap has sources and 0 to 1,000,000,000 points a day"),
}
FRESH_SECONDS = 5.0  # how long another process may still use the rules before a change
_lock = threading.Lock()
_kept: tuple[float, rules.Policy] | None = None


def in_force() -> rules.Policy:
    """The newest version of the rules; the defaults where none was ever set."""
    global _kept  # noqa: PLW0603 - one value a process
    kept = _kept
    if kept and time.monotonic() < kept[0]:
        return kept[1]
    with _lock:
        policy = read()
        _kept = (time.monotonic() + FRESH_SECONDS, policy)
    return policy


@memory.remembered
def forget() -> None:
    """Read the rules again at the next act of this process."""
    global _kept  # noqa: PLW0603
    _kept = None


def read() -> rules.Policy:
    """The rules as they stand in the database."""
    row = PointsPolicy.objects.order_by("-id").first()
    if row is None:
        return rules.Policy()
    names = {field.name for field in fields(rules.Policy)} - {"version", "expiry_mode", "caps"}
    return rules.Policy(
        version=row.pk,
        expiry_mode=rules.ExpiryMode(row.expiry_mode),
        caps=tuple(_cap(cap) for cap in row.caps),
        **{name: getattr(row, name) for name in names},
    )


def _cap(cap: Mapping[str, Any]) -> rules.Cap:
    return rules.Cap(str(cap["name"]), tuple(cap["sources"]), int(cap["per_day"]), rules.CapMode(cap["mode"]))


@command
def set_policy(*, policy: rules.Policy, actor: StaffUser | None, reason: str) -> PointsPolicy:
    """Put a new version of the rules in force. What was earned before keeps the last day that it was given."""
    if not reason.strip():
        raise errors.ReasonRequired
    faults = list(rules.policy_faults(policy))
    if faults:
        raise errors.InvalidPolicy(why="; ".join(str(FAULTS[fault]) for fault in faults))
    values = {name: value for name, value in asdict(policy).items() if name != "version"}
    row = PointsPolicy(**values, reason=reason[:200], created_at=clock.now(), created_by=actor)
    row.save()
    audit.record(actor=actor, action="points.set_policy", subject=f"points_policy:{row.pk}", reason=reason)
    forget()
    return row
