"""Reminders: a member's wish, and the event for those who have not checked in by the plan's hour."""

from datetime import date, datetime, time
from uuid import UUID

from core import clock, sql
from core.api.auth import Caller
from core.commands import command
from core.events import publish
from engagement.campaigns import selectors as campaigns
from engagement.checkins import errors, selectors
from engagement.checkins.events import ReminderDue
from engagement.checkins.rules.streaks import Standing, streak_on
from engagement.checkins.selectors import Facts
from members.accounts import selectors as accounts

BATCH = 500

SET_WISH = """
INSERT INTO checkins_checkinstanding (member_id, campaign_id, streak, longest, tally, reminder)
VALUES (%(member)s, %(campaign)s, 0, 0, 0, %(wish)s)
ON CONFLICT (member_id, campaign_id) DO UPDATE SET reminder = %(wish)s
"""
CLAIM_DUE = """
UPDATE checkins_checkinstanding SET reminded_on = %(today)s
 WHERE id IN (
   SELECT s.id FROM checkins_checkinstanding s JOIN accounts_member m ON m.id = s.member_id
    WHERE s.campaign_id = %(campaign)s AND s.reminder IS TRUE
      AND (s.reminded_on IS NULL OR s.reminded_on < %(today)s) AND (s.last_on IS NULL OR s.last_on < %(today)s)
      AND m.blocked_at IS NULL AND m.merged_into_id IS NULL
    ORDER BY s.id LIMIT %(batch)s{lock})
   AND (reminded_on IS NULL OR reminded_on < %(today)s)
RETURNING member_id, streak, longest, tally, last_on
"""


@command
def set_reminder(*, caller: Caller, campaign_id: UUID, wish: bool) -> Facts:
    """Keep whether the member wants to be reminded; ``ReminderOff`` where the campaign sends none."""
    facts = selectors.get_facts(caller, campaign_id)
    accounts.ensure_joined(dict(facts.row))
    if wish and not facts.plan.remind_at:
        raise errors.ReminderOff
    sql.execute(SET_WISH, {"member": facts.member_id, "campaign": campaign_id, "wish": wish})
    return facts


def remind() -> int:
    """Publish the reminders that are due in all running campaigns; how many. A doubled tick changes nothing."""
    now, sent = clock.now(), 0
    for campaign in campaigns.list_running("checkins"):
        version = campaigns.published(campaign.current_version_id or 0)
        at = selectors.plan_of(version).remind_at
        if not at or clock.to_local(now).time() < time.fromisoformat(at):
            continue
        today = clock.business_date(now, day_cut_hour=campaign.day_cut_hour)
        while count := _remind_some(campaign_id=campaign.pk, today=today, now=now):
            sent += count
    return sent


@command
def _remind_some(*, campaign_id: UUID, today: date, now: datetime) -> int:
    """Claim at most a batch of members and publish their reminders with it."""
    lock = " FOR UPDATE OF s SKIP LOCKED" if sql.is_postgres() else ""
    rows = sql.fetch_all(CLAIM_DUE.format(lock=lock), {"campaign": campaign_id, "today": today, "batch": BATCH})
    for row in rows:
        standing = Standing(row["streak"], row["longest"], row["tally"], row["last_on"])
        streak = streak_on(standing, today, used={}, per_month=0)
        event = ReminderDue(member_id=row["member_id"], campaign_id=campaign_id, remind_on=today, streak=streak)
        publish(event, occurred_at=now, on=today)
    return len(rows)
