"""What the consumer API answers, as plain dicts."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.api.auth import Caller
from engagement.campaigns import selectors as campaigns
from engagement.checkins.rules import calendar as pages
from engagement.checkins.rules import make_ups
from engagement.checkins.rules.make_ups import Period
from engagement.checkins.rules.payouts import Due, total_points
from engagement.checkins.rules.plan import Plan
from engagement.checkins.rules.streaks import (
    ONE_DAY,
    Month,
    Standing,
    day_of_cycle,
    missed_between,
    month_of,
    streak_on,
)
from engagement.checkins.selectors import facts as facts_of
from engagement.checkins.selectors import rows
from engagement.checkins.selectors.facts import Facts, Record
from engagement.checkins.selectors.rows import Extras, Mark
from members.rewards import selectors as rewards


def reward(due: Due) -> dict[str, Any]:
    """A reward, with its text in the active language."""
    return {
        "reason": due.reason,
        "days": due.days,
        "kind": due.spec["kind"],
        "points": due.points,
        "text": rewards.describe(due.spec),
    }


def render_record(record: Record, standing: Standing, facts: Facts, used: Mapping[Month, int]) -> dict[str, Any]:
    """A day that counts, and what comes next for a member with ``standing``."""
    kept = [Due(**each) for each in record.rewards]
    return {
        "campaign_id": str(record.campaign_id),
        "checked_on": record.checked_on.isoformat(),
        "kind": record.kind,
        "streak": record.streak,
        "day": record.day,
        "tally": record.tally,
        "points": record.points,
        "balance": record.balance,
        "rewards": [reward(each) for each in kept],
        "next": _next(facts.plan, standing, facts.today, facts.birthday, used),
    }


def _next(
    plan: Plan,
    standing: Standing,
    today: date,
    birthday: date | None,
    used: Mapping[Month, int],
    *,
    is_first: bool = False,
) -> dict[str, Any]:
    coming = pages.upcoming(plan, standing, today=today, birthday=birthday, used=used, is_first=is_first)
    return {
        "checked_on": coming.day.isoformat(),
        "day": coming.place,
        "points": total_points(coming.due),
        "rewards": [reward(each) for each in coming.due],
    }


def get_calendar(caller: Caller, campaign_id: UUID, *, month: Month | None = None) -> dict[str, Any]:
    """The check-in page of ``caller``: facts, rows, cards and firsts: three statements."""
    facts = facts_of.get_facts(caller, campaign_id)
    marks = rows.list_marks(facts.member_id, campaign_id)
    extras = rows.get_extras(facts.member_id)
    return render_calendar(facts, marks, extras=extras, month=month or month_of(facts.today))


def render_calendar(facts: Facts, marks: list[Mark], *, extras: Extras, month: Month) -> dict[str, Any]:
    """The page from its facts."""
    plan, used = facts.plan, rows.freezes_used(marks)
    standing, today = facts.standing, facts.today
    streak = streak_on(standing, today, used=used, per_month=plan.freezes_per_month)
    last_on = standing.last_on
    return {
        "campaign_id": str(facts.campaign_id),
        "name": facts.version.config["campaign"]["name"],
        "today": today.isoformat(),
        "has_checked_in": facts.has_checked_in,
        "streak": streak,
        "longest": standing.longest,
        "tally": standing.tally,
        "day": day_of_cycle(streak, last_on, plan.cycle) if last_on else 0,
        "freezes_left": max(0, plan.freezes_per_month - used.get(month_of(today), 0)),
        "next": _next(plan, standing, today, facts.birthday, used, is_first=extras.is_first),
        "make_up": _make_up(facts, marks, extras.cards),
        "reminder": {"enabled": bool(facts.row["reminder"]), "at": plan.remind_at or None},
        "month": f"{month[0]}-{month[1]:02d}",
        "days": _days(facts, marks, month),
        "cycle": _cycle(plan),
        "tally_rewards": [reward(Due("tally", each.days, each.reward)) for each in plan.tallies],
    }


def _make_up(facts: Facts, marks: list[Mark], cards: int) -> dict[str, Any]:
    rule = facts.plan.make_up
    left = make_ups.left(facts.plan, facts.today - ONE_DAY, rows.made_up_days(marks))
    return {
        "enabled": rule.enabled,
        "pay_with": rule.pay_with,
        "points": rule.points if rule.pay_with == "points" else 0,
        "cards": cards if rule.pay_with == "card" else 0,
        "left": left if rule.enabled else 0,
    }


def _days(facts: Facts, marks: list[Mark], month: Month) -> list[dict[str, Any]]:
    last = clock.business_date(facts.row["campaign_ends_at"], day_cut_hour=facts.cut)
    days = pages.days_of(
        month,
        marks={mark.checked_on: pages.Marked(mark.kind, mark.points) for mark in marks},
        today=facts.today,
        runs=Period(facts.since, last),
        fillable=rows.fillable(facts, marks),
    )
    return [
        {"date": each.day.isoformat(), "state": each.state, "points": each.points, "can_make_up": each.can_make_up}
        for each in days
    ]


def _cycle(plan: Plan) -> list[dict[str, Any]]:
    return [
        {"day": place, "points": total_points(due), "rewards": [reward(each) for each in due]}
        for place, due in pages.boxes(plan)
    ]


def get_home(member_id: int) -> dict[str, Any] | None:
    """Today's check-in for the first screen, of the running campaign that ends first; ``None`` without one."""
    running = campaigns.list_running("checkins", limit=1)
    if not running:
        return None
    facts = facts_of.get_facts_of(member_id, running[0].pk)
    plan, standing = facts.plan, facts.standing
    used: dict[Month, int] = {}
    if plan.freezes_per_month and missed_between(standing.last_on, facts.today):
        used = rows.freezes_used(rows.list_marks(member_id, facts.campaign_id))
    is_first = plan.first_time is not None and standing.tally == 0 and rows.get_extras(member_id).is_first
    return {
        "campaign_id": str(facts.campaign_id),
        "name": facts.version.config["campaign"]["name"],
        "has_checked_in": facts.has_checked_in,
        "streak": streak_on(standing, facts.today, used=used, per_month=plan.freezes_per_month),
        "tally": standing.tally,
        "next": _next(plan, standing, facts.today, facts.birthday, used, is_first=is_first),
    }


def get_card_lines(member_id: int) -> list[tuple[str | Promise, str]]:
    """The member's check-ins for the card in the admin."""
    lines: list[tuple[str | Promise, str]] = [
        (
            row["name"],
            _("%(streak)d in a row, longest %(longest)d, %(tally)d in total; last on %(last)s")
            % {"streak": row["streak"], "longest": row["longest"], "tally": row["tally"], "last": row["last_on"]},
        )
        for row in rows.list_standings(member_id)
    ]
    cards = rows.get_cards(member_id)
    return [*lines, (gettext_lazy("Make-up cards"), str(cards))]
