"""Pausing, ending, archiving by hand, and the sweep that writes down what the clock has decided."""

from typing import Any

from core import audit, clock, sql
from core.commands import command
from core.events import publish as publish_event
from core.models import StaffUser
from engagement.campaigns import errors
from engagement.campaigns.events import CampaignEnded, CampaignStarted
from engagement.campaigns.models import Campaign

BATCH = 200

PAUSE = """
UPDATE campaigns_campaign SET status = 'paused', revision = revision + 1
 WHERE id = %(id)s AND status IN ('scheduled', 'running') AND ends_at > %(now)s RETURNING id
"""
RESUME = """
UPDATE campaigns_campaign SET status = CASE WHEN started_at IS NULL THEN 'scheduled' ELSE 'running' END,
                              revision = revision + 1
 WHERE id = %(id)s AND status = 'paused' AND ends_at > %(now)s RETURNING id
"""
END = """
UPDATE campaigns_campaign SET status = 'ended', revision = revision + 1
 WHERE id = %(id)s AND status IN ('scheduled', 'running', 'paused') AND ends_at > %(now)s RETURNING id
"""
ARCHIVE = """
UPDATE campaigns_campaign SET status = 'archived', revision = revision + 1
 WHERE id = %(id)s AND status IN ('draft', 'ended') RETURNING id
"""
START_DUE = """
UPDATE campaigns_campaign SET status = 'running', started_at = %(now)s
 WHERE id IN (SELECT id FROM campaigns_campaign
               WHERE status = 'scheduled' AND starts_at <= %(now)s AND ends_at > %(now)s
               ORDER BY id LIMIT %(batch)s{lock})
   AND status = 'scheduled'
RETURNING id, mechanism
"""
END_DUE = """
UPDATE campaigns_campaign SET status = 'ended'
 WHERE id IN (SELECT id FROM campaigns_campaign
               WHERE status IN ('scheduled', 'running', 'paused') AND ends_at <= %(now)s
               ORDER BY id LIMIT %(batch)s{lock})
   AND status IN ('scheduled', 'running', 'paused')
RETURNING id, mechanism
"""


@command
def pause(*, campaign: Campaign, reason: str, actor: StaffUser | None) -> None:
    """Stop a live campaign for the moment; ``WrongStatus`` when it is not live."""
    _move(campaign, PAUSE, "pause", reason, actor)


@command
def resume(*, campaign: Campaign, reason: str, actor: StaffUser | None) -> None:
    """Let a paused campaign go on; ``WrongStatus`` when it is not paused or its end has passed.

    One that was paused before its start becomes scheduled; by the clock it runs at once, and the sweep announces it.
    """
    _move(campaign, RESUME, "resume", reason, actor)


@command
def end(*, campaign: Campaign, reason: str, actor: StaffUser | None) -> None:
    """End a live campaign before its time, for good."""
    _move(campaign, END, "end", reason, actor)
    publish_event(CampaignEnded(campaign_id=campaign.pk, mechanism=campaign.mechanism, early=True))


@command
def archive(*, campaign: Campaign, reason: str, actor: StaffUser | None) -> None:
    """Put a draft or an ended campaign out of sight; its versions and rules pages stay."""
    _move(campaign, ARCHIVE, "archive", reason, actor)


def _move(campaign: Campaign, statement: str, verb: str, reason: str, actor: StaffUser | None) -> None:
    if not reason.strip():
        raise errors.ReasonRequired
    if not sql.fetch_one(statement, {"id": campaign.pk, "now": clock.now()}):  # its status was another one by now
        raise errors.WrongStatus
    audit.record(actor=actor, action=f"campaigns.{verb}", subject=campaign.subject, reason=reason)


def sweep() -> int:
    """Start and end what is due by the clock, in batches; returns how many campaigns moved."""
    moved = 0
    for batch in (end_due, start_due):  # a campaign whose end has passed too is not started first
        while count := batch():
            moved += count
            if count < BATCH:
                break
    return moved


@command
def start_due() -> int:
    """A batch of scheduled campaigns whose start has passed."""
    rows = _due(START_DUE)
    for row in rows:
        publish_event(CampaignStarted(campaign_id=row["id"], mechanism=row["mechanism"]))
    return len(rows)


@command
def end_due() -> int:
    """A batch of live campaigns whose end has passed."""
    rows = _due(END_DUE)
    for row in rows:
        publish_event(CampaignEnded(campaign_id=row["id"], mechanism=row["mechanism"], early=False))
    return len(rows)


def _due(statement: str) -> list[dict[str, Any]]:
    params: dict[str, Any] = {"now": clock.now(), "batch": BATCH}
    return sql.fetch_all(statement.format(lock=sql.skip_locked()), params, id="uuid")
