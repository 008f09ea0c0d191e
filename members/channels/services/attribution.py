"""Joining scans to persons: the first touch for ever, the last one for conversions."""

import uuid
from datetime import UTC, datetime
from typing import Any

from core import clock, sql
from core.commands import part
from core.events import publish
from members.accounts.contract import SignedIn
from members.channels import errors, events
from members.channels.rules import codes
from members.channels.services.recording import ScanClaim, insert, natural_scan_id
from members.stores.selectors import IS_INSIDER

# A scan gets its person once; who signs in later with the same scan id gets a scan of their own.
ATTACH = f"""
UPDATE channels_scan SET member_id = m.id, is_test = m.is_test, is_staff = {IS_INSIDER.format(member="m.id")},
       pending = TRUE
  FROM accounts_member m
 WHERE channels_scan.scan_id = %(scan_id)s AND channels_scan.member_id IS NULL AND m.id = %(member)s
   AND m.blocked_at IS NULL AND m.merged_into_id IS NULL AND m.token_version = COALESCE(%(version)s, m.token_version)
RETURNING channels_scan.id
"""  # noqa: S608 - a fragment of our own
TOUCHED = """
SELECT s.code_id, s.batch_id, b.channel_id, s.scanned_at, s.is_test, s.is_staff, m.joined_at
  FROM channels_scan s JOIN channels_codebatch b ON b.id = s.batch_id JOIN accounts_member m ON m.id = s.member_id
 WHERE s.scan_id = %(scan_id)s AND s.member_id = %(member)s
"""
# The first touch is written once; a later scan moves only the last one, and only forward.
TOUCH = """
INSERT INTO channels_attribution (member_id, first_channel_id, first_code_id, first_batch_id, first_scan_at,
            last_channel_id, last_code_id, last_scan_at, is_acquired, signed_in_on, gift_fen, is_excluded, counted,
            pending)
VALUES (%(member)s, %(channel)s, %(code)s, %(batch)s, %(scanned_at)s, %(channel)s, %(code)s, %(scanned_at)s,
        %(acquired)s, %(day)s, 0, %(excluded)s, 0, TRUE)
ON CONFLICT (member_id) DO UPDATE SET last_channel_id = excluded.last_channel_id, last_code_id = excluded.last_code_id,
            last_scan_at = excluded.last_scan_at
      WHERE channels_attribution.last_scan_at < excluded.last_scan_at
"""
OWNER = "SELECT member_id FROM channels_scan WHERE scan_id = %(scan_id)s"


@part
def attach(*, scan_id: uuid.UUID, member_id: int, at: datetime, version: int | None = None) -> bool:
    """Join the anonymous scan to its person; ``False`` when there is none, or it has a person already.

    ``version`` is that of the caller's token, where a token is all that we know of the caller.
    """
    if sql.fetch_one(ATTACH, {"scan_id": scan_id, "member": member_id, "version": version}) is None:
        return False
    touch(scan_id=scan_id, member_id=member_id, at=at)
    return True


@part
def touch(*, scan_id: uuid.UUID, member_id: int, at: datetime) -> None:
    """Note what the scan, which is this person's, means for the attribution, and say so. Three statements."""
    params: dict[str, Any] = {"scan_id": scan_id, "member": member_id}
    scan = sql.fetch_all(TOUCHED, params, channel_id="uuid", batch_id="uuid", scanned_at="datetime")[0]
    params |= {
        "channel": scan["channel_id"], "code": scan["code_id"], "batch": scan["batch_id"],
        "scanned_at": scan["scanned_at"], "acquired": scan["joined_at"] is None, "day": clock.business_date(at),
        "excluded": bool(scan["is_test"] or scan["is_staff"]),
    }  # fmt: skip
    sql.execute(TOUCH, params)
    publish(
        events.Scanned(
            member_id=member_id, scan_id=str(scan_id), channel_id=str(scan["channel_id"]),
            batch_id=str(scan["batch_id"]), is_test=bool(scan["is_test"]),
        ),
        occurred_at=at,
    )  # fmt: skip


@part
def on_signed_in(signed: SignedIn) -> None:
    """Join the launch's scan to whoever signed in; a launch without a code of ours changes nothing.

    The launch is the client's claim: a mistyped or unknown code must not stand in the way of signing in.
    """
    code, scan_id = _code_of(signed.launch), _scan_id_of(signed.launch)
    if scan_id is not None:
        if attach(scan_id=scan_id, member_id=signed.member_id, at=signed.at):
            return
        owner = sql.fetch_one(OWNER, {"scan_id": scan_id})
        if owner is not None:
            if owner["member_id"] == signed.member_id:
                return  # a repeated sign-in
            scan_id = None  # somebody else's scan: this person's own is made from the code
    if code is not None:
        _record(signed, code, scan_id)


def _record(signed: SignedIn, code: str, scan_id: uuid.UUID | None) -> None:
    """A scan that the client tells of only now."""
    scanned = signed.launch.get("scancode_time")
    mark = str(scanned or clock.business_date(signed.at))
    claim = ScanClaim(
        scan_id=scan_id or natural_scan_id(signed.member_id, code, mark),
        code=code,
        claimed_at=datetime.fromtimestamp(int(scanned), UTC) if scanned else None,
        scene=signed.launch.get("launch_scene"),
        via="sign_in",
    )
    if insert(claim, at=signed.at, caller=None) is not None:
        attach(scan_id=claim.scan_id, member_id=signed.member_id, at=signed.at)


def _code_of(launch: dict[str, Any]) -> str | None:
    try:
        return codes.read(str(launch.get("channel_code") or ""))
    except errors.CodeMistyped:
        return None


def _scan_id_of(launch: dict[str, Any]) -> uuid.UUID | None:
    return uuid.UUID(str(launch["scan_id"])) if launch.get("scan_id") else None
