"""Writing a scan: one guarded statement, once a ``scan_id``."""

import hashlib
import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from core import clock, ids, sql
from core.api.auth import Caller
from members.channels.rules import codes
from members.stores.selectors import IS_INSIDER

# One statement finds the code, the person (only while the token still holds) and the flags, and writes the scan.
RECORD = f"""
INSERT INTO channels_scan (scan_id, code_id, batch_id, member_id, via, scanned_at, scanned_on, claimed_at, scene,
                           device, address, is_test, is_staff, counted, pending)
SELECT %(scan_id)s, k.id, k.batch_id, m.id, %(via)s, %(at)s, %(day)s, %(claimed_at)s, %(scene)s, %(device)s,
       %(address)s, COALESCE(m.is_test, FALSE), {IS_INSIDER.format(member="m.id")}, 0, TRUE
  FROM channels_channelcode k
  JOIN channels_codebatch b ON b.id = k.batch_id
  JOIN channels_channel c ON c.id = b.channel_id
  LEFT JOIN accounts_member m ON m.id = %(member)s AND m.token_version = %(version)s AND m.blocked_at IS NULL
                             AND m.merged_into_id IS NULL
 WHERE k.code = %(code)s AND c.state <> 'draft'
    ON CONFLICT (scan_id) DO NOTHING RETURNING id, member_id
"""  # noqa: S608 - a fragment of our own
# The same for nobody in particular: most scans are made before signing in.
RECORD_ANONYMOUS = """
INSERT INTO channels_scan (scan_id, code_id, batch_id, via, scanned_at, scanned_on, claimed_at, scene, device, address,
                           is_test, is_staff, counted, pending)
SELECT %(scan_id)s, k.id, k.batch_id, %(via)s, %(at)s, %(day)s, %(claimed_at)s, %(scene)s, %(device)s, %(address)s,
       FALSE, FALSE, 0, TRUE
  FROM channels_channelcode k
  JOIN channels_codebatch b ON b.id = k.batch_id
  JOIN channels_channel c ON c.id = b.channel_id
 WHERE k.code = %(code)s AND c.state <> 'draft'
    ON CONFLICT (scan_id) DO NOTHING RETURNING id, member_id
"""


@dataclass(frozen=True, kw_only=True)
class ScanClaim:
    """A scan as a client reports it: the id and the code are checked, time and scene are only its claims.

    ``code`` is read as people type it; ``CodeMistyped`` when it can't be one.
    """

    scan_id: uuid.UUID
    code: str
    claimed_at: datetime | None = None
    scene: int | None = None
    device: str = ""
    address: str = ""
    via: str = "app"

    def __post_init__(self) -> None:
        object.__setattr__(self, "code", codes.read(self.code))


def device_hash(device: str) -> str:
    """A device mark as we keep it: a keyed hash, so that the table names no device; empty stays empty."""
    if not device:
        return ""
    return hmac.new(settings.SECRET_KEY.encode(), f"scan device:{device}".encode(), hashlib.sha256).hexdigest()[:32]


def insert(claim: ScanClaim, *, at: datetime, caller: Caller | None) -> sql.Row | None:
    """Write the scan; ``None`` if there is one with this id or no such code in use."""
    params: dict[str, Any] = {
        "scan_id": claim.scan_id, "code": claim.code, "via": claim.via, "at": at, "day": clock.business_date(at),
        "claimed_at": claim.claimed_at, "scene": claim.scene, "device": device_hash(claim.device),
        "address": claim.address or None,
    }  # fmt: skip
    if caller is None:
        return sql.fetch_one(RECORD_ANONYMOUS, params)
    return sql.fetch_one(RECORD, params | {"member": caller.member_id, "version": caller.version})


def natural_scan_id(member_id: int, code: str, mark: str) -> uuid.UUID:
    """The id of a scan that a client told of only at sign-in, without an id: a retry makes the same."""
    return ids.event_uuid("channels.scan_at_sign_in", f"{member_id}:{code}:{mark}")
