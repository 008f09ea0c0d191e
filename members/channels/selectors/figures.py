"""What the dashboard and a member's card show of the channels."""

from datetime import date, datetime, timedelta

from django.db.models import Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import clock
from members.channels.models import Attribution, ChannelDay, Welcome


def scans_by_day(first: date, last: date) -> list[int]:
    """Scans on each day from ``first`` to ``last``, staff and tests left out. One query."""
    found = dict(
        ChannelDay.objects.filter(day__gte=first, day__lte=last)
        .values_list("day")
        .annotate(total=Sum("scans"))
        .order_by()
    )
    return [int(found.get(first + timedelta(days=n)) or 0) for n in range((last - first).days + 1)]


def card_lines(member_id: int) -> list[tuple[str | Promise, str]]:
    """The member's card: first and last touch, and the kits. Two queries."""
    found = Attribution.objects.filter(member_id=member_id).select_related("first_channel", "last_channel").first()
    if found is None:
        return [(_("First touch"), "–")]
    welcomes = Welcome.objects.filter(member_id=member_id).select_related("kit").order_by("id")
    return [
        (_("First touch"), f"{found.first_channel} · {_day(found.first_scan_at)}"),
        (_("Last touch"), f"{found.last_channel} · {_day(found.last_scan_at)}"),
        *((_("Welcome kit"), f"{each.kit} · {_day(each.welcomed_at)}") for each in welcomes),
    ]


def _day(at: datetime) -> str:
    return clock.business_date(at).isoformat()
