"""Signing in and out. Whoever comes for the first time becomes a visitor, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import clock, ids, sql
from core import errors as core_errors
from core.api import auth
from core.api.auth import Caller
from core.commands import command, in_transaction, part
from core.events import publish
from members.accounts import contract, errors, events, selectors
from members.accounts.models import Member
from platforms.protocols import LoginProvider, LoginRefused, PlatformDown, PlatformIdentity, login_providers

FIND_MEMBER = """
SELECT COALESCE(m.merged_into_id, m.id) AS member_id
  FROM accounts_identity i JOIN accounts_member m ON m.id = i.member_id
 WHERE i.platform = %(platform)s AND i.app_id = %(app_id)s AND i.openid = %(openid)s
"""
INSERT_VISITOR = """
INSERT INTO accounts_member (public_id, nickname, avatar_url, token_version, blocked_reason, is_test, first_seen_at,
                             last_seen_on)
VALUES (%(public_id)s, '', '', 1, '', FALSE, %(at)s, %(on)s)
RETURNING id
"""
CLAIM_IDENTITY = """
INSERT INTO accounts_identity (member_id, platform, app_id, openid, unionid)
VALUES (%(member_id)s, %(platform)s, %(app_id)s, %(openid)s, %(unionid)s)
ON CONFLICT DO NOTHING RETURNING id
"""
DROP_VISITOR = "DELETE FROM accounts_member WHERE id = %(id)s"
MARK_SEEN = "UPDATE accounts_member SET last_seen_on = %(on)s WHERE id = %(id)s AND last_seen_on < %(on)s"
END_TOKENS = """
UPDATE accounts_member SET token_version = token_version + 1
 WHERE id = %(id)s AND token_version = %(version)s RETURNING id
"""


@dataclass(frozen=True)
class SignInResult:
    """A fresh token, when it ends, whose it is, and whether the person was never seen before."""

    token: str
    expires_at: datetime
    member: Member
    is_new: bool


def sign_in(*, platform: str, app_id: str, code: str, launch: Mapping[str, Any]) -> SignInResult:
    """Exchange ``code`` with the platform, then admit the person; ``launch`` holds the client's claims.

    The exchange is an outside call and so comes before the transaction. Refusals: ``UnknownPlatform``, ``UnknownApp``,
    ``LoginCodeRefused``, ``PlatformUnavailable``, ``Blocked``.
    """
    if in_transaction():
        raise RuntimeError("sign_in calls the platform and must not run inside a transaction")
    identity = _exchange(platform, app_id, code)
    member, is_new = _admit(identity, launch)
    token, expires_at = auth.seal(member.pk, member.token_version)
    return SignInResult(token, expires_at, member, is_new)


def _exchange(platform: str, app_id: str, code: str) -> PlatformIdentity:
    if platform not in login_providers:
        raise errors.UnknownPlatform
    provider = login_providers.get(platform)
    try:
        return provider.exchange(_app_of(provider, app_id), code)
    except LoginRefused:
        raise errors.LoginCodeRefused from None
    except PlatformDown:
        raise errors.PlatformUnavailable from None


def _app_of(provider: LoginProvider, app_id: str) -> str:
    """``app_id`` if it is configured; left out, the only one there is."""
    known = provider.app_ids()
    if not app_id and len(known) == 1:
        return known[0]
    if app_id not in known:
        raise errors.UnknownApp
    return app_id


@command
def _admit(identity: PlatformIdentity, launch: Mapping[str, Any]) -> tuple[Member, bool]:
    return admit(identity=identity, launch=launch, at=clock.now())


@part
def admit(*, identity: PlatformIdentity, launch: Mapping[str, Any], at: datetime) -> tuple[Member, bool]:
    """The member or visitor behind ``identity``, made at first sight, and whether that was now; ``Blocked``."""
    member_id, is_new = _find_or_make(identity, at)
    member = Member.objects.get(pk=member_id)
    if member.blocked_at is not None:
        raise errors.Blocked
    if not is_new:
        sql.execute(MARK_SEEN, {"id": member_id, "on": clock.business_date(at)})
    for act in contract.signed_in.values():
        act(contract.SignedIn(member_id, is_new, dict(launch), at))
    if is_new:
        publish(events.FirstSeen(member_id=member_id, platform=identity.platform), occurred_at=at)
    publish(
        events.SignedIn(
            member_id=member_id,
            sign_in_id=str(ids.uuid7()),
            platform=identity.platform,
            is_first=is_new,
            is_test=member.is_test,
        ),
        occurred_at=at,
    )
    return member, is_new


def _find_or_make(identity: PlatformIdentity, at: datetime) -> tuple[int, bool]:
    key = {"platform": identity.platform, "app_id": identity.app_id, "openid": identity.openid}
    if found := sql.fetch_one(FIND_MEMBER, key):
        return int(found["member_id"]), False
    made = sql.fetch_all(
        INSERT_VISITOR, {"public_id": ids.uuid7(), "at": at, "on": clock.business_date(at)}
    )[0]["id"]  # fmt: skip
    if sql.fetch_one(CLAIM_IDENTITY, {**key, "member_id": made, "unionid": identity.unionid}):
        return int(made), True
    # nothing inserted: another sign-in of this person got there first, so our visitor goes again
    sql.execute(DROP_VISITOR, {"id": made})
    return int(sql.fetch_all(FIND_MEMBER, key)[0]["member_id"]), False


@command
def sign_out_everywhere(*, caller: Caller) -> None:
    """End every token of the caller, this one included."""
    selectors.get_member(caller)
    if not sql.fetch_one(END_TOKENS, {"id": caller.member_id, "version": caller.version}):
        raise core_errors.NotSignedIn  # nothing updated: another request ended them first
