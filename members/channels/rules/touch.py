"""Attribution: which touch counts for what, and when a welcome kit is due."""

from datetime import datetime, timedelta

from members.channels.rules.tree import Phase, phase

LAST_TOUCH = timedelta(days=7)


def converting_touch(last_scan_at: datetime, *, at: datetime) -> str:
    """``last`` if the last touch was at most seven days before a conversion ``at``, else ``first``."""
    return "last" if timedelta() <= at - last_scan_at <= LAST_TOUCH else "first"


def is_kit_due(state: str, starts_at: datetime | None, ends_at: datetime | None, *, touched_at: datetime) -> bool:
    """Whether a channel's kit is given to whoever it touched at ``touched_at`` and who joins now.

    What was promised while the channel ran is kept after its end; a channel that staff have paused or closed gives
    nothing more.
    """
    return phase(state, starts_at, ends_at, now=touched_at) is Phase.OPEN
