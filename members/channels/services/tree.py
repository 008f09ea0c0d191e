"""Acts of staff on the tree: channels, their state, where codes lead, what channels cost."""

from datetime import datetime
from typing import Any

from core import audit, clock, ids
from core.commands import command
from core.models import StaffUser
from members.channels.models import Channel, ChannelCode, LandingRule
from members.channels.rules import landing, tree


@command
def save_channel(*, channel: Channel, actor: StaffUser | None = None) -> Channel:
    """Make or change ``channel``; ``InvalidParent`` and ``InvalidWindow`` refuse what the tree can't hold."""
    tree.ensure_below(channel.kind, channel.parent.kind if channel.parent else None)
    tree.ensure_window(channel.starts_at, channel.ends_at)
    is_new = channel.pk is None
    if is_new:
        channel.pk, channel.created_at = ids.uuid7(), clock.now()
    channel.save(force_insert=is_new)
    audit.record(actor=actor, action="channels.save", subject=f"channel:{channel.pk}", detail={"state": channel.state})
    return channel


@command
def set_landing(
    *, channel: Channel | None = None, code: ChannelCode | None = None, path: str = "",
    params: dict[str, Any] | None = None, texts: dict[str, str] | None = None, starts_at: datetime | None = None,
    ends_at: datetime | None = None, priority: int = 0, actor: StaffUser | None = None,
) -> LandingRule:  # fmt: skip
    """Lead a code, or all codes of a channel, to a page of the mini-program; without ``path`` to our own page only.

    It holds from ``starts_at`` to ``ends_at``; outside it the next rule, or the fallback, holds. Printed codes follow.
    ``InvalidTarget`` for anything but a page of the mini-program, ``InvalidWindow`` for an end before the start.
    """
    rule = place_landing(
        channel=channel, code=code, path=path, params=params, texts=texts, starts_at=starts_at, ends_at=ends_at,
        priority=priority,
    )  # fmt: skip
    subject = f"channel:{channel.pk}" if channel else f"channel_code:{code.pk if code else ''}"
    audit.record(actor=actor, action="channels.set_landing", subject=subject, detail={"path": path})
    return rule


def place_landing(
    *, channel: Channel | None = None, code: ChannelCode | None = None, path: str = "",
    params: dict[str, Any] | None = None, texts: dict[str, str] | None = None, starts_at: datetime | None = None,
    ends_at: datetime | None = None, priority: int = 0,
) -> LandingRule:  # fmt: skip
    """The row of a landing, checked. Called inside a command."""
    tree.ensure_window(starts_at, ends_at)
    if path:
        landing.ensure_target(path, params or {})
    return LandingRule.objects.create(
        channel=channel, code=code, path=path, params=(params or {}) if path else {}, starts_at=starts_at,
        ends_at=ends_at, priority=priority,
        target=LandingRule.Target.MINI_PROGRAM if path else LandingRule.Target.PAGE, **(texts or {}),
    )  # fmt: skip
