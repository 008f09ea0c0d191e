"""Welcome kits: given when a person joins, by the channel that brought them, once a person and kit."""

from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from core import clock, sql
from core.commands import command, part
from core.errors import DomainError
from core.events import publish
from members.accounts.contract import Joined
from members.channels import errors, events
from members.channels.models import WelcomeKit
from members.channels.rules import kits, touch
from members.rewards import selectors as rewards
from members.rewards import services as reward_services
from members.rewards.contract import Source, Spec
from members.rewards.errors import InvalidReward

log = structlog.get_logger(__name__)
SOURCE = "channels.welcome"

STEP_JOINED = """
UPDATE channels_attribution SET joined_on = %(day)s, pending = TRUE
 WHERE member_id = %(member)s AND joined_on IS NULL AND is_acquired IS TRUE
RETURNING first_channel_id, first_scan_at, last_channel_id, last_scan_at
"""
KIT = """
SELECT c.state, c.starts_at, c.ends_at, w.id AS kit_id, w.rewards
  FROM channels_channel c
  LEFT JOIN channels_channel p ON p.id = c.parent_id
  LEFT JOIN channels_channel t ON t.id = p.parent_id
  JOIN channels_welcomekit w ON w.id = COALESCE(c.welcome_kit_id, p.welcome_kit_id, t.welcome_kit_id)
 WHERE c.id = %(channel)s AND w.active IS TRUE
"""
ONCE = """
INSERT INTO channels_welcome (member_id, kit_id, channel_id, cost_fen, welcomed_at)
VALUES (%(member)s, %(kit)s, %(channel)s, 0, %(at)s) ON CONFLICT (member_id, kit_id) DO NOTHING RETURNING id
"""
COST = "UPDATE channels_welcome SET cost_fen = %(cost)s WHERE id = %(id)s"
GIFT_COST = "UPDATE channels_attribution SET gift_fen = %(cost)s WHERE member_id = %(member)s"


@part
def on_joined(joined: Joined) -> None:
    """Note the step and give the kit of the first touch's channel, or, if it has none, of a last touch in 7 days."""
    params: dict[str, Any] = {"member": joined.member_id, "day": clock.business_date(joined.at)}
    row = sql.fetch_one(
        STEP_JOINED, params, first_channel_id="uuid", last_channel_id="uuid", first_scan_at="datetime",
        last_scan_at="datetime",
    )  # fmt: skip
    if row is None:
        return
    touches = [(row["first_channel_id"], row["first_scan_at"])]
    if touch.converting_touch(row["last_scan_at"], at=joined.at) == "last":
        touches.append((row["last_channel_id"], row["last_scan_at"]))
    for channel_id, touched_at in touches:
        if kit := _kit_due(channel_id, touched_at):
            cost = welcome(
                member_id=joined.member_id, kit_id=kit["kit_id"], specs=kit["rewards"], channel_id=channel_id,
                at=joined.at,
            )  # fmt: skip
            sql.execute(GIFT_COST, {"cost": cost, "member": joined.member_id})
            return


def _kit_due(channel_id: UUID, touched_at: datetime) -> sql.Row | None:
    row = sql.fetch_one(
        KIT, {"channel": channel_id}, kit_id="uuid", rewards="json", starts_at="datetime", ends_at="datetime"
    )
    due = row and touch.is_kit_due(row["state"], row["starts_at"], row["ends_at"], touched_at=touched_at)
    return row if due else None


@part
def welcome(*, member_id: int, kit_id: UUID, specs: list[Spec], channel_id: UUID, at: datetime) -> int:
    """Give the kit, once a person and kit; returns what it cost in fen, 0 when it was given before.

    A reward that can't be given now (its kind refuses) is left out with an error in the log: joining never fails for
    a gift.
    """
    params: dict[str, Any] = {"member": member_id, "kit": kit_id, "channel": channel_id, "at": at}
    row = sql.fetch_one(ONCE, params)
    if row is None:  # nothing inserted: this person has had this kit
        return 0
    cost = sum(_give(member_id, kit_id, place, spec, at) for place, spec in enumerate(specs))
    sql.execute(COST, {"id": row["id"], "cost": cost})
    publish(events.Welcomed(member_id=member_id, kit_id=str(kit_id), channel_id=str(channel_id)), occurred_at=at)
    return cost


def _give(member_id: int, kit_id: UUID, place: int, spec: Spec, at: datetime) -> int:
    source = Source(
        source=SOURCE, key=f"{kit_id}:{member_id}:{place}", label=f"welcome:{kit_id}", on=clock.business_date(at), at=at
    )
    try:
        with transaction.atomic():  # so that half a reward never stays
            reward_services.grant(member_id=member_id, spec=spec, source=source)
            return rewards.cost_fen(spec)
    except DomainError as refusal:
        log.error("welcome_reward_refused", kind=str(spec.get("kind")), code=refusal.code)  # noqa: TRY400
        return 0


@command
def save_kit(*, name: str, rewards_given: Any, active: bool = True, kit: WelcomeKit | None = None) -> WelcomeKit:
    """Make or change a kit; ``InvalidKit`` unless every reward can be read. Who has had it keeps it."""
    kit = kit or WelcomeKit()
    kit.name, kit.rewards, kit.active = name, ensure_rewards(rewards_given), active
    kit.save()
    return kit


def ensure_rewards(given: Any) -> list[Spec]:
    """``given`` as a kit's rewards in normal form; ``InvalidKit`` with the reason."""
    if not kits.is_list_of_rewards(given):
        raise errors.InvalidKit(reason=kits.MOST_REWARDS)
    try:
        return [rewards.parse(each) for each in given]
    except InvalidReward as refusal:
        raise errors.InvalidKit(reason=str(refusal)) from None
