"""The demo's points: what thirty members bought and spent over the last weeks."""

from datetime import date, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import clock
from core.commands import command
from members.accounts.models import Member
from members.points import errors
from members.points.models import PointsAccount
from members.points.services.earning import earn, spend

PURCHASE, EXCHANGE = "demo.purchase", "demo.exchange"
TITLES: dict[str, str | Promise] = {PURCHASE: _("Purchase in the tea shop"), EXCHANGE: _("Exchanged for a gift")}
AMOUNTS = (128, 68, 256, 39, 188, 99, 312)
PRICES = (100, 60, 150)


def seed(context: dict[str, Any]) -> None:
    """Give the demo's members a history before ``context["today"]``; who has entries already stays as is."""
    for place, member in enumerate(context["members"]):
        if member.joined_at and not PointsAccount.objects.filter(member=member, seq__gt=0).exists():
            _seed_member(member=member, place=place, today=context["today"])


@command
def _seed_member(*, member: Member, place: int, today: date) -> None:
    """A purchase about every eight days since joining, and now and then an exchange."""
    joined_on = clock.business_date(member.joined_at) if member.joined_at else today
    days = (today - joined_on).days
    for number, ago in enumerate(range(days - 1 - place % 3, 0, -(6 + place % 5))):
        day = today - timedelta(days=ago)
        at = clock.start_of(day) + timedelta(hours=10 + (place + number) % 11, minutes=(place * 13) % 60)
        source: dict[str, Any] = {"member_id": member.pk, "on": day, "at": at, "source_key": f"demo-{number}"}
        earn(points=AMOUNTS[(place + number) % 7], source_kind=PURCHASE, label="demo:shop", **source)
        if number % 3 == 2:
            _exchange(points=PRICES[place % 3], **source)


def _exchange(**source: Any) -> None:
    try:
        spend(source_kind=EXCHANGE, label="demo:mall", **source)
    except errors.Insufficient:  # too little yet: this member goes on saving
        return
