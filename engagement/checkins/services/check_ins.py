"""Checking in: one SELECT, then one short transaction; on PostgreSQL its writes are one statement."""

from datetime import date, datetime
from uuid import UUID

from core import errors as core_errors
from core import sql
from core.api.auth import Caller
from core.commands import command
from core.events import INSERT_EVENT, insert_params
from engagement.campaigns import selectors as campaigns
from engagement.checkins import selectors
from engagement.checkins.rules import payouts, streaks
from engagement.checkins.rules.payouts import Due, total_points
from engagement.checkins.selectors import Facts, Record
from engagement.checkins.services import writing
from engagement.checkins.services.writing import Act, Outcome, Paid
from members.points import services as points

TRIES = 3  # each lost try means that another act of the same member has won, and there are at most a few
RISK_ACT = "checkins.check_in"

CLAIM_FIRST = """
INSERT INTO checkins_firstcheckin (member_id, campaign_id, checked_on)
SELECT m.id, %(campaign)s, %(checked_on)s FROM accounts_member m
 WHERE m.id = %(member)s AND NOT EXISTS (
   SELECT 1 FROM checkins_checkinstanding o
    WHERE o.member_id = m.id AND o.campaign_id <> %(campaign)s AND o.tally > 0)
ON CONFLICT DO NOTHING RETURNING member_id
"""


def check_in(
    *, caller: Caller, campaign_id: UUID, device: str = "", address: str = "", now: datetime | None = None
) -> Outcome:
    """Check ``caller`` in for today's business day; a repeat gets the first answer with ``is_new`` false.

    ``now`` is for demo data; requests leave it out. Refuses with the campaign's and the account's refusals,
    ``risk.refused``, ``rewards.budget_spent`` or ``points.cap_reached``; then nothing is left behind.
    """
    for _ in range(TRIES):
        facts = selectors.get_facts(caller, campaign_id, now=now)
        if facts.has_checked_in:
            return Outcome(facts.last, facts.standing, facts, is_new=False)
        writing.ensure_may_take_part(facts, act=RISK_ACT, device=device, address=address)
        act = plan(facts)
        record = _write(act)
        if record is not None:
            return Outcome(record, act.standing, facts, is_new=True)
    raise core_errors.Busy


def plan(facts: Facts) -> Act:
    """What a check-in today would write. Reads more only after a missed day or where a limit must be looked at."""
    used = _freezes_used(facts)
    step = streaks.advance(facts.standing, facts.today, used=used, per_month=facts.plan.freezes_per_month)
    due = payouts.of_check_in(
        facts.plan, streak=step.standing.streak, tally=step.standing.tally, day=facts.today,
        birthday=facts.birthday, is_first=False,
    )  # fmt: skip
    if payouts.has_limit(facts.plan, due):
        paid = selectors.streak_rewards_paid(facts.member_id, facts.campaign_id)
        due = payouts.within_limits(due, payouts.limits_reached(facts.plan, paid))
    place = streaks.day_of_cycle(step.standing.streak, facts.today, facts.plan.cycle)
    return Act(facts, "daily", facts.today, place, step.standing, due, step.frozen)


def _freezes_used(facts: Facts) -> dict[streaks.Month, int]:
    missed = streaks.missed_between(facts.standing.last_on, facts.today)
    if not missed or not facts.plan.freezes_per_month:
        return {}
    since: date = missed[0].replace(day=1)
    return selectors.freezes_used(selectors.list_marks(facts.member_id, facts.campaign_id, since=since))


@command
def _write(act: Act) -> Record | None:
    """Write the day, or nothing at all when another act of this member was faster (``None``)."""
    if is_plain(act) and (statement := one_statement(act)):
        return write_at_once(act, *statement)
    return write_in_steps(act)


def is_plain(act: Act) -> bool:
    """Whether the day pays points alone, from no budget, with nothing else to claim or freeze."""
    return (
        sql.is_postgres()
        and total_points(act.due) > 0
        and not act.frozen
        and not _may_be_first(act)
        and not campaigns.budget_of(act.facts.version)
        and all(each.spec["kind"] == "points" for each in act.due)
    )


def write_in_steps(act: Act) -> Record | None:
    """The portable form: standing, points, row, event."""
    if not writing.move_standing(act):
        return None
    if _may_be_first(act) and (bonus := _claim_first(act)):
        act = writing.with_due(act, bonus)
    if act.frozen:
        writing.freeze_days(act)
    return writing.write_day(act, writing.pay(act))


def _may_be_first(act: Act) -> bool:
    return act.facts.standing.tally == 0 and act.facts.plan.first_time is not None


def _claim_first(act: Act) -> Due | None:
    """The first-time bonus, once ever: the member's row in the table of firsts decides."""
    params = {"member": act.facts.member_id, "campaign": act.facts.campaign_id, "checked_on": act.checked_on}
    spec = act.facts.plan.first_time
    if spec is None or not sql.fetch_one(CLAIM_FIRST, params):
        return None
    return Due("first", 1, spec)


AT_ONCE = """
WITH standing AS ({standing}),
{points},
checked AS (
  INSERT INTO checkins_checkin (member_id, campaign_id, checked_on, kind, streak, day, tally, points, balance_after,
                                rewards, version_id, at)
  SELECT %(member)s, %(campaign)s, %(checked_on)s, %(kind)s, %(streak)s, %(day)s, %(tally)s, %(points)s,
         e.balance_after, %(rewards)s, %(row_version)s, %(at)s
    FROM points_entry e
  RETURNING balance_after),
told AS ({event} RETURNING id)
SELECT balance_after FROM checked
"""
# The event's columns are those of core.events; its values come once for the one row of `standing`.
_TELL = f"{INSERT_EVENT.strip().replace('VALUES (', 'SELECT ').removesuffix(')')} FROM standing"  # noqa: S608 - no input


def one_statement(act: Act) -> tuple[str, dict[str, object]] | None:
    """The same rows as :func:`write_in_steps` in one statement of PostgreSQL; ``None`` where a daily cap counts."""
    asked = total_points(act.due)
    earning = points.earn_fragment(
        member_id=act.facts.member_id,
        points=asked,
        source_kind=act.source_kind,
        source_key=act.source_key,
        label=act.label,
        on=act.facts.today,
        at=act.facts.now,
        after="standing",
    )
    if earning is None:
        return None
    row = writing.row_params(act, Paid(asked, 0))
    row["row_version"] = row.pop("version")  # the event has a version of its own
    event = insert_params(writing.event_of(act, asked), occurred_at=act.facts.now, on=act.facts.today)
    statement = AT_ONCE.format(standing=writing.MOVE_STANDING, points=earning.ctes, event=_TELL)
    return statement, {**writing.standing_params(act), **row, **event, **earning.params}


def write_at_once(act: Act, statement: str, params: dict[str, object]) -> Record | None:
    """Run :func:`one_statement`: its other writes hang on the standing's row, so a lost race writes nothing."""
    row = sql.fetch_one(statement, params)
    if row is None:
        return None
    return writing.record_of(act, Paid(total_points(act.due), int(row["balance_after"])))
