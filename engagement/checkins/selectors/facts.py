"""What is known before an act: member, campaign, standing and last row, by one statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from core import clock, errors, sql
from core.api.auth import Caller
from engagement.campaigns import selectors as campaigns
from engagement.campaigns.contract import Published
from engagement.checkins.rules.plan import Plan, parse
from engagement.checkins.rules.streaks import Standing
from members.accounts import selectors as accounts

READ_FACTS = f"""
SELECT {accounts.MEMBER_COLUMNS}, {campaigns.CAMPAIGN_COLUMNS},
       s.streak, s.longest, s.tally, s.last_on, s.reminder,
       t.kind AS last_kind, t.streak AS last_streak, t.day AS last_day, t.tally AS last_tally,
       t.points AS last_points, t.balance_after AS last_balance, t.rewards AS last_rewards, t.version_id AS last_version
  FROM accounts_member m
  LEFT JOIN campaigns_campaign c ON c.id = %(campaign)s AND c.mechanism = 'checkins'
  LEFT JOIN checkins_checkinstanding s ON s.member_id = m.id AND s.campaign_id = c.id
  LEFT JOIN checkins_checkin t ON t.member_id = m.id AND t.campaign_id = c.id AND t.checked_on = s.last_on
 WHERE m.id = %(member)s
"""  # noqa: S608 - names of columns, nothing from outside
_KINDS = {
    "member_blocked_at": "datetime",
    "member_joined_at": "datetime",
    "member_first_seen_at": "datetime",
    "last_rewards": "json",
    **campaigns.CAMPAIGN_KINDS,
}

CACHED_PLANS = 1000
_plans: dict[int, tuple[Published, Plan]] = {}


def plan_of(version: Published) -> Plan:
    """The plan frozen in ``version``, parsed once a process."""
    known = _plans.get(version.version_id)
    if known is not None and known[0] is version:
        return known[1]
    plan = parse(version.config["settings"])
    if len(_plans) >= CACHED_PLANS:
        _plans.pop(next(iter(_plans)), None)
    _plans[version.version_id] = (version, plan)
    return plan


@dataclass(frozen=True)
class Record:
    """A day that counts, as its act answered it."""

    campaign_id: UUID
    checked_on: date
    kind: str
    streak: int
    day: int
    tally: int
    points: int
    balance: int | None
    rewards: list[dict[str, Any]]


@dataclass(frozen=True)
class Facts:
    """What is known before an act of a member in a campaign. ``row`` has the columns of member and campaign."""

    member_id: int
    campaign_id: UUID
    row: Mapping[str, Any]
    version: Published
    plan: Plan
    now: datetime
    today: date
    standing: Standing

    @property
    def birthday(self) -> date | None:
        """The member's birthday, if it is known."""
        birthday: date | None = self.row["member_birthday"]
        return birthday

    @property
    def has_checked_in(self) -> bool:
        """Whether today is done. A clock that went back a little does not open yesterday again."""
        return self.standing.last_on is not None and self.standing.last_on >= self.today

    @property
    def cut(self) -> int:
        """The hour at which a business day of the campaign begins."""
        return int(self.version.config["campaign"]["day_cut_hour"])

    @property
    def since(self) -> date:
        """The first business day on which the member could have checked in."""
        first = clock.business_date(self.row["campaign_starts_at"], day_cut_hour=self.cut)
        joined_at = self.row["member_joined_at"]
        return max(first, clock.business_date(joined_at, day_cut_hour=self.cut)) if joined_at else self.today

    @property
    def last(self) -> Record:
        """The member's last counting day; only when there is one."""
        row = self.row
        return Record(
            campaign_id=self.campaign_id,
            checked_on=row["last_on"],
            kind=row["last_kind"],
            streak=row["last_streak"],
            day=row["last_day"],
            tally=row["last_tally"],
            points=row["last_points"],
            balance=row["last_balance"],
            rewards=row["last_rewards"],
        )


def get_facts(caller: Caller, campaign_id: UUID, *, now: datetime | None = None) -> Facts:
    """The facts for an act of ``caller``: one statement.

    ``NotSignedIn`` or ``accounts.blocked`` for a token that no longer holds, ``NotFound`` for no published check-in.
    """
    row = sql.fetch_one(READ_FACTS, {"member": caller.member_id, "campaign": campaign_id}, **_KINDS)
    row = accounts.ensure_alive(row, caller)
    return _facts(caller.member_id, campaign_id, row, now or clock.now())


def _facts(member_id: int, campaign_id: UUID, row: Mapping[str, Any], now: datetime) -> Facts:
    if row["campaign_version_id"] is None:
        raise errors.NotFound
    version = campaigns.published(row["campaign_version_id"])
    return Facts(
        member_id=member_id,
        campaign_id=campaign_id,
        row=row,
        version=version,
        plan=plan_of(version),
        now=now,
        today=clock.business_date(now, day_cut_hour=int(version.config["campaign"]["day_cut_hour"])),
        standing=Standing(row["streak"] or 0, row["longest"] or 0, row["tally"] or 0, row["last_on"]),
    )


def get_facts_of(member_id: int, campaign_id: UUID) -> Facts:
    """The facts of a member who was checked before, for a section of the first screen."""
    row = sql.fetch_one(READ_FACTS, {"member": member_id, "campaign": campaign_id}, **_KINDS)
    if row is None:
        raise errors.NotFound
    return _facts(member_id, campaign_id, row, clock.now())
