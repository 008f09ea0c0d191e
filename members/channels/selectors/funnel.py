"""The funnel: sums over days, batches and channels, read from the rows of the days and the costs.

A page costs a handful of statements whatever the number of scans: it adds up ``ChannelDay``, which has one row for each
batch and day. Every table's total is the sum of its rows, since the rows share out the same days and costs.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Sum

from core import sql
from members.channels.models import Channel, ChannelCost, ChannelDay, CodeBatch
from members.channels.rules import funnel
from members.channels.rules.funnel import Cost, Sums

BY_BATCH = """
SELECT batch_id, CAST(sum(scans) AS bigint) AS scans, CAST(sum(unique_scans) AS bigint) AS unique_scans,
       CAST(sum(signed_in) AS bigint) AS signed_in, CAST(sum(joined) AS bigint) AS joined,
       CAST(sum(first_actions) AS bigint) AS first_actions, CAST(sum(first_orders) AS bigint) AS first_orders,
       CAST(sum(gift_fen) AS bigint) AS gift_fen
FROM channels_channelday WHERE day BETWEEN %(first)s AND %(last)s GROUP BY batch_id
"""
PIECE_TYPES = frozenset({"insert", "card", "receipt"})  # a piece for each person; of a sign there is no scan rate
MEASURES = ("scans", "unique_scans", "signed_in", "joined", "first_actions", "first_orders", "gift_fen")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a funnel table: what it is about, its sums, and the pieces printed for one person each.

    ``printed_for`` are the unique persons of just those channels. ``channel_id`` or ``batch_id`` says where it leads
    on; a line with neither is a channel's own part.
    """

    label: str
    sums: Sums
    printed: int = 0
    printed_for: int = 0
    channel_id: UUID | None = None
    batch_id: UUID | None = None
    day: date | None = None
    note: str = ""

    @property
    def scan_rate_bps(self) -> int | None:
        """Unique persons of the printed pieces; ``None`` where nothing was printed for one person each."""
        return funnel.bps(self.printed_for, self.printed)


@dataclass(frozen=True)
class Tree:
    """All channels: their names and who stands below whom."""

    channels: dict[UUID, Channel]
    children: dict[UUID | None, list[UUID]]

    def below(self, channel_id: UUID | None) -> set[UUID]:
        """``channel_id`` and everything below it; all channels for ``None``."""
        if channel_id is None:
            return set(self.channels)
        found, waiting = set(), [channel_id]
        while waiting:
            each = waiting.pop()
            found.add(each)
            waiting += self.children.get(each, [])
        return found

    def path_to(self, channel_id: UUID | None) -> list[Channel]:
        """The channels from the top down to ``channel_id``."""
        path: list[Channel] = []
        while channel_id is not None:
            path.append(self.channels[channel_id])
            channel_id = path[-1].parent_id
        return path[::-1]


@dataclass(frozen=True)
class Period:
    """What a funnel is about: days, both included, and the channels of a branch or all."""

    first: date
    last: date
    tree: Tree
    channel_id: UUID | None = None

    @property
    def scope(self) -> set[UUID]:
        """The channels in question."""
        return self.tree.below(self.channel_id)


def get_tree() -> Tree:
    """All channels, by name within each level."""
    channels = {channel.pk: channel for channel in Channel.objects.order_by("name", "id")}
    children: dict[UUID | None, list[UUID]] = defaultdict(list)
    for channel in channels.values():
        children[channel.parent_id].append(channel.pk)
    return Tree(channels, dict(children))


def by_channel(period: Period) -> list[Line]:
    """A line for each channel one level down, its branch included, and one for the channel itself if it has a part."""
    own = _by_channel_alone(period)
    printed = _printed_of(period)
    lines = []
    for child in period.tree.children.get(period.channel_id, []):
        branch = period.tree.below(child)
        sums = funnel.total(own.get(each, Sums()) for each in branch)
        pieces = sum(printed.get(each, 0) for each in branch)
        reached = sum(own[each].unique for each in branch if each in own and printed.get(each))
        lines.append(Line(period.tree.channels[child].name, sums, pieces, reached, channel_id=child))
    itself = period.channel_id
    if itself is not None and (itself in own or printed.get(itself)):
        sums, pieces = own.get(itself, Sums()), printed.get(itself, 0)
        lines.append(Line("", sums, pieces, sums.unique if pieces else 0))
    return lines


def by_batch(period: Period) -> list[Line]:
    """A line for each batch of the scope, and one for each channel's costs, which no batch alone has caused."""
    scope, sums, lines = period.scope, _sums_by_batch(period), []
    batches = CodeBatch.objects.filter(channel_id__in=scope).order_by("name", "id")
    for batch in batches:
        channel, found = period.tree.channels[batch.channel_id], sums.get(batch.pk, Sums())
        pieces = batch.print_quantity if channel.type in PIECE_TYPES else 0
        reached = found.unique if pieces else 0
        lines.append(Line(batch.name, found, pieces, reached, batch_id=batch.pk, note=channel.name))
    for channel_id, fen in sorted(_costs_by_channel(period).items()):
        if fen:
            name = period.tree.channels[channel_id].name
            lines.append(Line("", Sums(cost_fen=fen), channel_id=channel_id, note=name))
    return lines


def by_day(period: Period) -> list[Line]:
    """A line for each day of the period, oldest first."""
    return _lines_by_day(period, funnel.cost_by_day((cost for _id, cost in _costs(period)), period.first, period.last))


def trend(period: Period) -> list[Line]:
    """The same without costs. One query."""
    return _lines_by_day(period, {})


def _lines_by_day(period: Period, costs: Mapping[date, int]) -> list[Line]:
    found = {row["day"]: row for row in _days(period).values("day").annotate(**_SUMS)}
    lines = []
    for place in range((period.last - period.first).days + 1):
        day = period.first + timedelta(days=place)
        sums = _sums(found.get(day, {}), cost_fen=costs.get(day, 0))
        lines.append(Line(day.isoformat(), sums, day=day))
    return lines


_SUMS = {f"total_{name}": Sum(name) for name in MEASURES}


def _days(period: Period) -> Any:
    rows = ChannelDay.objects.filter(day__range=(period.first, period.last))
    return rows if period.channel_id is None else rows.filter(channel_id__in=period.scope)


def _sums(row: Mapping[str, Any], *, cost_fen: int = 0) -> Sums:
    """The figures of ``row``, whose columns carry the measures' names with or without ``total_``."""
    values = [int(row.get(f"total_{name}", row.get(name, 0)) or 0) for name in MEASURES]
    scans, unique, signed_in, joined, actions, orders, gift = values
    return Sums(scans, unique, signed_in, joined, actions, orders, cost_fen, gift)


def _sums_by_batch(period: Period) -> dict[UUID, Sums]:
    rows = sql.fetch_all(BY_BATCH, {"first": period.first, "last": period.last}, batch_id="uuid")
    return {row["batch_id"]: _sums(row) for row in rows}


def _by_channel_alone(period: Period) -> dict[UUID, Sums]:
    """Each channel's own sums, without those below it."""
    rows = _days(period).values("channel_id").annotate(**_SUMS)
    own = {row["channel_id"]: _sums(row) for row in rows}
    for channel_id, fen in _costs_by_channel(period).items():
        if fen:
            own[channel_id] = own.get(channel_id, Sums()) + Sums(cost_fen=fen)
    return own


def _costs(period: Period) -> Iterable[tuple[UUID, Cost]]:
    """The costs of the scope that touch the period."""
    rows = ChannelCost.objects.filter(channel_id__in=period.scope, first_on__lte=period.last, last_on__gte=period.first)
    return [(row.channel_id, _cost(row)) for row in rows]


def _cost(row: ChannelCost) -> Cost:
    return Cost(row.kind, row.amount_fen, row.quantity, row.first_on, row.last_on)


def _costs_by_channel(period: Period) -> dict[UUID, int]:
    found: dict[UUID, int] = defaultdict(int)
    for channel_id, cost in _costs(period):
        found[channel_id] += funnel.cost_between(cost, period.first, period.last)
    return found


def _printed_of(period: Period) -> dict[UUID, int]:
    """The pieces of each channel that are meant for one person each."""
    scope = [each for each in period.scope if period.tree.channels[each].type in PIECE_TYPES]
    rows = CodeBatch.objects.filter(channel_id__in=scope).values_list("channel_id", "print_quantity")
    found: dict[UUID, int] = defaultdict(int)
    for channel_id, pieces in rows:
        found[channel_id] += pieces
    return found


def cost_to_date(channel_ids: Collection[UUID], today: date) -> dict[UUID, int]:
    """What each channel has cost until ``today``, without those below it."""
    found: dict[UUID, int] = defaultdict(int)
    rows = ChannelCost.objects.filter(channel_id__in=channel_ids, first_on__lte=today)
    for row in rows:
        found[row.channel_id] += funnel.cost_between(_cost(row), row.first_on, today)
    return found


def total_of(lines: Iterable[Line]) -> Line:
    """The sum of a table's lines."""
    rows = list(lines)
    sums = funnel.total(line.sums for line in rows)
    return Line("", sums, sum(line.printed for line in rows), sum(line.printed_for for line in rows))


GROUPS: dict[str, Callable[[Period], list[Line]]] = {"channel": by_channel, "batch": by_batch, "day": by_day}
