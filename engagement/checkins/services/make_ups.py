"""Making up a missed day, for points or a card."""

from datetime import date, datetime
from uuid import UUID

from core import errors as core_errors
from core.api.auth import Caller
from core.commands import command
from engagement.checkins import errors, selectors
from engagement.checkins.rules import make_ups as rules
from engagement.checkins.rules import payouts, streaks
from engagement.checkins.selectors import Facts, Mark, Record
from engagement.checkins.services import cards, writing
from engagement.checkins.services.check_ins import TRIES
from engagement.checkins.services.writing import Act, Outcome
from members.points import services as points

RISK_ACT = "checkins.make_up"
COST_SOURCE = "checkins.make_up_cost"


def make_up(
    *, caller: Caller, campaign_id: UUID, day: date, device: str = "", address: str = "", now: datetime | None = None
) -> Outcome:
    """Fill ``day``: it counts for streak and tally, pays its share, and costs what the plan says.

    Refuses with ``MakeUpOff``, ``NothingOpen``, ``DayNotOpen``, ``DayTaken``, ``MakeUpsUsedUp``, ``NoCard``,
    ``points.insufficient`` and the campaign's and the account's refusals; then nothing is left behind.
    """
    for _ in range(TRIES):
        facts = selectors.get_facts(caller, campaign_id, now=now)
        writing.ensure_may_take_part(facts, act=RISK_ACT, device=device, address=address)
        marks = selectors.list_marks(facts.member_id, facts.campaign_id)
        act = plan(facts, day, marks)
        record = _write(act)
        if record is not None:
            return Outcome(record, act.standing, facts, is_new=True, freezes_used=selectors.freezes_used(marks))
    raise core_errors.Busy


def plan(facts: Facts, day: date, marks: list[Mark]) -> Act:
    """What filling ``day`` would write, or the refusal."""
    rows = selectors.rows_of(marks)
    if streaks.recompute(rows).tally != facts.standing.tally:  # another act came between the two reads
        raise core_errors.Busy
    rules.ensure_can_fill(
        facts.plan, day, today=facts.today, since=facts.since, rows=rows, made_up=selectors.made_up_days(marks)
    )
    due = rules.earned(facts.plan, rows, day, birthday=facts.birthday)
    if payouts.has_limit(facts.plan, due):
        paid = selectors.streak_rewards_paid(facts.member_id, facts.campaign_id)
        due = payouts.within_limits(due, payouts.limits_reached(facts.plan, paid))
    filled = {**rows, day: True}
    place = streaks.day_of_cycle(streaks.streaks_by_day(filled)[day], day, facts.plan.cycle)
    return Act(facts, "make_up", day, place, streaks.recompute(filled), due)


@command
def _write(act: Act) -> Record | None:
    if not writing.move_standing(act):
        return None
    _charge(act)
    return writing.write_day(act, writing.pay(act))


def _charge(act: Act) -> None:
    """Take the card or the points; a refusal rolls back the standing as well."""
    plan = act.facts.plan.make_up
    if plan.pay_with == "card":
        if not cards.take(act.facts.member_id, source_kind=COST_SOURCE, source_key=act.source_key, at=act.facts.now):
            raise errors.NoCard
    elif plan.points:
        points.spend(
            member_id=act.facts.member_id,
            points=plan.points,
            source_kind=COST_SOURCE,
            source_key=act.source_key,
            label=act.label,
            on=act.facts.today,
            at=act.facts.now,
        )
