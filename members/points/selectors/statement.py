"""What a member sees: the account, the statement, and which lots an entry touched."""

from datetime import date, timedelta
from typing import Any

import orjson

from core import clock, sql
from core.api.auth import Caller
from members.accounts.selectors import MEMBER_COLUMNS, ensure_alive
from members.points import contract, errors, rules
from members.points.models import PointsEntry

SOON_DAYS = 30
SUMMARY = f"""
SELECT {MEMBER_COLUMNS}, COALESCE(a.balance, 0) AS balance, COALESCE(a.debt, 0) AS debt, COALESCE(a.held, 0) AS held,
       COALESCE((SELECT CAST(sum(l.remaining) AS bigint) FROM points_pointslot l
                  WHERE l.member_id = m.id AND l.expires_on < %(on)s), 0) AS expired,
       COALESCE((SELECT CAST(sum(p.points) AS bigint) FROM points_pointspending p
                  WHERE p.member_id = m.id AND p.state = 'open'), 0) AS pending,
       COALESCE((SELECT CAST(sum(l.remaining) AS bigint) FROM points_pointslot l
                  WHERE l.member_id = m.id AND l.expires_on >= %(on)s AND l.expires_on <= %(soon)s), 0) AS soon,
       (SELECT min(l.expires_on) FROM points_pointslot l WHERE l.member_id = m.id AND l.remaining > 0
           AND l.expires_on >= %(on)s AND l.expires_on <= %(soon)s) AS soon_on
  FROM accounts_member m LEFT JOIN points_pointsaccount a ON a.member_id = m.id WHERE m.id = %(member_id)s
"""  # noqa: S608 - names of columns, nothing from outside
_ENTRY = """e.seq, e.kind, e.delta, e.balance_after, e.debt_after, e.source_kind, e.expires_on, e.occurred_at,
e.business_on"""
_ALIVE = "m.token_version AS member_version, m.blocked_at AS member_blocked_at, m.merged_into_id AS member_merged_into"
_BEHIND = "points_pointsentry WHERE member_id = %(member_id)s AND seq < %(before)s ORDER BY seq DESC LIMIT %(limit)s"
PAGE = f"""
SELECT {_ALIVE}, {_ENTRY} FROM accounts_member m LEFT JOIN (SELECT * FROM {_BEHIND}) e ON e.member_id = m.id
 WHERE m.id = %(member_id)s ORDER BY e.seq DESC
"""  # noqa: S608 - as above
# PostgreSQL makes the JSON of a page in a fraction of the time that rows and their dates take on their way here.
PAGE_AS_JSON = f"""
SELECT {_ALIVE}, (
  SELECT CAST(json_agg(json_build_object(
           'id', CAST(e.seq AS text), 'kind', e.kind, 'title', e.source_kind, 'points', e.delta,
           'balance_after', e.balance_after, 'debt_after', e.debt_after,
           'expires_on', CASE WHEN e.expires_on < DATE '9999-12-31' THEN e.expires_on END,
           'occurred_at', to_char(e.occurred_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"'),
           'business_on', e.business_on) ORDER BY e.seq DESC) AS text)
    FROM (SELECT * FROM {_BEHIND}) e) AS items
  FROM accounts_member m WHERE m.id = %(member_id)s
"""  # noqa: S608 - as above
ONE = f"SELECT {_ENTRY}, e.id FROM points_pointsentry e WHERE e.member_id = %(member_id)s AND e.seq = %(seq)s"  # noqa: S608
ALLOCATIONS = """
SELECT l.expires_on, a.amount AS points FROM points_pointsallocation a JOIN points_pointslot l ON l.id = a.lot_id
 WHERE a.entry_id = %(id)s ORDER BY l.expires_on
"""
LOTS = """
SELECT expires_on, remaining AS points FROM points_pointslot
 WHERE member_id = %(member_id)s AND remaining > 0 AND expires_on >= %(on)s ORDER BY expires_on
"""
_FIRST_PAGE = 2**62
_TIMES = {"expires_on": "date", "occurred_at": "datetime", "business_on": "date"}


def get_summary(caller: Caller) -> dict[str, Any]:
    """The caller's points as the API gives them; refuses like ``accounts.ensure_alive``. One statement."""
    return _render_summary(ensure_alive(_summary(caller.member_id), caller))


def get_summary_of(member_id: int) -> dict[str, Any]:
    """The points of ``member_id`` for a section of the first screen; the caller was checked before. One statement."""
    return _render_summary(_summary(member_id))


def _summary(member_id: int) -> sql.Row | None:
    today = clock.today()
    params = {"member_id": member_id, "on": today, "soon": today + timedelta(days=SOON_DAYS)}
    return sql.fetch_one(SUMMARY, params, soon_on="date", member_blocked_at="datetime")


def _render_summary(row: sql.Row | None) -> dict[str, Any]:
    if row is None:
        raise errors.EntryNotFound
    soon = {"points": row["soon"], "first_on": row["soon_on"].isoformat()} if row["soon"] else None
    return {
        "balance": max(row["balance"] - row["expired"], 0),
        "debt": row["debt"],
        "held": row["held"],
        "pending": row["pending"],
        "expiring_soon": soon,
    }


def list_entries(caller: Caller, *, before: int | None, limit: int) -> list[dict[str, Any]]:
    """Up to ``limit`` entries of the caller as the API gives them, newest first, with numbers below ``before``.

    One statement; refuses like ``accounts.ensure_alive``.
    """
    params = {"member_id": caller.member_id, "before": before or _FIRST_PAGE, "limit": limit}
    return _page_as_json(caller, params) if sql.is_postgres() else _page_of_rows(caller, params)


def _page_of_rows(caller: Caller, params: sql.Params) -> list[dict[str, Any]]:
    rows = sql.fetch_all(PAGE, params, **_TIMES)
    ensure_alive(rows[0] if rows else None, caller)
    if rows[0]["seq"] is None:
        return []
    titles: dict[tuple[str, str], str] = {}
    return [render_entry(row, titles) for row in rows]


def _page_as_json(caller: Caller, params: sql.Params) -> list[dict[str, Any]]:
    items = ensure_alive(sql.fetch_one(PAGE_AS_JSON, params), caller)["items"]
    entries: list[dict[str, Any]] = orjson.loads(items) if items else []
    titles: dict[tuple[str, str], str] = {}
    for entry in entries:  # until here the title is the source that it follows from
        entry["title"] = _title(entry["title"], entry["kind"], titles)
    return entries


def _title(source_kind: str, kind: str, titles: dict[tuple[str, str], str]) -> str:
    name = (source_kind, kind)
    title = titles.get(name)
    if title is None:
        title = titles[name] = title_of(source_kind, kind)
    return title


def render_entry(row: sql.Row, titles: dict[tuple[str, str], str]) -> dict[str, Any]:
    """An entry as the API gives it; ``titles`` remembers translated titles within one page."""
    expires_on = row["expires_on"]
    return {
        "id": str(row["seq"]),
        "kind": row["kind"],
        "title": _title(row["source_kind"], row["kind"], titles),
        "points": row["delta"],
        "balance_after": row["balance_after"],
        "debt_after": row["debt_after"],
        "expires_on": _day(expires_on),
        "occurred_at": clock.iso(row["occurred_at"]),
        "business_on": row["business_on"].isoformat(),
    }


def title_of(source_kind: str, kind: str) -> str:
    """How an entry reads to a member: what its source registered, else its kind."""
    if kind == PointsEntry.Kind.EARN and source_kind in contract.entry_titles:
        return str(contract.entry_titles.get(source_kind))
    if kind in {PointsEntry.Kind.SPEND, PointsEntry.Kind.HOLD} and source_kind in contract.entry_titles:
        return str(contract.entry_titles.get(source_kind))
    return str(PointsEntry.Kind(kind).label)


def _day(day: date | None) -> str | None:
    return None if day is None or day == rules.NEVER else day.isoformat()


def get_entry(member_id: int, seq: int) -> dict[str, Any]:
    """One entry with the lots that it filled or drew from; ``EntryNotFound`` also for another member's."""
    row = sql.fetch_one(ONE, {"member_id": member_id, "seq": min(seq, _FIRST_PAGE)}, **_TIMES)
    if row is None:
        raise errors.EntryNotFound
    return {**render_entry(row, {}), "lots": _lots_of(row)}


def _lots_of(row: sql.Row) -> list[dict[str, Any]]:
    into = min(row["delta"], row["balance_after"])
    if row["expires_on"] is not None and into > 0:  # an earning goes into the lot that it names, less repaid debt
        return [{"expires_on": _day(row["expires_on"]), "points": into}]
    moves = sql.fetch_all(ALLOCATIONS, {"id": row["id"]}, expires_on="date")
    return [{"expires_on": _day(move["expires_on"]), "points": move["points"]} for move in moves]


def list_lots(member_id: int) -> list[dict[str, Any]]:
    """What can be spent, by last usable day, first to expire first; ``None`` is never. One statement."""
    rows = sql.fetch_all(LOTS, {"member_id": member_id, "on": clock.today()}, expires_on="date")
    return [{"expires_on": _day(row["expires_on"]), "points": row["points"]} for row in rows]
