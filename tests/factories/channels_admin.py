"""Channels, batches and days, straight into the tables, for the admin's tests."""

from datetime import date
from typing import Any

from core import clock
from members.channels.models import Channel, ChannelCost, ChannelDay, CodeBatch, Variant
from members.channels.services.codes import make_codes


def a_channel(name: str, *, parent: Channel | None = None, kind: str = "", **fields: Any) -> Channel:
    """An active channel; below nothing it is a platform, else a campaign."""
    fields = {"type": "insert", "state": "active", "created_at": clock.now()} | fields
    kind = kind or ("campaign" if parent else "platform")
    return Channel.objects.create(name=name, parent=parent, kind=kind, **fields)


def a_batch(channel: Channel, name: str = "B01", *, codes: int = 1, printed: int = 0, variant: Variant | None = None):
    """A batch with its codes."""
    batch = CodeBatch.objects.create(
        channel=channel, name=name, quantity=codes, print_quantity=printed, variant=variant, created_at=clock.now()
    )
    make_codes(batch)
    return batch


def a_day(batch: CodeBatch, day: str, *, scans: int, unique: int = 0, signed_in: int = 0, joined: int = 0, **more: int):
    """The sums of one day of a batch."""
    return ChannelDay.objects.create(
        channel=batch.channel, batch=batch, day=date.fromisoformat(day), scans=scans, unique_scans=unique,
        signed_in=signed_in, joined=joined, **more,
    )  # fmt: skip


def a_cost(channel: Channel, fen: int, first: str, last: str = "", *, pieces: int = 0) -> ChannelCost:
    """A cost of each day, or of each of ``pieces``."""
    return ChannelCost.objects.create(
        channel=channel, kind="piece" if pieces else "day", amount_fen=fen, quantity=pieces or 1, first_on=first,
        last_on=last or first,
    )  # fmt: skip
