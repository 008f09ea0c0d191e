"""Looking a code up at the door: typing mistakes are told at once, guessing is slowed down and told nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from core import limits
from members.channels import errors, selectors
from members.channels.rules import codes

# Only codes that don't exist count here. Whoever has used them up waits, right guesses included: otherwise the answer
# to a right guess would come as fast as ever. 32^8 codes make even an unhindered search hopeless; see the docs.
PENALTIES = (
    limits.Limit("unknown-code-device", "device", 6, 12),
    limits.Limit("unknown-code-member", "member", 6, 12),
    limits.Limit("unknown-code-address", "address", 60, 120),  # a campus stands behind one address
)


@contextmanager
def guarded(subjects: dict[str, str]) -> Iterator[None]:
    """Count an unknown code that is met inside; ``TooManyRequests`` instead of an answer after too many.

    ``subjects`` says who asks (member, device, address).
    """
    limits.ensure_left(PENALTIES, subjects)
    try:
        yield
    except errors.CodeUnknown:
        limits.check(PENALTIES, subjects)
        raise


def look_up(text: str, *, subjects: dict[str, str]) -> selectors.Resolved:
    """What the code that ``text`` spells leads to, in or out of its time. One statement.

    Refuses with ``CodeMistyped``, ``CodeUnknown`` or, after too many unknown ones, ``TooManyRequests``.
    """
    code = codes.read(text)
    with guarded(subjects):
        return selectors.get_code(code)
