"""The demo brand's channels: inserts in its parcels, signs in its shops, an advertisement; two weeks of scans."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from core import clock, ids
from core.commands import command
from members.accounts.models import Member
from members.channels.models import Attribution, Channel, ChannelCode, ChannelCost, CodeBatch, Scan, WelcomeKit
from members.channels.services.attribution import attach
from members.channels.services.codes import make_codes
from members.channels.services.counting import count_all
from members.channels.services.recording import ScanClaim, insert
from members.channels.services.tree import place_landing
from members.channels.services.welcoming import ensure_rewards
from members.stores.models import Store

DAYS = 14
KIT = "新朋友见面礼"
# (name, name of the one above, level, type, traffic, name of the batch, printed pieces, scans on an ordinary day)
TREE: tuple[tuple[str, str, str, str, str, str, int, int], ...] = (
    ("天猫旗舰店", "", "platform", "other", "stable", "", 0, 0),
    ("秋茶包裹卡", "天猫旗舰店", "campaign", "insert", "stable", "秋茶包裹卡 1 万张", 10_000, 22),
    ("门店", "", "platform", "store", "stable", "", 0, 0),
    ("龙井路店门贴", "门店", "store", "store", "stable", "龙井路店", 3, 9),
    ("湖滨店桌牌", "门店", "store", "store", "stable", "湖滨店", 20, 12),
    ("小红书投放", "", "platform", "ad", "paid", "十一月笔记", 0, 15),
)
COSTS = {"秋茶包裹卡": ("piece", 12, 10_000, "印刷"), "小红书投放": ("day", 30_000, 1, "投放")}
STORES = {"龙井路店门贴": ("HZ01", "龙井路店", "杭州"), "湖滨店桌牌": ("HZ02", "湖滨店", "杭州")}


def seed(context: dict[str, Any]) -> None:
    """Add the tree, the codes and the scans; a second run adds nothing."""
    if Channel.objects.filter(name=TREE[0][0]).exists():
        return
    codes = _plant(context["today"])
    for place, code in enumerate(codes):
        _scan(code, place, context["today"], per_day=TREE_SCANS[place])
    _bring(context["members"], codes[0], context["today"])
    count_all()


TREE_SCANS = tuple(each[7] for each in TREE if each[5])


@command
def _plant(today: date) -> list[ChannelCode]:
    """The kit, the tree with its costs and stores, one code a batch, the landing of the insert."""
    kit = WelcomeKit.objects.create(
        id=ids.uuid7(), name=KIT, rewards=ensure_rewards([{"kind": "points", "points": 100}])
    )
    since = clock.start_of(today - timedelta(days=DAYS))
    made: dict[str, Channel] = {}
    codes = []
    for name, above, kind, type_, traffic, batch, pieces, _per_day in TREE:
        channel = made[name] = Channel.objects.create(
            id=ids.uuid7(), name=name, parent=made.get(above), kind=kind, type=type_, traffic=traffic, owner="市场部",
            state=Channel.State.ACTIVE, store=_store(name), welcome_kit=kit if kind == "platform" else None,
            created_at=since,
        )  # fmt: skip
        _add_cost(channel, today)
        if batch:
            codes.append(_one_code(channel, batch, pieces, since))
    place_landing(
        channel=made["秋茶包裹卡"], path="pages/gift/index", params={"from": "insert"},
        texts={"title_zh": "谢谢你带山野茶回家", "title_en": "Thank you for taking our tea home"},
    )  # fmt: skip
    return codes


def _store(name: str) -> Store | None:
    if name not in STORES:
        return None
    code, title, city = STORES[name]
    return Store.objects.get_or_create(code=code, defaults={"name": title, "city": city})[0]


def _add_cost(channel: Channel, today: date) -> None:
    if channel.name in COSTS:
        kind, fen, quantity, note = COSTS[channel.name]
        first = today - timedelta(days=DAYS)
        last = today if kind == "day" else first
        ChannelCost.objects.create(
            channel=channel, kind=kind, amount_fen=fen, quantity=quantity, first_on=first, last_on=last, note=note
        )


def _one_code(channel: Channel, name: str, pieces: int, at: datetime) -> ChannelCode:
    batch = CodeBatch.objects.create(
        id=ids.uuid7(), channel=channel, name=name, quantity=1, print_quantity=pieces, created_at=at
    )
    make_codes(batch)
    return batch.codes.get()


@command
def _scan(code: ChannelCode, place: int, today: date, *, per_day: int) -> None:
    """Anonymous scans: more at weekends, some of the phones come twice."""
    for back in range(DAYS, 0, -1):
        day = today - timedelta(days=back)
        count = per_day + (day.toordinal() * 7 + place * 3) % 5 + (per_day // 3 if day.weekday() >= 5 else 0)
        Scan.objects.bulk_create(
            Scan(
                scan_id=uuid.uuid4(), code=code, batch_id=code.batch_id, via=Scan.Via.APP if n % 4 else Scan.Via.PAGE,
                scanned_at=(at := clock.start_of(day) + timedelta(hours=9, minutes=n * 613 % 780)),
                scanned_on=day, claimed_at=at, scene=1011, device=f"demo{place:02}{(back * 37 + n) % (count * 9):08}",
            )
            for n in range(count)
        )  # fmt: skip


@command
def _bring(members: list[Member], code: ChannelCode, today: date) -> None:
    """The demo's newest people came with the insert: their scan, their attribution and the day on which they joined."""
    for member in members:
        if member.joined_at is None or clock.business_date(member.first_seen_at) < today - timedelta(days=DAYS):
            continue
        claim = ScanClaim(scan_id=uuid.uuid4(), code=code.code, scene=1011)
        if insert(claim, at=member.first_seen_at, caller=None) is None:
            continue
        attach(scan_id=claim.scan_id, member_id=member.pk, at=member.first_seen_at)
        Attribution.objects.filter(member=member).update(
            is_acquired=True, joined_on=clock.business_date(member.joined_at), pending=True
        )
