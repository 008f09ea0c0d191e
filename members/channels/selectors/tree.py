"""The tree of channels in the order in which it is read, with what each branch has cost and brought."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import translation

from members.channels.models import Channel, ChannelDay, WelcomeKit
from members.channels.rules.funnel import Sums, total
from members.channels.selectors.funnel import cost_to_date, get_tree
from members.rewards import selectors as rewards
from members.rewards.errors import InvalidReward


def in_order(channels: QuerySet[Channel]) -> QuerySet[Channel]:
    """``channels`` so that each stands below its parent; ``depth`` is 0 to 2."""
    words = CharField()
    return channels.annotate(
        depth=Case(When(parent__parent__isnull=False, then=2), When(parent__isnull=False, then=1), default=0),
        top=Coalesce("parent__parent__name", "parent__name", "name"),
        top_id=Coalesce("parent__parent_id", "parent_id", "id"),
        middle=Case(
            When(parent__parent__isnull=False, then="parent__name"), When(parent__isnull=False, then="name"),
            default=Value(""), output_field=words,
        ),
        leaf=Case(When(parent__parent__isnull=False, then="name"), default=Value(""), output_field=words),
    ).order_by("top", "top_id", "middle", "leaf", "id")  # fmt: skip


def list_in_order() -> list[tuple[Channel, int]]:
    """All channels that aren't closed, with their depth."""
    rows = in_order(Channel.objects.filter(~Q(state=Channel.State.CLOSED)))
    return [(row, row.depth) for row in rows]  # type: ignore[attr-defined]


def kit_in_words(kit: WelcomeKit) -> str:
    """What is in ``kit``, in the active language; a kind that is no longer installed is named as it is stored."""
    return " · ".join(_in_words(spec) for spec in kit.rewards)


def _in_words(spec: dict[str, Any]) -> str:
    try:
        return rewards.describe(spec, translation.get_language() or "zh-hans")
    except InvalidReward:
        return str(spec.get("kind", ""))


def branch_totals(today: date) -> dict[UUID, Sums]:
    """What each channel has brought and cost with all below it, up to ``today``. Three queries."""
    tree = get_tree()
    own = totals(list(tree.channels), today)
    return {each: total(own[below] for below in tree.below(each) if below in own) for each in tree.channels}


def totals(channel_ids: list[UUID], today: date) -> dict[UUID, Sums]:
    """What each channel alone has brought and cost up to ``today``. Two queries."""
    costs = cost_to_date(channel_ids, today)
    days = ChannelDay.objects.filter(channel_id__in=channel_ids).values("channel_id")
    rows = days.annotate(s=Sum("scans"), u=Sum("unique_scans"), i=Sum("signed_in"), j=Sum("joined"), g=Sum("gift_fen"))
    found = {channel_id: Sums(cost_fen=fen) for channel_id, fen in costs.items()}
    for row in rows:
        known = Sums(row["s"], row["u"], row["i"], row["j"], gift_fen=row["g"])
        found[row["channel_id"]] = found.get(row["channel_id"], Sums()) + known
    return found
