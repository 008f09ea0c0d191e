"""The channel tree: what may stand below what, when a channel is open, and which kit applies."""

from datetime import datetime
from enum import StrEnum

from members.channels import errors

LONGEST_NAME = 40
MOST_CODES = 100_000  # of a batch: as many as one print job takes
RANKS = {"platform": 0, "campaign": 1, "store": 2, "batch": 2}
DEPTH = 3


class Phase(StrEnum):
    """How a channel stands towards a person who scans its code now."""

    HIDDEN = "hidden"
    NOT_STARTED = "not_started"
    OPEN = "open"
    ENDED = "ended"


def ensure_below(kind: str, parent_kind: str | None) -> None:
    """``InvalidParent`` unless a channel of ``kind`` may stand below one of ``parent_kind`` (``None``: at the top).

    Each level is below a higher one, so the tree is at most :data:`DEPTH` deep and has no circles.
    """
    if parent_kind is not None and RANKS[parent_kind] >= RANKS[kind]:
        raise errors.InvalidParent


def ensure_window(starts_at: datetime | None, ends_at: datetime | None) -> None:
    """``InvalidWindow`` for an end that is not after its start."""
    if starts_at and ends_at and ends_at <= starts_at:
        raise errors.InvalidWindow


def ensure_quantity(quantity: int) -> None:
    """``InvalidQuantity`` for a batch without codes or with more than :data:`MOST_CODES`."""
    if not 1 <= quantity <= MOST_CODES:
        raise errors.InvalidQuantity(most=f"{MOST_CODES:,}")


def phase(state: str, starts_at: datetime | None, ends_at: datetime | None, *, now: datetime) -> Phase:
    """Where a channel stands ``now``; a draft is hidden, a paused or closed one has ended for whoever scans."""
    if state == "draft":
        return Phase.HIDDEN
    if state != "active" or (ends_at is not None and now >= ends_at):
        return Phase.ENDED
    if starts_at is not None and now < starts_at:
        return Phase.NOT_STARTED
    return Phase.OPEN
