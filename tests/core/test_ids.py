"""Identifiers and dice."""

import uuid
from collections import Counter
from typing import Any

from core import ids, randomness


def test_uuid7_has_version_variant_and_the_time(clock: Any) -> None:
    made = ids.uuid7()

    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == int(clock.now.timestamp() * 1000)


def test_uuid7_grows_with_the_time_and_never_repeats(clock: Any) -> None:
    earlier = [ids.uuid7() for _ in range(1000)]
    clock.advance(seconds=0.002)
    later = ids.uuid7()

    assert len(set(earlier)) == 1000
    assert max(earlier) < later


def test_the_same_fact_always_has_the_same_event_id() -> None:
    one = ids.event_uuid("checkins.checked_in", "1:2026-11-22")

    assert one == uuid.UUID("1b04f5c1-6c00-5049-88fd-6a1d5c059042")

    assert one == ids.event_uuid("checkins.checked_in", "1:2026-11-22")
    assert one != ids.event_uuid("checkins.checked_in", "1:2026-11-23")


def test_dice_stay_in_their_bounds() -> None:
    assert {randomness.below(3) for _ in range(200)} == {0, 1, 2}
    assert all(len(randomness.digits(4)) == 4 and randomness.digits(4).isdecimal() for _ in range(200))
    assert set(randomness.symbols(200, "ab")) == {"a", "b"}
    assert all(8 <= randomness.jitter(10) <= 12 for _ in range(200))


def test_dice_are_even() -> None:
    counts = Counter(randomness.below(10) for _ in range(20_000))

    assert all(1_700 < counts[face] < 2_300 for face in range(10))  # seven standard deviations
