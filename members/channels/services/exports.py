"""Notes of what left the admin as a file."""

from typing import Any

from core import audit
from core.commands import command
from core.models import StaffUser


@command
def note(*, actor: StaffUser, what: str, detail: dict[str, Any]) -> None:
    """Write into the audit trail that ``actor`` downloaded ``what``."""
    audit.record(actor=actor, action="channels.export", subject=f"export:{what}", detail=detail)
