"""How scans become numbers: which scan counts, and which one shows a person who is new to the channel.

A scan's *marks* are the person (``m:<key>``) and the device (``d:<hash>``) that made it. A person is new when neither
was seen in the channel, or when the device was seen but belongs to somebody else. A scan that is joined to its person
later is judged again: the numbers are corrected by the difference.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

NOTHING, SCAN, NEW_PERSON = 0, 1, 2  # what the day's row holds of a scan

SIGNED_IN, JOINED, ACTED, ORDERED = 1, 2, 4, 8  # the steps of a person that the days' rows hold

Mark = tuple[UUID, str]  # channel and mark


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scan to be judged; ``counted`` is what the day's row holds of it already."""

    id: int
    channel_id: UUID
    batch_id: UUID
    day: date
    member_id: int | None
    device: str
    is_excluded: bool
    counted: int

    def marks(self) -> list[str]:
        """The person's mark and the device's, as far as they are known."""
        marks = [f"m:{self.member_id}"] if self.member_id is not None else []
        return marks + ([f"d:{self.device}"] if self.device else [])


@dataclass(frozen=True, slots=True)
class Seen:
    """Whose a mark is, as far as it is known, and the scan that made the person count in the channel."""

    member_id: int | None
    scan_id: int


@dataclass(slots=True)
class Known:
    """Which marks the channels have seen, and what a sweep changes about that."""

    seen: dict[Mark, Seen]
    changed: dict[Mark, Seen] = field(default_factory=dict)

    def learn(self, mark: Mark, seen: Seen) -> None:
        """Note ``mark``; what is known of it stays, but a device without a person gets its first one."""
        known = self.seen.get(mark)
        if known is None or (known.member_id is None and seen.member_id is not None):
            self.seen[mark] = self.changed[mark] = Seen(seen.member_id, known.scan_id if known else seen.scan_id)


def judge(scan: Scanned, known: Known) -> int:
    """What the day's row should hold of ``scan``; adds its marks to ``known``. Judging again gives the same."""
    if scan.is_excluded:
        return NOTHING
    person, device = (scan.channel_id, f"m:{scan.member_id}"), (scan.channel_id, f"d:{scan.device}")
    is_new = _is_stranger(scan, known, device) if scan.member_id is None else _is_newcomer(scan, known, person, device)
    by_device = known.seen.get(device) if scan.device else None
    first = by_device.scan_id if by_device and not is_new and person not in known.seen else scan.id
    if scan.member_id is not None:
        known.learn(person, Seen(scan.member_id, first))
    if scan.device:
        known.learn(device, Seen(scan.member_id, scan.id))
    return NEW_PERSON if is_new else SCAN


def _is_stranger(scan: Scanned, known: Known, device: Mark) -> bool:
    """An anonymous scan: new unless its device was seen before."""
    seen = known.seen.get(device) if scan.device else None
    return seen is None or (scan.counted == NEW_PERSON and seen.scan_id == scan.id)


def _is_newcomer(scan: Scanned, known: Known, person: Mark, device: Mark) -> bool:
    """A person's scan: new unless the person, or the person's device before it had a name, was seen before."""
    if seen := known.seen.get(person):
        return scan.counted == NEW_PERSON and seen.scan_id == scan.id
    if scan.counted == NEW_PERSON:
        return True
    by_device = known.seen.get(device) if scan.device else None
    return by_device is None or by_device.member_id not in {None, scan.member_id}


def steps(
    *, is_counted: bool, signed_in_on: date, joined_on: date | None, acted_on: date | None, ordered_on: date | None
) -> dict[int, date]:
    """The steps that the days' rows should hold of a person, each with its day; none of an excluded one."""
    if not is_counted:
        return {}
    days = {SIGNED_IN: signed_in_on, JOINED: joined_on, ACTED: acted_on, ORDERED: ordered_on}
    return {step: day for step, day in days.items() if day is not None}


def mask(taken: Iterable[int]) -> int:
    """A set of steps as bits."""
    return sum(taken)
