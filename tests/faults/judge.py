"""Compares what people were told with what the database holds. Every disagreement is a violation."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.faults.client import Operation
from tests.faults.listening import TOPICS

MEMBERS = """
SELECT i.openid, m.id, m.member_no, m.joined_at IS NOT NULL,
       (SELECT count(*) FROM accounts_consent c WHERE c.member_id = m.id)
  FROM accounts_identity i JOIN accounts_member m ON m.id = i.member_id
"""
CHECK_INS = "SELECT member_id, kind, CAST(checked_on AS text), points FROM checkins_checkin"
ENTRIES = """
SELECT member_id, source_kind, right(source_key, 10) FROM points_pointsentry WHERE source_kind LIKE 'checkins.%'
"""
EVENTS = """
SELECT member_id, topic, coalesce(payload->>'kind', ''), coalesce(payload->>'checked_on', '') FROM core_event
"""
ANSWERS = "SELECT subject_id, key, status FROM core_idempotencyrecord WHERE subject_kind = 'member'"
OPEN = "SELECT count(*) FROM core_event WHERE delivered_at IS NULL"
GIVEN_UP = "SELECT count(*) FROM core_event WHERE dead"
HEARD = """
SELECT count(*) FROM core_event e WHERE e.topic || '/' || e.version = ANY(%s)
   AND (SELECT count(*) FROM fault_heard h WHERE h.event_id = e.event_id) <> 1
"""
DISORDER = """
SELECT count(*) FROM (SELECT event_number, lag(event_number) OVER (PARTITION BY member_id ORDER BY place) AS earlier
                        FROM fault_heard) pairs WHERE event_number < earlier
"""
SLOWEST = """
SELECT coalesce(extract(epoch FROM max(h.heard_at - e.occurred_at)), 0)
  FROM fault_heard h JOIN core_event e ON e.event_id = h.event_id WHERE e.occurred_at > %s
"""


@dataclass
class Verdict:
    """What was found. ``lost``: acknowledged without an effect; ``doubled``: an effect twice, or after a refusal."""

    operations: int = 0
    acknowledged: int = 0
    refused: int = 0
    unanswered: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    @property
    def violations(self) -> list[str]:
        """Everything that breaks a promise."""
        return [*self.lost, *self.doubled, *self.others]


@dataclass
class _Books:
    """The database's side, counted."""

    members: dict[str, tuple[int, str, bool, int]]
    identities: Counter[str]
    days: Counter[tuple[Any, ...]]
    points: dict[tuple[Any, ...], int]
    entries: Counter[tuple[Any, ...]]
    events: Counter[tuple[Any, ...]]
    answers: dict[tuple[int, str], int]


def _read(connection: psycopg.Connection[Any]) -> _Books:
    def rows(statement: str) -> list[tuple[Any, ...]]:
        return connection.execute(statement).fetchall()

    members, days = rows(MEMBERS), rows(CHECK_INS)
    return _Books(
        members={row[0]: row[1:] for row in members},
        identities=Counter(row[0] for row in members),
        days=Counter(row[:3] for row in days),
        points={row[:3]: row[3] for row in days},
        entries=Counter(rows(ENTRIES)),
        events=Counter(rows(EVENTS)),
        answers={row[:2]: row[2] for row in rows(ANSWERS)},
    )


def judge(connection: psycopg.Connection[Any], operations: Iterable[Operation]) -> Verdict:
    """The verdict over ``operations``, once nobody writes any more."""
    verdict, books = Verdict(), _read(connection)
    for operation in operations:
        verdict.operations += 1
        verdict.others += operation.faults
        _judge_one(operation, books, verdict)
    return verdict


def _judge_one(operation: Operation, books: _Books, verdict: Verdict) -> None:
    effects = effects_of(operation, books)
    text = f"{operation.kind} of {operation.who} {operation.day}: {sorted(effects.items())}"
    if max(effects.values()) > 1:
        verdict.doubled.append(text)
    elif operation.is_done:
        verdict.acknowledged += 1
        if set(effects.values()) != {1}:
            verdict.lost.append(text)
        elif wrong := _disagreement(operation, books):
            verdict.others.append(f"{text} {wrong}")
    elif operation.is_refused:
        verdict.refused += 1
        if any(effects.values()):
            answer = operation.answer.body.get("code") if operation.answer else ""
            verdict.doubled.append(f"{text} was refused ({answer})")
    else:
        verdict.unanswered += 1
        if len(set(effects.values())) > 1:
            verdict.others.append(f"{text} is half done")


def effects_of(operation: Operation, books: _Books) -> dict[str, int]:
    """How often each row that belongs to the operation is there: all 0 or all 1."""
    member, _number, is_joined, consents = books.members.get(operation.who, (0, "", False, 0))
    if operation.kind == "sign_in":
        seeded = operation.who.startswith("demo-regular")
        first_seen = books.events[member, "accounts.first_seen", "", ""] + seeded
        return {"identities": books.identities[operation.who], "events": first_seen}
    if operation.kind == "join":
        events = books.events[member, "accounts.joined", "", ""]
        return {"member": int(is_joined), "consents": consents // 2 + consents % 2, "events": events}
    if operation.kind == "make_up":
        return {
            "rows": books.days[member, "make_up", operation.day],
            "costs": books.entries[member, "checkins.make_up_cost", operation.day],
            "events": books.events[member, "checkins.checked_in", "make_up", operation.day],
        }
    day = _day_of(operation, books, member)
    return {
        "rows": books.days[member, "daily", day],
        "entries": books.entries[member, "checkins.check_in", day],
        "events": books.events[member, "checkins.checked_in", "daily", day],
    }


def _day_of(operation: Operation, books: _Books, member: int) -> str:
    """The day that a check-in was answered for, or the one on which it is found."""
    if operation.is_done and operation.answer:
        return str(operation.answer.body["checked_on"])
    return next((key[2] for key in books.days if key[:2] == (member, "daily")), "")


def _disagreement(operation: Operation, books: _Books) -> str:
    """Where the answer says something else than the rows; empty when it doesn't."""
    answer = operation.answer
    assert answer is not None
    member, number, _joined, _consents = books.members[operation.who]
    if operation.kind == "join" and answer.body["member_no"] != number:
        return f"was told {answer.body['member_no']}, is {number}"
    if operation.kind in {"check_in", "make_up"}:
        kind = "daily" if operation.kind == "check_in" else "make_up"
        booked = books.points[member, kind, answer.body["checked_on"]]
        if answer.body["points"] != booked:
            return f"was told {answer.body['points']} points, got {booked}"
    if operation.key and books.answers.get((member, operation.key)) != answer.status:
        return f"answer {answer.status} stored as {books.answers.get((member, operation.key))}"
    return ""


def open_events(connection: psycopg.Connection[Any]) -> int:
    """How many events still wait."""
    return _number(connection, OPEN)


def judge_events(connection: psycopg.Connection[Any]) -> list[str]:
    """After the outbox has drained: each event heard once, in order within its member, none given up."""
    found = {
        "events heard not exactly once": _number(connection, HEARD, [list(TOPICS)]),
        "events heard out of order": _number(connection, DISORDER),
        "events given up": _number(connection, GIVEN_UP),
        "events that still wait": _number(connection, OPEN),
    }
    return [f"{number} {what}" for what, number in found.items() if number]


def slowest_delivery(connection: psycopg.Connection[Any], since: Any) -> float:
    """The longest time (s) from an event to its handler, of those since ``since``."""
    return float(connection.execute(SLOWEST, [since]).fetchall()[0][0])


def _number(connection: psycopg.Connection[Any], statement: str, params: list[Any] | None = None) -> int:
    return int(connection.execute(statement, params).fetchall()[0][0])
