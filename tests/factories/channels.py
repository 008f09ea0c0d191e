"""Channels with codes, and people who scan them."""

import uuid
from typing import Any

from core import clock, ids
from core.commands import scope
from members.accounts.models import Member
from members.accounts.services.sessions import admit
from members.channels import services
from members.channels.models import Channel, ChannelCode, WelcomeKit
from platforms.protocols import PlatformIdentity


def make_kit(points: int = 100, **fields: Any) -> WelcomeKit:
    """A kit of so many points."""
    return WelcomeKit.objects.create(
        name=fields.pop("name", "见面礼"), rewards=[{"kind": "points", "points": points}], **fields
    )


def make_channel(**fields: Any) -> Channel:
    """An active channel at the top of the tree."""
    fields = {
        "id": ids.uuid7(), "name": "包裹卡", "kind": "campaign", "type": "insert", "state": "active",
        "created_at": clock.now(),
    } | fields  # fmt: skip
    return Channel.objects.create(**fields)


def make_code(channel: Channel | None = None, **fields: Any) -> ChannelCode:
    """A code of its own batch; ``fields`` are the channel's if there is none yet."""
    channel = channel or make_channel(**fields)
    return services.create_batch(channel=channel, name="一批", print_quantity=1000).codes.get()


def scan(code: ChannelCode, *, device: str = "", at: Any = None, **fields: Any) -> uuid.UUID:
    """An anonymous scan, now."""
    scan_id = fields.pop("scan_id", None) or uuid.uuid4()
    services.record_scan(claim=services.ScanClaim(scan_id=scan_id, code=code.code, device=device, **fields))
    return scan_id


def sign_in(name: str, **launch: Any) -> Member:
    """The person ``name`` signs in with this launch, as the sandbox knows them."""
    identity = PlatformIdentity(platform="sandbox", app_id="sandbox", openid=f"demo-{name}")
    with scope():
        return admit(identity=identity, launch=launch, at=clock.now())[0]
