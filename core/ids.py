"""Identifiers: UUIDv7 for what has an address of its own, UUIDv5 for what follows from a natural key."""

import secrets
import time
import uuid

EVENT_NAMESPACE = uuid.UUID("6f1d1c2e-7a55-5d0e-9a63-2f3f6f0c9a11")


def uuid7() -> uuid.UUID:
    """A time-ordered random UUID (RFC 9562 §5.7): 48 bits of milliseconds, 74 random bits."""
    value = (time.time_ns() // 1_000_000 & (1 << 48) - 1) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    return uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def event_uuid(topic: str, key: str) -> uuid.UUID:
    """The id of the event about ``key`` under ``topic``: the same fact always has the same id (RFC 9562 §5.5)."""
    return uuid.uuid5(EVENT_NAMESPACE, f"{topic}:{key}")
