"""What staff do to an account, with a reason: close it, reopen it, end its sessions."""

from core import audit, clock, sql
from core.commands import command
from core.models import StaffUser
from members.accounts import errors
from members.accounts.models import Member

BLOCK = """
UPDATE accounts_member SET blocked_at = %(now)s, blocked_reason = %(reason)s
 WHERE id = %(id)s AND blocked_at IS NULL RETURNING id
"""
UNBLOCK = """
UPDATE accounts_member SET blocked_at = NULL, blocked_reason = ''
 WHERE id = %(id)s AND blocked_at IS NOT NULL RETURNING id
"""

END_SESSIONS = "UPDATE accounts_member SET token_version = token_version + 1 WHERE id = %(id)s RETURNING id"


@command
def block(*, member: Member, actor: StaffUser, reason: str) -> bool:
    """Close the account: its tokens are refused from now on. ``False`` if it was closed already."""
    return _switch(BLOCK, "accounts.block", member, actor, reason)


@command
def unblock(*, member: Member, actor: StaffUser, reason: str) -> bool:
    """Open the account again; tokens from before hold again. ``False`` if it was open."""
    return _switch(UNBLOCK, "accounts.unblock", member, actor, reason)


@command
def end_sessions(*, member: Member, actor: StaffUser, reason: str) -> bool:
    """End every token of the member, such as after a lost phone."""
    return _switch(END_SESSIONS, "accounts.end_sessions", member, actor, reason)


def _switch(statement: str, action: str, member: Member, actor: StaffUser, reason: str) -> bool:
    reason = reason.strip()[:200]
    if not reason:
        raise errors.ReasonRequired
    if not sql.fetch_one(statement, {"id": member.pk, "now": clock.now(), "reason": reason}):
        return False  # nothing updated: it is so already
    audit.record(actor=actor, action=action, subject=f"member:{member.pk}", reason=reason)
    member.refresh_from_db()
    return True
