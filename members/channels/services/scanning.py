"""Recording scans: once a ``scan_id``, with or without a person; and forgetting where they came from."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core import clock, sql
from core.api.auth import Caller
from core.commands import command
from members.channels import errors
from members.channels.services import attribution
from members.channels.services.recording import ScanClaim, insert

KEEP_ADDRESS_DAYS = 90
BATCH = 5000
FIND = """
SELECT k.code, s.scanned_at FROM channels_scan s JOIN channels_channelcode k ON k.id = s.code_id
 WHERE s.scan_id = %(scan_id)s
"""
FORGET_ADDRESSES = """
UPDATE channels_scan SET address = NULL WHERE id IN (
  SELECT id FROM channels_scan WHERE scanned_on < %(before)s AND address IS NOT NULL LIMIT %(batch)s)
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of it: whether the scan is new, and the server's time of it."""

    is_new: bool
    scanned_at: datetime


def record_scan(*, claim: ScanClaim, caller: Caller | None = None) -> Recorded:
    """Record a scan once; a repeat with the same ``scan_id`` answers the first.

    With a token the scan is the caller's; a token that no longer holds makes it nobody's. ``CodeUnknown`` for a code
    that isn't in use, ``ScanReused`` for a ``scan_id`` of another code. An anonymous scan is one statement and so needs
    no transaction around it: BEGIN and COMMIT would be two of its three round trips.
    """
    if caller is not None:
        return _record_for(claim, caller)
    at = clock.now()
    if insert(claim, at=at, caller=None) is None:
        return _found(claim)
    return Recorded(is_new=True, scanned_at=at)


@command
def _record_for(claim: ScanClaim, caller: Caller) -> Recorded:
    at = clock.now()
    row = insert(claim, at=at, caller=caller)
    if row is None:
        found = _found(claim)
        attribution.attach(scan_id=claim.scan_id, member_id=caller.member_id, version=caller.version, at=at)
        return found
    if row["member_id"] is not None:
        attribution.touch(scan_id=claim.scan_id, member_id=row["member_id"], at=at)
    return Recorded(is_new=True, scanned_at=at)


def _found(claim: ScanClaim) -> Recorded:
    """Nothing inserted: the scan is there already, or the code isn't in use."""
    found = sql.fetch_one(FIND, {"scan_id": claim.scan_id}, scanned_at="datetime")
    if found is None:
        raise errors.CodeUnknown
    if found["code"] != claim.code:
        raise errors.ScanReused
    return Recorded(is_new=False, scanned_at=found["scanned_at"])


def forget_addresses() -> int:
    """Forget the addresses of scans older than 90 days, in batches; returns of how many scans."""
    before, total = clock.today() - timedelta(days=KEEP_ADDRESS_DAYS), 0
    while done := _forget_batch(before):
        total += done
    return total


@command
def _forget_batch(before: date) -> int:
    return sql.execute(FORGET_ADDRESSES, {"before": before, "batch": BATCH})
