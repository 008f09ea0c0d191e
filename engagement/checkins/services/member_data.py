"""What merge, export and erasure of a member mean for check-ins."""

from typing import Any

from core import clock, sql
from core.commands import part
from engagement.checkins import selectors
from engagement.checkins.models import CheckIn, CheckInStanding
from engagement.checkins.services import cards

# Both checked in on one day: the survivor's row stays, the other keeps its own, and nothing is paid.
MOVE_ROWS = """
UPDATE checkins_checkin SET member_id = %(target)s
 WHERE member_id = %(source)s AND NOT EXISTS (
   SELECT 1 FROM checkins_checkin o WHERE o.member_id = %(target)s
      AND o.campaign_id = checkins_checkin.campaign_id AND o.checked_on = checkins_checkin.checked_on)
"""
MOVE_FIRST = """
UPDATE checkins_firstcheckin SET member_id = %(target)s
 WHERE member_id = %(source)s
   AND NOT EXISTS (SELECT 1 FROM checkins_firstcheckin o WHERE o.member_id = %(target)s)
"""
FORGET_WISH = "UPDATE checkins_checkinstanding SET reminder = FALSE WHERE member_id = %(member)s"


class CheckInData:
    """Answers for the tables of this slice."""

    tables: tuple[str, ...] = (
        "checkins_checkin", "checkins_checkinstanding", "checkins_firstcheckin", "checkins_makeupcard",
        "checkins_makeupcardentry",
    )  # fmt: skip

    def merge(self, *, source_id: int, target_id: int) -> None:
        """A part: days move where the survivor has none; cards close here and open there by a pair of entries."""
        merge(source_id=source_id, target_id=target_id)

    def export(self, member_id: int) -> dict[str, Any]:
        """Every day and standing of the member."""
        days = CheckIn.objects.filter(member_id=member_id).select_related("campaign").order_by("checked_on")
        return {
            "check_ins": [
                {"campaign": row.campaign.name, "checked_on": row.checked_on.isoformat(), "kind": row.kind,
                 "streak": row.streak, "points": row.points, "at": clock.iso(row.at)}
                for row in days
            ],
            "make_up_cards": selectors.get_cards(member_id),
        }  # fmt: skip

    def erase(self, member_id: int) -> None:
        """A part: no more reminders; the days hold no personal data and stay under the pseudonym."""
        sql.execute(FORGET_WISH, {"member": member_id})


@part
def merge(*, source_id: int, target_id: int) -> None:
    """Give the survivor the days of the other account, and count its standings anew from the rows."""
    both = {"source": source_id, "target": target_id}
    campaigns = CheckInStanding.objects.filter(member_id=source_id).values_list("campaign_id", "reminder")
    wishes = dict(campaigns)
    sql.execute(MOVE_ROWS, both)
    sql.execute(MOVE_FIRST, both)
    CheckInStanding.objects.filter(member_id=source_id).delete()
    for campaign_id, wish in wishes.items():
        standing = selectors.recompute(target_id, campaign_id)
        found, _made = CheckInStanding.objects.get_or_create(
            member_id=target_id, campaign_id=campaign_id, defaults={"reminder": wish}
        )
        CheckInStanding.objects.filter(pk=found.pk).update(**vars(standing))
    _move_cards(source_id, target_id)


def _move_cards(source_id: int, target_id: int) -> None:
    now, key = clock.now(), f"{source_id}:{target_id}"
    held = selectors.get_cards(source_id)
    moved = cards.take_up_to(source_id, held, source_kind="accounts.merge", source_key=key, at=now)
    if moved:
        cards.give(target_id, moved, source_kind="accounts.merge", source_key=key, at=now)
