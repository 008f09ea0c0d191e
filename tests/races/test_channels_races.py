"""Channels under many threads: one kit a person, one row a code, one row a scan."""

import itertools
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from core import clock, sql
from core.commands import command
from members.accounts.contract import Joined
from members.accounts.models import Member
from members.accounts.services.sessions import admit
from members.channels import services
from members.channels.models import Attribution, ChannelCode, CodeBatch, Scan, Welcome, WelcomeKit
from members.channels.services import codes, scanning, welcoming
from platforms.protocols import PlatformIdentity
from tests.factories.channels import make_channel, make_code, make_kit
from tests.races.harness import RACE, Outcomes, Race, patched, pause, rounds, without_constraint

pytestmark = RACE
_numbers = itertools.count(1)
_current = threading.local()


def _unique_of(model: type[models.Model], column: str) -> list[str]:
    """The names of the unique constraints and indexes of one column, made by Django."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    return [name for name, each in found.items() if each["unique"] and each["columns"] == [column]]


@dataclass(frozen=True)
class Person:
    """Somebody about to scan for the first time, the code, and its kit."""

    name: str
    code: ChannelCode
    kit: WelcomeKit

    def identity(self) -> PlatformIdentity:
        return PlatformIdentity(platform="sandbox", app_id="sandbox", openid=self.name)


def _person() -> Person:
    kit = make_kit(10)
    return Person(f"race-{next(_numbers)}", make_code(welcome_kit=kit), kit)


def five_first_scans(state: Person, number: int) -> None:
    """40 threads with a connection each make 200 of them: a server has a hundred connections."""
    for scan in range(5):
        join(sign_in(state, 5 * number + scan))


@command
def sign_in(state: Person, number: int) -> int:
    """The person comes from a scan of their own."""
    scan_id = uuid.uuid5(uuid.NAMESPACE_URL, f"{state.name}/{number}")
    launch = {"channel_code": state.code.code, "scan_id": str(scan_id)}
    return admit(identity=state.identity(), launch=launch, at=clock.now())[0].pk


@command
def join(member_id: int) -> None:
    """What happens to the channel's rows at joining; that a person joins once is raced elsewhere."""
    welcoming.on_joined(Joined(member_id, clock.now()))


ONCE_UNGUARDED = """
INSERT INTO channels_welcome (member_id, kit_id, channel_id, cost_fen, welcomed_at)
SELECT %(member)s, %(kit)s, %(channel)s, 0, %(at)s FROM pg_sleep(0.02)
 WHERE NOT EXISTS (SELECT 1 FROM channels_welcome WHERE member_id = %(member)s AND kit_id = %(kit)s) RETURNING id
"""
STEP_UNGUARDED = """
SELECT first_channel_id, first_scan_at, last_channel_id, last_scan_at FROM channels_attribution
 WHERE member_id = %(member)s AND CAST(%(day)s AS date) IS NOT NULL
"""


@contextmanager
def welcoming_unguarded() -> Iterator[None]:
    """All guards away: the step that is taken once, the kit's unique key, the event's id made from both."""
    with (
        without_constraint(Welcome, "welcome_once"),
        patched(welcoming, "ONCE", ONCE_UNGUARDED),
        patched(welcoming, "STEP_JOINED", STEP_UNGUARDED),
        patched(welcoming, "publish", lambda *_args, **_fields: None),
    ):
        yield


def test_200_first_scans_of_one_person_give_one_kit() -> None:
    def not_once(state: Person, _outcomes: Outcomes) -> int:
        member = Member.objects.get(identities__openid=state.name)
        kits = Welcome.objects.filter(member=member).count()
        touches = Attribution.objects.filter(member=member).count()
        entries = sql.fetch_all(
            "SELECT count(*) AS n FROM points_pointsentry WHERE member_id = %(id)s", {"id": member.pk}
        )[0]["n"]
        return abs(kits - 1) + abs(touches - 1) + abs(entries - 1)

    race = Race("channels: kit of one person, 200 first scans", 40, _person, five_first_scans, not_once)

    race.prove(welcoming_unguarded, rounds_of_race=max(1, rounds() // 5)).ensure()


_drawn: dict[Any, Iterator[str]] = {}  # by batch: the same six codes for all, then six of its own


def _batches() -> list[CodeBatch]:
    channel, base = make_channel(), next(_numbers) * 1000
    batches = [
        CodeBatch.objects.create(channel=channel, name=str(n), quantity=3, created_at=clock.now()) for n in range(32)
    ]
    for n, batch in enumerate(batches):
        _drawn[batch.pk] = iter([f"{base + k:09d}" for k in (*range(6), *range(100 + 6 * n, 106 + 6 * n))])
    return batches


@command
def fill(batch: CodeBatch) -> None:
    """What making a batch does, with this thread's dice."""
    _current.value = _drawn[batch.pk]
    codes.make_codes(batch)


def test_32_threads_that_draw_the_same_codes_make_each_once(monkeypatch: Any) -> None:
    def broken(batches: list[CodeBatch], _outcomes: Outcomes) -> int:
        made = list(ChannelCode.objects.filter(batch__in=batches).values_list("code", flat=True))
        return len(made) - len(set(made)) + sum(batch.codes.count() != 3 for batch in batches)

    @contextmanager
    def control() -> Iterator[None]:
        with without_constraint(ChannelCode, *_unique_of(ChannelCode, "code")):
            yield

    monkeypatch.setattr(codes, "draw", lambda: next(_current.value))
    race = Race("channels: one code drawn by 32", 32, _batches, lambda batches, n: fill(batches[n]), broken)

    race.prove(control).ensure()


def insert_naively(claim: Any, **rest: Any) -> Any:
    """For the control: look, then write."""
    if Scan.objects.filter(scan_id=claim.scan_id).exists():
        return None
    pause()
    code = ChannelCode.objects.get(code=claim.code)
    made = Scan.objects.create(
        scan_id=claim.scan_id, code=code, batch_id=code.batch_id, via="app", scanned_at=rest["at"],
        scanned_on=clock.business_date(rest["at"]),
    )  # fmt: skip
    return {"id": made.pk, "member_id": None}


def test_one_scan_sent_by_32_threads_is_one_row() -> None:
    def act(state: tuple[ChannelCode, uuid.UUID], _number: int) -> bool:
        code, scan_id = state
        return services.record_scan(claim=services.ScanClaim(scan_id=scan_id, code=code.code)).is_new

    def not_once(state: tuple[ChannelCode, uuid.UUID], outcomes: Outcomes) -> int:
        news = sum(bool(outcome.value) for outcome in outcomes)
        return abs(Scan.objects.filter(scan_id=state[1]).count() - 1) + abs(news - 1)

    @contextmanager
    def control() -> Iterator[None]:
        names = _unique_of(Scan, "scan_id")
        with without_constraint(Scan, *names), patched(scanning, "insert", insert_naively):
            yield

    race = Race("channels: one scan id", 32, lambda: (make_code(), uuid.uuid4()), act, not_once)

    race.prove(control).ensure()
