"""What a specification, a source and a budget must look like. Plain functions; kinds judge their own fields."""

import re
from typing import Any

from members.rewards import errors

LONGEST_SOURCE = 40
LONGEST_KEY = 120
LONGEST_LABEL = 80
LONGEST_BUDGET = 64
MOST_COST_FEN = 10**12  # ten thousand million yuan: above it somebody mistook the unit
FEN_PER_SHARD = 500_00  # a budget has one row for each 500 yuan, so that a hot one isn't one hot row
MOST_SHARDS = 16

_SOURCE = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


def kind_of(spec: Any) -> str:
    """The kind that ``spec`` names, or ``InvalidReward``."""
    kind = spec.get("kind") if isinstance(spec, dict) else None
    if not isinstance(kind, str) or not kind:
        raise errors.InvalidReward(reason="kind")
    return kind


def ensure_source(source: str, key: str, label: str) -> None:
    """``ValueError`` for a source that isn't ``<slice>.<reason>`` or texts that don't fit: a programming error."""
    if not _SOURCE.fullmatch(source) or len(source) > LONGEST_SOURCE:
        raise ValueError(f"{source!r} is not a source such as checkins.day")
    if not 0 < len(key) <= LONGEST_KEY or len(label) > LONGEST_LABEL:
        raise ValueError(f"the key or label of {source} does not fit: {key!r}, {label!r}")


def ensure_cost(cost_fen: int) -> int:
    """``cost_fen``, or ``InvalidReward`` when it is negative or beyond any budget."""
    if not 0 <= cost_fen <= MOST_COST_FEN:
        raise errors.InvalidReward(reason="cost")
    return cost_fen


def shards_for(limit_fen: int) -> int:
    """Over how many rows a budget of ``limit_fen`` is spread.

    A reward is paid from one row, so up to ``shards − 1`` rewards' cost may stay unspent at the very end.
    """
    return max(1, min(MOST_SHARDS, limit_fen // FEN_PER_SHARD))
