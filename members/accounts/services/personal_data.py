"""What the accounts do with their own rows when members merge, ask for their data or leave."""

from typing import Any

from django.db.models import F

from core import clock
from core.commands import part
from members.accounts.models import Consent, Identity, Member


class AccountData:
    """The accounts' answer to ``contract.MemberData``; every act is a part."""

    tables: tuple[str, ...] = ("accounts_member", "accounts_identity", "accounts_consent")

    @staticmethod
    @part
    def merge(*, source_id: int, target_id: int) -> None:
        """The identities sign in to the target; the source keeps its row and consents, and its tokens die."""
        Identity.objects.filter(member_id=source_id).update(member_id=target_id)
        Member.objects.filter(pk=source_id).update(merged_into_id=target_id, token_version=F("token_version") + 1)

    @staticmethod
    def export(member_id: int) -> dict[str, Any]:
        """Profile, platforms and consents, without openids."""
        member = Member.objects.get(pk=member_id)
        return {
            "member_no": member.member_no,
            "nickname": member.nickname,
            "avatar_url": member.avatar_url,
            "birthday": member.birthday.isoformat() if member.birthday else None,
            "first_seen_at": clock.iso(member.first_seen_at),
            "joined_at": clock.iso(member.joined_at) if member.joined_at else None,
            "platforms": list(member.identities.order_by("id").values_list("platform", flat=True)),
            "consents": [
                {
                    "purpose": each.purpose,
                    "version": each.version,
                    "given": each.given,
                    "at": clock.iso(each.at),
                    "place": each.place,
                }
                for each in Consent.objects.filter(member_id=member_id).order_by("id")
            ],
        }

    @staticmethod
    @part
    def erase(member_id: int) -> None:
        """Name, picture, birthday and identities go, the tokens die; number, dates and consents stay as proof."""
        Identity.objects.filter(member_id=member_id).delete()
        Member.objects.filter(pk=member_id).update(
            nickname="", avatar_url="", birthday=None, token_version=F("token_version") + 1
        )
