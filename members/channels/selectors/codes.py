"""What a code leads to: its channel, its landing now, the kit that its channel gives. One statement."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import translation

from core import clock, sql
from members.channels import errors
from members.channels.rules import landing
from members.channels.rules.tree import Phase, phase
from members.rewards import selectors as rewards
from members.rewards.errors import InvalidReward

# The kit and the landing rule of the nearest level that has one: code, channel, the one above, the top.
RESOLVE = """
SELECT k.id AS code_id, k.code, b.id AS batch_id, c.id AS channel_id, c.type AS channel_type, c.state, c.starts_at,
       c.ends_at, w.id AS kit_id, w.rewards, r.target, r.path, r.params AS landing_params, r.title_zh, r.title_en,
       r.text_zh, r.text_en
  FROM channels_channelcode k
  JOIN channels_codebatch b ON b.id = k.batch_id
  JOIN channels_channel c ON c.id = b.channel_id
  LEFT JOIN channels_channel p ON p.id = c.parent_id
  LEFT JOIN channels_channel t ON t.id = p.parent_id
  LEFT JOIN channels_welcomekit w
    ON w.id = COALESCE(c.welcome_kit_id, p.welcome_kit_id, t.welcome_kit_id) AND w.active IS TRUE
  LEFT JOIN channels_landingrule r
    ON (r.code_id = k.id OR r.channel_id IN (c.id, p.id, t.id))
   AND (r.starts_at IS NULL OR r.starts_at <= %(now)s) AND (r.ends_at IS NULL OR r.ends_at > %(now)s)
 WHERE k.code = %(code)s
 ORDER BY CASE WHEN r.code_id = k.id THEN 0 WHEN r.channel_id = c.id THEN 1 WHEN r.channel_id = p.id THEN 2 ELSE 3 END,
          r.priority DESC, r.id DESC LIMIT 1
"""
_KINDS = {
    "batch_id": "uuid", "channel_id": "uuid", "kit_id": "uuid", "starts_at": "datetime", "ends_at": "datetime",
    "rewards": "json", "landing_params": "json",
}  # fmt: skip
GIFT_STATE = """
SELECT m.joined_at IS NOT NULL AS joined, EXISTS (
  SELECT 1 FROM channels_welcome w WHERE w.member_id = m.id AND w.kit_id = %(kit)s) AS received
  FROM accounts_member m WHERE m.id = %(member)s
"""


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a code leads now: a page of the mini-program with its parameters, or only our own page with its texts."""

    target: str
    path: str
    params: dict[str, str]
    titles: tuple[str, str]
    texts: tuple[str, str]

    @property
    def title(self) -> str:
        """The heading in the active language, or in the one that there is."""
        return _spoken(self.titles)

    @property
    def text(self) -> str:
        """The text in the active language, or in the one that there is."""
        return _spoken(self.texts)


FALLBACK = Landing("mini_program", landing.FALLBACK_PATH, {}, ("", ""), ("", ""))


@dataclass(frozen=True, slots=True)
class Resolved:
    """A code that is in use, and what it leads to now."""

    code: str
    code_id: int
    batch_id: UUID
    channel_id: UUID
    channel_type: str
    starts_at: datetime | None
    phase: Phase
    kit_id: UUID | None
    rewards: list[dict[str, Any]]
    landing: Landing

    def ensure_open(self) -> "Resolved":
        """Itself; ``CodeNotStarted`` or ``CodeEnded`` outside the channel's time."""
        if self.phase is Phase.NOT_STARTED and self.starts_at is not None:
            raise errors.CodeNotStarted(on=clock.business_date(self.starts_at).isoformat())
        if self.phase is not Phase.OPEN:
            raise errors.CodeEnded
        return self

    def gift(self) -> list[str]:
        """What the kit holds, in the active language; empty without one. A reward nobody can read is left out."""
        return [text for each in self.rewards if (text := _described(each))]


def get_code(code: str) -> Resolved:
    """What ``code`` (in normal form) leads to; ``CodeUnknown`` also for a draft's. One statement."""
    now = clock.now()
    row = sql.fetch_one(RESOLVE, {"code": code, "now": now}, **_KINDS)
    if row is None:
        raise errors.CodeUnknown
    where = phase(row["state"], row["starts_at"], row["ends_at"], now=now)
    if where is Phase.HIDDEN:
        raise errors.CodeUnknown
    return Resolved(
        code=row["code"], code_id=row["code_id"], batch_id=row["batch_id"], channel_id=row["channel_id"],
        channel_type=row["channel_type"], starts_at=row["starts_at"], phase=where, kit_id=row["kit_id"],
        rewards=row["rewards"] or [], landing=_landing(row) if row["target"] else FALLBACK,
    )  # fmt: skip


def get_gift_state(kit_id: UUID, member_id: int) -> str:
    """``available`` to somebody who has not joined, ``received``, or ``missed`` by a member who has not got it."""
    row = sql.fetch_one(GIFT_STATE, {"kit": kit_id, "member": member_id})
    if row is None or not row["joined"]:
        return "available"
    return "received" if row["received"] else "missed"


def _landing(row: sql.Row) -> Landing:
    return Landing(
        row["target"],
        row["path"] or landing.FALLBACK_PATH,
        row["landing_params"] or {},
        (row["title_zh"], row["title_en"]),
        (row["text_zh"], row["text_en"]),
    )


def _spoken(texts: tuple[str, str]) -> str:
    zh, en = texts
    return en or zh if (translation.get_language() or "").startswith("en") else zh or en


def _described(spec: dict[str, Any]) -> str:
    try:
        return rewards.describe(spec)
    except InvalidReward:  # its kind has gone; the reconciliation check names the kit
        return ""
