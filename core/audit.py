"""The audit trail: who did what, and why."""

from typing import Any

from core import clock
from core.models import AuditEntry, StaffUser


def record(
    *, actor: StaffUser | None, action: str, subject: str, reason: str = "", detail: dict[str, Any] | None = None
) -> AuditEntry:
    """Add an entry in the caller's transaction. ``action`` is ``<slice>.<verb>``, ``subject`` ``<kind>:<id>``."""
    return AuditEntry.objects.create(
        actor=actor, action=action, subject=subject, reason=reason[:200], detail=detail or {}, at=clock.now()
    )


def trail(subject: str, *, limit: int = 50) -> list[AuditEntry]:
    """The newest entries about ``subject``."""
    return list(AuditEntry.objects.filter(subject=subject).select_related("actor").order_by("-id")[:limit])
