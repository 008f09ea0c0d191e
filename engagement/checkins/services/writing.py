"""The statements behind a day that counts, and what it pays. The standing's compare-and-set decides who wins."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from core import sql
from core.events import publish
from engagement.campaigns import rules as campaign_rules
from engagement.campaigns import selectors as campaigns
from engagement.checkins.events import CheckedIn
from engagement.checkins.rules.payouts import Due, total_points
from engagement.checkins.rules.streaks import Month, Standing
from engagement.checkins.selectors import Facts, Record
from members.accounts import selectors as accounts
from members.points import services as points
from members.points.selectors import statement
from members.rewards import services as rewards
from members.rewards.contract import Source
from members.risk import services as risk

# The tally grows with every day that counts, so it is the version of the standing: nobody was faster if it is ours.
MOVE_STANDING = """
INSERT INTO checkins_checkinstanding (member_id, campaign_id, streak, longest, tally, last_on, reminder)
VALUES (%(member)s, %(campaign)s, %(streak)s, %(longest)s, %(tally)s, %(last_on)s, FALSE)
ON CONFLICT (member_id, campaign_id) DO UPDATE SET
  streak = excluded.streak, longest = excluded.longest, tally = excluded.tally, last_on = excluded.last_on
 WHERE checkins_checkinstanding.tally = %(old_tally)s
RETURNING tally
"""
INSERT_ROW = """
INSERT INTO checkins_checkin (member_id, campaign_id, checked_on, kind, streak, day, tally, points, balance_after,
                              rewards, version_id, at)
VALUES (%(member)s, %(campaign)s, %(checked_on)s, %(kind)s, %(streak)s, %(day)s, %(tally)s, %(points)s, %(balance)s,
        %(rewards)s, %(version)s, %(at)s)
"""


@dataclass(frozen=True)
class Act:
    """A day about to count: whose, which, what the standing will be, what it pays and which days it freezes."""

    facts: Facts
    kind: str
    checked_on: date
    day: int
    standing: Standing
    due: list[Due]
    frozen: tuple[date, ...] = ()

    @property
    def source_kind(self) -> str:
        """Under which source its points are booked."""
        return "checkins.make_up" if self.kind == "make_up" else "checkins.check_in"

    @property
    def source_key(self) -> str:
        """Once a campaign and day; the ledger adds the member."""
        return f"{self.facts.campaign_id.hex}:{self.checked_on.isoformat()}"

    @property
    def label(self) -> str:
        """Where totals are counted."""
        return f"campaign:{self.facts.campaign_id}"


@dataclass(frozen=True)
class Paid:
    """What was really booked: points (a cap may cut them) and the balance afterwards."""

    points: int
    balance: int


@dataclass(frozen=True)
class Outcome:
    """A day that counts and the standing after it; ``is_new`` unless it was done before."""

    record: Record
    standing: Standing
    facts: Facts
    is_new: bool
    freezes_used: Mapping[Month, int] = field(default_factory=dict)


def ensure_may_take_part(facts: Facts, *, act: str, device: str, address: str) -> None:
    """Refuse who is not joined, outside the audience or not trusted, and a campaign that is not open now."""
    accounts.ensure_joined(dict(facts.row))
    version = campaigns.open_version(facts.row, facts.now)
    audience = version.config["campaign"]["audience"]
    campaign_rules.ensure_eligible(audience, campaigns.facts_of(facts.row), facts.now)
    # A held verdict goes on as well: a day's points are too few to be worth waiting for.
    risk.ensure_allowed(act=act, member_id=facts.member_id, device=device, address=address, at=facts.now)


def move_standing(act: Act) -> bool:
    """The compare-and-set; false when another act of this member was faster. Nothing is written then."""
    return sql.fetch_one(MOVE_STANDING, standing_params(act)) is not None


def standing_params(act: Act) -> dict[str, Any]:
    """The parameters of :data:`MOVE_STANDING`."""
    after = act.standing
    return {
        "member": act.facts.member_id,
        "campaign": act.facts.campaign_id,
        "streak": after.streak,
        "longest": after.longest,
        "tally": after.tally,
        "last_on": after.last_on,
        "old_tally": act.facts.standing.tally,
    }


def row_params(act: Act, paid: Paid) -> dict[str, Any]:
    """The parameters of :data:`INSERT_ROW`."""
    return {
        "member": act.facts.member_id,
        "campaign": act.facts.campaign_id,
        "checked_on": act.checked_on,
        "kind": act.kind,
        "streak": act.standing.streak,
        "day": act.day,
        "tally": act.standing.tally,
        "points": paid.points,
        "balance": paid.balance,
        "rewards": [each.record() for each in act.due],
        "version": act.facts.version.version_id,
        "at": act.facts.now,
    }


def freeze_days(act: Act) -> None:
    """Write the days that a freeze protects. Caller has moved the standing."""
    blank = {"kind": "frozen", "streak": 0, "day": 0, "tally": 0, "rewards": []}
    rows = [row_params(act, Paid(0, 0)) | blank | {"checked_on": day, "balance": None} for day in act.frozen]
    sql.execute_many(INSERT_ROW, rows)


def write_day(act: Act, paid: Paid) -> Record:
    """Write the row and tell the others. Caller has moved the standing and paid."""
    sql.execute(INSERT_ROW, row_params(act, paid))
    publish(event_of(act, paid.points), occurred_at=act.facts.now, on=act.facts.today)
    return record_of(act, paid)


def event_of(act: Act, paid_points: int) -> CheckedIn:
    """The event of ``act``."""
    return CheckedIn(
        member_id=act.facts.member_id,
        campaign_id=act.facts.campaign_id,
        is_test=bool(act.facts.row["member_is_test"]),
        checked_on=act.checked_on,
        kind=act.kind,
        streak=act.standing.streak,
        day=act.day,
        tally=act.standing.tally,
        points=paid_points,
    )


def record_of(act: Act, paid: Paid) -> Record:
    """What the act answers."""
    return Record(
        campaign_id=act.facts.campaign_id,
        checked_on=act.checked_on,
        kind=act.kind,
        streak=act.standing.streak,
        day=act.day,
        tally=act.standing.tally,
        points=paid.points,
        balance=paid.balance,
        rewards=[each.record() for each in act.due],
    )


def pay(act: Act) -> Paid:
    """Give what is due: the points of a day as one entry, other kinds one grant each."""
    budget = campaigns.budget_of(act.facts.version)
    others = [each for each in act.due if each.spec["kind"] != "points"]
    asked = total_points(act.due)
    paid: Paid | None = None
    if asked and not budget:  # the ledger's own source is the grant of points: no second door needed
        entry = points.earn(
            member_id=act.facts.member_id,
            points=asked,
            source_kind=act.source_kind,
            source_key=act.source_key,
            label=act.label,
            on=act.facts.today,
            at=act.facts.now,
        )
        paid = Paid(entry.delta, entry.balance)
    given = _grant(act, Due("day", 0, {"kind": "points", "points": asked}), budget) if asked and budget else 0
    for due in others:
        _grant(act, due, budget)
    return paid or Paid(given, int(statement.get_summary_of(act.facts.member_id)["balance"]))


def _grant(act: Act, due: Due, budget: str) -> int:
    """One reward through the one door; how much of it was given."""
    is_points = due.spec["kind"] == "points"
    key = act.source_key if is_points else f"{act.facts.member_id}:{act.source_key}:{due.days}"
    source = Source(
        source=act.source_kind if is_points else f"checkins.{due.reason}",
        key=key,
        label=act.label,
        on=act.facts.today,
        at=act.facts.now,
        campaign_id=act.facts.campaign_id,
        campaign_version_id=act.facts.version.version_id,
    )
    return rewards.grant(member_id=act.facts.member_id, spec=due.spec, source=source, budget=budget).amount


def with_due(act: Act, *more: Due) -> Act:
    """``act`` that also pays ``more``."""
    return replace(act, due=[*act.due, *more])
