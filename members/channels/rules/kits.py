"""What a welcome kit may hold."""

from collections.abc import Sequence
from typing import Any

MOST_REWARDS = 6


def is_list_of_rewards(rewards: Any) -> bool:
    """Whether ``rewards`` is a list of 1 to :data:`MOST_REWARDS` specifications; their kinds judge what is in them."""
    return (
        isinstance(rewards, Sequence)
        and not isinstance(rewards, str)
        and 1 <= len(rewards) <= MOST_REWARDS
        and all(isinstance(each, dict) for each in rewards)
    )
