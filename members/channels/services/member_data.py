"""What the channels do when accounts merge, when a member asks for the data, and when one leaves."""

from typing import Any

from core import clock, sql
from core.commands import part
from members.channels.models import Attribution, Scan, Scanner, Welcome

# The survivor keeps the earlier first touch: one person was brought once. Without an own one it gets the source's.
TAKE_OVER = """
UPDATE channels_attribution SET member_id = %(target)s, pending = TRUE
 WHERE member_id = %(source)s AND NOT EXISTS (
   SELECT 1 FROM channels_attribution t WHERE t.member_id = %(target)s)
"""
RETIRE = "UPDATE channels_attribution SET is_excluded = TRUE, pending = TRUE WHERE member_id = %(source)s"
MOVE_SCANS = "UPDATE channels_scan SET member_id = %(target)s, pending = TRUE WHERE member_id = %(source)s"
MOVE_DEVICES = "UPDATE channels_scanner SET member_id = %(target)s WHERE member_id = %(source)s"
ANONYMISE = """
UPDATE channels_scan SET address = NULL, device = '', claimed_at = NULL WHERE member_id = %(member)s
"""


class ChannelData:
    """The channels' answer to ``accounts.contract.MemberData``; every act is a part."""

    tables: tuple[str, ...] = ("channels_scan", "channels_scanner", "channels_attribution", "channels_welcome")

    @staticmethod
    @part
    def merge(*, source_id: int, target_id: int) -> None:
        """Scans move to the survivor; two attributions become one; welcomes stay with whom they were given to."""
        params = {"source": source_id, "target": target_id}
        sql.execute(MOVE_SCANS, params)
        sql.execute(MOVE_DEVICES, params)
        if not sql.execute(TAKE_OVER, params):
            sql.execute(RETIRE, params)

    @staticmethod
    def export(member_id: int) -> dict[str, Any]:
        """Where the member came from, every scan, every kit."""
        attribution = Attribution.objects.filter(member_id=member_id).select_related("first_code", "last_code").first()
        return {
            "first_code": attribution.first_code.code if attribution else None,
            "last_code": attribution.last_code.code if attribution else None,
            "scans": [
                {"code": code, "scanned_at": clock.iso(at)}
                for code, at in Scan.objects.filter(member_id=member_id)
                .order_by("id")
                .values_list("code__code", "scanned_at")
            ],
            "welcome_kits": [
                {"kit": name, "given_at": clock.iso(at)}
                for name, at in Welcome.objects.filter(member_id=member_id)
                .order_by("id")
                .values_list("kit__name", "welcomed_at")
            ],
        }

    @staticmethod
    @part
    def erase(member_id: int) -> None:
        """Device, address and claimed time go; that a code was scanned stays, under the pseudonym, for the sums."""
        sql.execute(ANONYMISE, {"member": member_id})
        Scanner.objects.filter(member_id=member_id, mark__startswith="d:").update(member_id=None)


@part
def flag_insider(member_id: int, is_insider: bool) -> None:  # noqa: FBT001 - the shape of stores.contract
    """Leave an insider's scans and steps out of the sums, or take them in again."""
    Scan.objects.filter(member_id=member_id).exclude(is_staff=is_insider).update(is_staff=is_insider, pending=True)
    Attribution.objects.filter(member_id=member_id).exclude(is_excluded=is_insider).update(
        is_excluded=is_insider, pending=True
    )
