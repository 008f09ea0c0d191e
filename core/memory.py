"""What a process remembers between requests: limits, published versions, block lists.

Each such memory says how to forget it; tests forget everything between two tests, so that none sees another's rows.
"""

from collections.abc import Callable

_memories: list[Callable[[], None]] = []


def remembered(forget: Callable[[], None]) -> Callable[[], None]:
    """Register ``forget``, which empties one memory of this process; usable as a decorator."""
    if forget not in _memories:
        _memories.append(forget)
    return forget


def forget() -> None:
    """Empty all memories of this process."""
    for each in _memories:
        each()
