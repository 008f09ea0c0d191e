"""Shared stock: the one primitive for things that run out.

A pool (``kind``, ``id``, optionally a day) is a few rows, its shards, whose ``remaining`` never goes below zero: the
guarded ``UPDATE`` decides and a CHECK stands behind it. A taker starts at a random shard; "empty" is said only after a
pass over all shards. A caller may fix the shard (the lane of a draw).
"""

from datetime import date
from typing import Any

from core import errors, randomness, sql
from core.commands import part

CREATE = """
INSERT INTO core_stockshard (pool_kind, pool_id, day, shard, remaining)
VALUES (%(kind)s, %(id)s, %(day)s, %(shard)s, 0) ON CONFLICT DO NOTHING
"""
ADD = """
UPDATE core_stockshard SET remaining = remaining + %(n)s
 WHERE pool_kind = %(kind)s AND pool_id = %(id)s AND day IS NOT DISTINCT FROM %(day)s AND shard = %(shard)s
RETURNING shard
"""
TAKE = """
UPDATE core_stockshard SET remaining = remaining - %(n)s
 WHERE pool_kind = %(kind)s AND pool_id = %(id)s AND day IS NOT DISTINCT FROM %(day)s AND shard = %(shard)s
   AND remaining >= %(n)s
RETURNING remaining
"""
READ = """
SELECT shard, remaining FROM core_stockshard
 WHERE pool_kind = %(kind)s AND pool_id = %(id)s AND day IS NOT DISTINCT FROM %(day)s ORDER BY shard
"""


def shard_count(total: int) -> int:
    """How many shards a pool of ``total`` pieces gets: one for each 50, at most 32 (``docs/locking.md``)."""
    return max(1, min(32, total // 50))


@part
def top_up(*, kind: str, pool: str, n: int, day: date | None = None, shards: int = 1) -> None:
    """Add ``n`` pieces to a pool, evenly over ``shards`` shards; makes the pool at the first time."""
    for shard in range(shards):
        share = n // shards + (1 if shard < n % shards else 0)
        params = {"kind": kind, "id": pool, "day": day, "shard": shard, "n": share}
        sql.execute(CREATE, params)
        sql.execute(ADD, params)


@part
def put_back(*, kind: str, pool: str, n: int = 1, day: date | None = None, shard: int = 0) -> None:
    """Return ``n`` pieces to the shard that they were taken from."""
    if not sql.fetch_one(ADD, {"kind": kind, "id": pool, "day": day, "shard": shard, "n": n}):
        raise ValueError(f"stock {kind}:{pool} has no shard {shard}")


@part
def take(
    *, kind: str, pool: str, n: int = 1, day: date | None = None, shard: int | None = None, near: int | None = None
) -> int:
    """Take ``n`` pieces and return the shard that gave them; ``OutOfStock`` when no shard has as many.

    Call it as late in the transaction as possible: the shard stays locked until COMMIT. A transaction that takes twice
    from one pool gives the same ``near`` (the member's key) both times: it starts at the same shard, and two such
    transactions don't wait for each other crosswise.
    """
    params: dict[str, Any] = {"kind": kind, "id": pool, "day": day, "n": n}
    candidates = [shard] if shard is not None else _order(params, n, near)
    for candidate in candidates:
        if sql.fetch_one(TAKE, params | {"shard": candidate}):
            return candidate
    if shard is None:  # another pass: a shard may have been refilled, or another taker rolled back
        for row in sql.fetch_all(READ, params):
            if sql.fetch_one(TAKE, params | {"shard": row["shard"]}):
                return int(row["shard"])
    raise errors.OutOfStock


def _order(params: dict[str, Any], n: int, near: int | None) -> list[int]:
    """The shards that seem to have enough, from a random one on, or from the one that belongs to ``near``."""
    rows = sql.fetch_all(READ, params)
    if not rows:
        return []
    start = randomness.below(len(rows)) if near is None else near % len(rows)
    return [row["shard"] for row in rows[start:] + rows[:start] if row["remaining"] >= n]


def remaining(*, kind: str, pool: str, day: date | None = None) -> int:
    """What is left in all shards together: a hint for display, never a decision."""
    return sum(row["remaining"] for row in sql.fetch_all(READ, {"kind": kind, "id": pool, "day": day}))
