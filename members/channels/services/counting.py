"""Keeping the days' sums exact: what is pending is judged, and the difference to what is counted goes into the rows.

One sweep at a time: it holds the mark's row. A scan's or person's flag and the sums change in one transaction, so a
killed worker loses and doubles nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from core import clock, slices, sql
from core.commands import command, part
from members.channels.models import Attribution, Scan
from members.channels.rules import counting
from members.channels.rules.counting import Known, Scanned, Seen

BATCH = 500
MOST_EVENTS = 50_000  # a look at the event log
SETTLE_SECONDS = 300  # longer than any transaction may last, so no event with a lower id can still appear

MAKE_MARK = """
INSERT INTO channels_countingmark (name, settled_id, seen_id, seen_at) VALUES ('days', 0, 0, %(at)s)
ON CONFLICT (name) DO NOTHING
"""
HOLD_MARK = "SELECT settled_id, seen_id, seen_at FROM channels_countingmark WHERE name = 'days'"
PENDING_SCANS = """
SELECT s.id, b.channel_id, s.batch_id, s.scanned_on, s.member_id, s.device, s.counted,
       (s.is_test IS TRUE OR s.is_staff IS TRUE) AS excluded
  FROM channels_scan s JOIN channels_codebatch b ON b.id = s.batch_id
 WHERE s.pending IS TRUE ORDER BY s.id LIMIT %(limit)s
"""
SEEN = "SELECT channel_id, mark, member_id, first_scan_id FROM channels_scanner WHERE channel_id {} AND mark {}"
LEARN = """
INSERT INTO channels_scanner (channel_id, mark, member_id, first_scan_id)
VALUES (%(channel)s, %(mark)s, %(member)s, %(scan)s)
ON CONFLICT (channel_id, mark) DO UPDATE SET member_id = excluded.member_id
"""
PENDING_PEOPLE = """
SELECT id, first_channel_id, first_batch_id, is_acquired, is_excluded, signed_in_on, joined_on, acted_on, ordered_on,
       gift_fen, counted
  FROM channels_attribution WHERE pending IS TRUE ORDER BY id LIMIT %(limit)s
"""
MAKE_DAY = """
INSERT INTO channels_channelday (channel_id, batch_id, day, scans, unique_scans, signed_in, joined, first_actions,
                                 first_orders, gift_fen)
VALUES (%(channel)s, %(batch)s, %(day)s, 0, 0, 0, 0, 0, 0, 0) ON CONFLICT (batch_id, day) DO NOTHING
"""
ADD_TO_DAY = """
UPDATE channels_channelday SET scans = scans + %(scans)s, unique_scans = unique_scans + %(unique_scans)s,
       signed_in = signed_in + %(signed_in)s, joined = joined + %(joined)s,
       first_actions = first_actions + %(first_actions)s, first_orders = first_orders + %(first_orders)s,
       gift_fen = gift_fen + %(gift_fen)s
 WHERE batch_id = %(batch)s AND day = %(day)s
"""
COLUMNS = ("scans", "unique_scans", "signed_in", "joined", "first_actions", "first_orders", "gift_fen")
STEP_COLUMNS = {
    counting.SIGNED_IN: "signed_in", counting.JOINED: "joined", counting.ACTED: "first_actions",
    counting.ORDERED: "first_orders",
}  # fmt: skip
# The first act after joining of each member whose first act isn't known yet; acts are what mechanisms publish.
FIRST_ACTS = """
UPDATE channels_attribution SET acted_on = e.day, pending = TRUE
  FROM (SELECT v.member_id AS who, MIN(v.business_on) AS day
          FROM core_event v JOIN channels_attribution a ON a.member_id = v.member_id
         WHERE v.id > %(after)s AND v.id <= %(until)s AND a.acted_on IS NULL AND a.joined_on <= v.business_on
           AND ({topics}) GROUP BY v.member_id) e
 WHERE channels_attribution.member_id = e.who AND channels_attribution.acted_on IS NULL
"""
NEWEST_EVENT = "SELECT COALESCE(MAX(id), 0) AS newest FROM core_event WHERE id <= %(most)s"
MOVE_MARK = """
UPDATE channels_countingmark SET settled_id = %(settled)s, seen_id = %(seen)s, seen_at = %(at)s WHERE name = 'days'
"""
FIRST_ORDER = """
UPDATE channels_attribution SET ordered_on = %(day)s, pending = TRUE
 WHERE member_id = %(member)s AND ordered_on IS NULL AND joined_on IS NOT NULL RETURNING id
"""

DayKey = tuple[UUID, UUID, date]  # channel, batch, day
Deltas = dict[DayKey, Counter[str]]


def count_all() -> int:
    """Count everything that is pending; returns how many rows it judged."""
    total = 0
    note_first_acts()
    while done := count_scans() + count_people():
        total += done
    return total


@command
def count_scans(limit: int = BATCH) -> int:
    """Judge at most ``limit`` pending scans and bring their days up to date; returns how many they were."""
    if _hold() is None:
        return 0
    rows = sql.fetch_all(
        PENDING_SCANS + (" FOR UPDATE OF s SKIP LOCKED" if sql.is_postgres() else ""), {"limit": limit},
        channel_id="uuid", batch_id="uuid", scanned_on="date", excluded="bool",
    )  # fmt: skip
    scans = [
        Scanned(
            id=row["id"], channel_id=row["channel_id"], batch_id=row["batch_id"], day=row["scanned_on"],
            member_id=row["member_id"], device=row["device"], is_excluded=row["excluded"], counted=row["counted"],
        )
        for row in rows
    ]  # fmt: skip
    known = _known(scans)
    verdicts = {scan.id: counting.judge(scan, known) for scan in scans}
    deltas: Deltas = defaultdict(Counter)
    for scan in scans:
        was, is_now = scan.counted, verdicts[scan.id]
        day = deltas[scan.channel_id, scan.batch_id, scan.day]
        day["scans"] += (is_now > 0) - (was > 0)
        day["unique_scans"] += (is_now == counting.NEW_PERSON) - (was == counting.NEW_PERSON)
    _learn(known)
    _add(deltas)
    for verdict in set(verdicts.values()):
        chosen = [key for key, value in verdicts.items() if value == verdict]
        Scan.objects.filter(pk__in=chosen).update(counted=verdict, pending=False)
    return len(scans)


@command
def count_people(limit: int = BATCH) -> int:
    """Bring the steps of at most ``limit`` persons into their days; returns how many they were."""
    if _hold() is None:
        return 0
    rows = sql.fetch_all(
        PENDING_PEOPLE + sql.skip_locked(), {"limit": limit}, first_channel_id="uuid", first_batch_id="uuid",
        signed_in_on="date", joined_on="date", acted_on="date", ordered_on="date", is_acquired="bool",
        is_excluded="bool",
    )  # fmt: skip
    deltas: Deltas = defaultdict(Counter)
    masks: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        steps = counting.steps(
            is_counted=row["is_acquired"] and not row["is_excluded"], signed_in_on=row["signed_in_on"],
            joined_on=row["joined_on"], acted_on=row["acted_on"], ordered_on=row["ordered_on"],
        )  # fmt: skip
        _step(deltas, row, steps)
        masks[counting.mask(steps)].append(row["id"])
    _add(deltas)
    for mask, chosen in masks.items():
        Attribution.objects.filter(pk__in=chosen).update(counted=mask, pending=False)
    return len(rows)


def _step(deltas: Deltas, row: sql.Row, steps: dict[int, date]) -> None:
    """The difference between the steps that are counted of a person and those that should be."""
    days = {
        counting.SIGNED_IN: row["signed_in_on"], counting.JOINED: row["joined_on"], counting.ACTED: row["acted_on"],
        counting.ORDERED: row["ordered_on"],
    }  # fmt: skip
    for step, column in STEP_COLUMNS.items():
        change = (step in steps) - bool(row["counted"] & step)
        if change:
            day = deltas[row["first_channel_id"], row["first_batch_id"], days[step]]
            day[column] += change
            if step == counting.JOINED:
                day["gift_fen"] += change * row["gift_fen"]


def _hold() -> sql.Row | None:
    """Hold the mark's row; ``None`` while another sweep does."""
    sql.execute(MAKE_MARK, {"at": clock.now()})
    return sql.fetch_one(HOLD_MARK + sql.skip_locked(), seen_at="datetime")


def _known(scans: Iterable[Scanned]) -> Known:
    channels = {scan.channel_id for scan in scans}
    marks = {mark for scan in scans for mark in scan.marks()}
    in_channels, first = sql.in_list("c", sorted(channels))
    in_marks, second = sql.in_list("m", sorted(marks))
    rows = sql.fetch_all(SEEN.format(in_channels, in_marks), first | second, channel_id="uuid")
    return Known({(row["channel_id"], row["mark"]): Seen(row["member_id"], row["first_scan_id"]) for row in rows})


def _learn(known: Known) -> None:
    sql.execute_many(
        LEARN,
        [
            {"channel": channel, "mark": mark, "member": seen.member_id, "scan": seen.scan_id}
            for (channel, mark), seen in known.changed.items()
        ],
    )


def _add(deltas: Deltas) -> None:
    params: list[dict[str, Any]] = [
        {"channel": channel, "batch": batch, "day": day} | {name: change[name] for name in COLUMNS}
        for (channel, batch, day), change in sorted(deltas.items())
        if any(change.values())
    ]
    sql.execute_many(MAKE_DAY, [{name: each[name] for name in ("channel", "batch", "day")} for each in params])
    sql.execute_many(ADD_TO_DAY, [{name: each[name] for name in each if name != "channel"} for each in params])


@command
def note_first_acts() -> None:
    """Read the event log on and note the first act of members who came through a channel.

    An id below the newest may still be uncommitted; so the log is read again from what was newest five minutes ago.
    """
    mark = _hold()
    if mark is None:
        return
    newest = sql.fetch_all(NEWEST_EVENT, {"most": mark["settled_id"] + MOST_EVENTS})[0]["newest"]
    prefixes = {f"t{n}": f"{each.label}.%" for n, each in enumerate(_mechanisms())}
    if prefixes:
        topics = " OR ".join(f"v.topic LIKE %({name})s" for name in prefixes)
        sql.execute(FIRST_ACTS.format(topics=topics), {"after": mark["settled_id"], "until": newest, **prefixes})
    now = clock.now()
    if (now - mark["seen_at"]).total_seconds() >= SETTLE_SECONDS or newest >= mark["settled_id"] + MOST_EVENTS:
        sql.execute(MOVE_MARK, {"settled": mark["seen_id"], "seen": newest, "at": now})


def _mechanisms() -> list[slices.SliceConfig]:
    return [each for each in slices.installed() if each.kind == "mechanism"]


@part
def note_first_order(*, member_id: int, on: date) -> bool:
    """Note the member's first order, once; ``False`` if one was noted or no channel brought the member."""
    return sql.fetch_one(FIRST_ORDER, {"member": member_id, "day": on}) is not None
