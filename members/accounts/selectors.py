"""Reads of the accounts. Other slices put :data:`MEMBER_COLUMNS` into the one SELECT of a hot request."""

from typing import Any

from core import errors as core_errors
from core.api.auth import Caller
from members.accounts import errors
from members.accounts.models import Member

MEMBER_COLUMNS = """
m.token_version AS member_version, m.blocked_at AS member_blocked_at, m.merged_into_id AS member_merged_into,
m.joined_at AS member_joined_at, m.first_seen_at AS member_first_seen_at, m.birthday AS member_birthday,
m.is_test AS member_is_test
"""  # over ``accounts_member m``; a row with these columns goes to ensure_alive and ensure_joined


def ensure_alive(row: dict[str, Any] | None, caller: Caller) -> dict[str, Any]:
    """``row`` (with :data:`MEMBER_COLUMNS`) if the caller's token still holds.

    ``NotSignedIn`` for no row, an older token version or a merged account; ``Blocked`` for a closed one.
    """
    if row is None or row["member_version"] != caller.version or row["member_merged_into"] is not None:
        raise core_errors.NotSignedIn
    if row["member_blocked_at"] is not None:
        raise errors.Blocked
    return row


def ensure_joined(row: dict[str, Any]) -> None:
    """``NotJoined`` for a visitor; ``row`` has :data:`MEMBER_COLUMNS`."""
    if row["member_joined_at"] is None:
        raise errors.NotJoined


def get_member(caller: Caller) -> Member:
    """The caller's member or visitor; refuses like :func:`ensure_alive`. One query."""
    member = Member.objects.filter(pk=caller.member_id).first()
    if member is None or member.token_version != caller.version or member.merged_into_id is not None:
        raise core_errors.NotSignedIn
    if member.blocked_at is not None:
        raise errors.Blocked
    return member


def get_joined(caller: Caller) -> Member:
    """The caller's member; ``NotJoined`` for a visitor. One query."""
    member = get_member(caller)
    if not member.is_joined:
        raise errors.NotJoined
    return member
