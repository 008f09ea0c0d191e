"""Decisions about campaigns: status by the clock, who may take part, what counts as in the members' favour."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from engagement.campaigns import errors
from engagement.campaigns.contract import Window

ZONE = ZoneInfo("Asia/Shanghai")
LONGEST = timedelta(days=366)
NEW_DAYS = 30  # what "new member" means when the audience names no number
ADULT_AGE = 18


class Status(StrEnum):
    """The stages of a campaign's life."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"
    ARCHIVED = "archived"


LIVE = frozenset({Status.SCHEDULED, Status.RUNNING, Status.PAUSED})


@dataclass(frozen=True)
class MemberFacts:
    """What an audience asks about a member; ``is_insider`` for staff and test accounts."""

    joined_at: datetime | None
    birthday: date | None = None
    is_insider: bool = False


# ---- status and opening hours --------------------------------------------------------------------------------------
def status_at(status: str, window: Window, now: datetime) -> Status:
    """The true status at ``now``: what is stored may lag behind the clock until the next sweep.

    ``starts_at`` is inclusive, ``ends_at`` exclusive. Drafts, archived campaigns and those ended by hand stay so.
    """
    stored = Status(status)
    if stored not in LIVE:
        return stored
    if now >= window.ends_at:
        return Status.ENDED
    if stored is Status.PAUSED:
        return stored
    return Status.RUNNING if now >= window.starts_at else Status.SCHEDULED


def is_open_daily(window: Window, now: datetime) -> bool:
    """Whether ``now`` is within the daily hours (from inclusive, to exclusive); they may pass midnight."""
    if window.daily_from is None or window.daily_to is None:
        return True
    clock = now.astimezone(ZONE).time()
    if window.daily_from < window.daily_to:
        return window.daily_from <= clock < window.daily_to
    return clock >= window.daily_from or clock < window.daily_to


def ensure_open(status: str, window: Window, now: datetime) -> None:
    """Refuse unless the campaign takes part at ``now``: ``NotStarted``, ``Ended``, ``Paused`` or ``ClosedNow``."""
    current = status_at(status, window, now)
    if current in {Status.DRAFT, Status.SCHEDULED}:
        raise errors.NotStarted
    if current in {Status.ENDED, Status.ARCHIVED}:
        raise errors.Ended
    if current is Status.PAUSED:
        raise errors.Paused
    if not is_open_daily(window, now):
        raise errors.ClosedNow(daily_from=f"{window.daily_from:%H:%M}", daily_to=f"{window.daily_to:%H:%M}")


# ---- audience ------------------------------------------------------------------------------------------------------
def age_on(birthday: date, day: date) -> int:
    """Full years on ``day``; who is born on 29 February turns a year older on 1 March of common years."""
    return day.year - birthday.year - ((day.month, day.day) < (birthday.month, birthday.day))


def ensure_eligible(audience: Mapping[str, Any], facts: MemberFacts, now: datetime) -> None:
    """Refuse with ``NotEligible`` whoever is outside the audience.

    ``new_only``: joined at most ``new_days`` days ago; ``exclude_staff``: no staff or test accounts; ``adults_only``:
    18 by the birthday on file (an unknown birthday counts as too young, since nobody vouches for it).
    """
    if not is_eligible(audience, facts, now):
        raise errors.NotEligible


def is_eligible(audience: Mapping[str, Any], facts: MemberFacts, now: datetime) -> bool:
    """Whether the member belongs to the audience."""
    if audience.get("exclude_staff") and facts.is_insider:
        return False
    if audience.get("new_only") and not _is_new(facts, now, days=int(audience.get("new_days") or NEW_DAYS)):
        return False
    return not audience.get("adults_only") or _is_adult(facts, now)


def _is_new(facts: MemberFacts, now: datetime, *, days: int) -> bool:
    return facts.joined_at is not None and now - facts.joined_at <= timedelta(days=days)


def _is_adult(facts: MemberFacts, now: datetime) -> bool:
    return facts.birthday is not None and age_on(facts.birthday, now.astimezone(ZONE).date()) >= ADULT_AGE


# ---- time windows --------------------------------------------------------------------------------------------------
def windows_overlap(first: Window, second: Window) -> bool:
    """Whether two periods share a moment."""
    return first.starts_at < second.ends_at and second.starts_at < first.ends_at


def moved_window(starts_at: datetime, ends_at: datetime, *, to: date) -> tuple[datetime, datetime]:
    """The same wall-clock start on the day ``to`` and the same length: the period of a clone."""
    local = starts_at.astimezone(ZONE)
    moved = datetime.combine(to, local.time(), tzinfo=ZONE)
    return moved, moved + (ends_at - starts_at)


# ---- changes after publishing --------------------------------------------------------------------------------------
NEUTRAL = frozenset({"share_title", "contact", "goal"})  # neither give nor take; may change at any time


def unfavourable(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The kernel fields whose change takes something from members, in the form of ``Published.config["campaign"]``."""
    return [name for name in sorted(set(old) | set(new)) if not _in_favour(name, old.get(name), new.get(name))]


def _in_favour(name: str, old: Any, new: Any) -> bool:
    if old == new or name in NEUTRAL:
        return True
    judge = _JUDGES.get(name)
    return judge is not None and judge(old, new)


def _later(old: Any, new: Any) -> bool:
    return datetime.fromisoformat(new) >= datetime.fromisoformat(old)


def _not_less(old: Any, new: Any) -> bool:
    """``None`` means without a limit."""
    return new is None or (old is not None and new >= old)


def _wider_limits(old: Any, new: Any) -> bool:
    return all(_not_less(old.get(name), new.get(name)) for name in set(old) | set(new))


def _wider_audience(old: Any, new: Any) -> bool:
    """A condition may be dropped, ``new_days`` may grow; insiders stay excluded (no insider winners)."""
    if bool(old.get("exclude_staff")) != bool(new.get("exclude_staff")):
        return False
    added = any(new.get(name) and not old.get(name) for name in ("new_only", "adults_only"))
    still_new = bool(new.get("new_only"))
    return not added and (not still_new or (new.get("new_days") or NEW_DAYS) >= (old.get("new_days") or NEW_DAYS))


def _no_hours(_old: Any, new: Any) -> bool:
    return new is None


_JUDGES = {
    "ends_at": _later,
    "budget_fen": _not_less,
    "limits": _wider_limits,
    "audience": _wider_audience,
    "daily_from": _no_hours,
    "daily_to": _no_hours,
}


# ---- shapes of the JSON columns -------------------------------------------------------------------------------------
LIMITS = ("per_member_per_day", "per_member", "per_day", "total")
MOST = 1_000_000_000  # a limit above this is a slip of the keyboard


def normal_audience(given: Mapping[str, Any]) -> dict[str, Any]:
    """The audience with only what it restricts; ``InvalidSettings`` for unknown names or values."""
    unknown = set(given) - {"new_only", "new_days", "exclude_staff", "adults_only"}
    if unknown:
        raise errors.InvalidSettings.for_fields("audience", sorted(unknown))
    audience: dict[str, Any] = {name: True for name in ("new_only", "exclude_staff", "adults_only") if given.get(name)}
    if audience.get("new_only"):
        days = given.get("new_days") or NEW_DAYS
        if not _is_number(days, most=LONGEST.days):
            raise errors.InvalidSettings.for_fields("audience", ["new_days"])
        audience["new_days"] = days
    return audience


def normal_limits(given: Mapping[str, Any]) -> dict[str, int]:
    """The limits that are set, each a number from 1; ``InvalidSettings`` for anything else."""
    limits = {name: value for name, value in given.items() if value is not None}
    wrong = sorted(name for name, value in limits.items() if name not in LIMITS or not _is_number(value, most=MOST))
    if wrong:
        raise errors.InvalidSettings.for_fields("limits", wrong)
    return limits


def _is_number(value: Any, *, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def parse_time(given: str | time | None) -> time | None:
    """``HH:MM`` or ``HH:MM:SS`` (or a time already) as a wall-clock time."""
    return time.fromisoformat(given) if isinstance(given, str) and given else given or None
