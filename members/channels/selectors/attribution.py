"""Which channel a conversion belongs to."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from members.channels.models import Attribution
from members.channels.rules.touch import converting_touch


@dataclass(frozen=True, slots=True)
class Credit:
    """The channel and code that a conversion is credited to, and by which touch: ``first`` or ``last``."""

    channel_id: UUID
    code_id: int
    touch: str


def get_credit(member_id: int, *, at: datetime) -> Credit | None:
    """Who brought ``member_id`` to a conversion ``at``: the last touch within seven days, else the first. One query."""
    found = Attribution.objects.filter(member_id=member_id).first()
    if found is None:
        return None
    if converting_touch(found.last_scan_at, at=at) == "last":
        return Credit(found.last_channel_id, found.last_code_id, "last")
    return Credit(found.first_channel_id, found.first_code_id, "first")
