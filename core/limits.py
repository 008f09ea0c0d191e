"""Request limits: generic cell rate buckets, in the process or, when configured, in Redis.

A limit protects the service, not value: value is guarded by its own statements. So it may fail open: when Redis is away
the buckets are local ones, and the next try at Redis waits :data:`REDIS_PAUSE` s.
"""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import structlog
from django.conf import settings

from core import errors, memory

log = structlog.get_logger(__name__)
MAX_BUCKETS = 200_000  # about 40 MB; the least recently used go first
REDIS_PAUSE = 5.0


@dataclass(frozen=True)
class Limit:
    """``burst`` requests at once and ``per_minute`` in the long run, counted by ``scope`` (member, device, address)."""

    name: str
    scope: str
    per_minute: int
    burst: int

    @property
    def interval(self) -> float:
        """Seconds that one request costs."""
        return 60.0 / self.per_minute

    def policy(self) -> str:
        """As in the ``RateLimit-Policy`` header (draft-ietf-httpapi-ratelimit-headers)."""
        return f'"{self.name}";q={self.burst};w={round(self.burst * self.interval)}'


@dataclass(frozen=True)
class Outcome:
    """What a bucket says: whether the request may go on, how many may follow at once, and when to come again (s)."""

    limit: Limit
    allowed: bool
    remaining: int
    reset: float


class Buckets(Protocol):
    """Where arrival times are kept."""

    def hit(self, key: str, limit: Limit) -> Outcome:
        """Count one request under ``key``."""
        ...

    def look(self, key: str, limit: Limit) -> Outcome:
        """What :meth:`hit` would say, without counting."""
        ...


def _outcome(limit: Limit, tat: float, now: float) -> tuple[Outcome, float]:
    """GCRA: ``tat`` is the theoretical arrival time; returns the outcome and the new ``tat``."""
    tat = max(tat, now)
    tolerance = limit.interval * limit.burst
    ahead = tat + limit.interval - now
    if ahead > tolerance + 1e-9:
        return Outcome(limit, allowed=False, remaining=0, reset=ahead - tolerance), tat
    left = int((tolerance - ahead) / limit.interval)
    return Outcome(limit, allowed=True, remaining=left, reset=ahead), tat + limit.interval


class LocalBuckets:
    """Buckets of this process; ``now`` gives seconds that never run backwards."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._tats: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def hit(self, key: str, limit: Limit) -> Outcome:
        """Count one request under ``key``."""
        with self._lock:
            outcome, tat = _outcome(limit, self._tats.pop(key, 0.0), self._now())
            self._tats[key] = tat
            if len(self._tats) > MAX_BUCKETS:
                self._tats.popitem(last=False)
        return outcome

    def look(self, key: str, limit: Limit) -> Outcome:
        """What :meth:`hit` would say, without counting."""
        with self._lock:
            return _outcome(limit, self._tats.get(key, 0.0), self._now())[0]

    def clear(self) -> None:
        """Forget everything (tests)."""
        with self._lock:
            self._tats.clear()


class RedisBuckets:
    """Buckets shared by all processes; one script a hit, so that two processes can't both take the last place."""

    SCRIPT: ClassVar[str] = """
    local t = redis.call('TIME'); local now = t[1] + t[2] / 1000000
    local tat = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
    local ahead = tat + ARGV[1] - now
    if ahead > ARGV[2] + 1e-6 then return {0, tostring(ahead)} end
    if ARGV[3] == '0' then return {1, tostring(ahead)} end
    redis.call('SET', KEYS[1], string.format('%.6f', tat + ARGV[1]), 'EX', math.ceil(ahead) + 1)
    return {1, tostring(ahead)}
    """

    def __init__(self, url: str) -> None:
        import redis

        self._errors: tuple[type[Exception], ...] = (redis.RedisError, OSError)
        self._client: Any = redis.Redis.from_url(url, socket_timeout=0.1, socket_connect_timeout=0.1)
        self._script = self._client.register_script(self.SCRIPT)
        self._local = LocalBuckets()
        self._resume_at = 0.0

    def hit(self, key: str, limit: Limit) -> Outcome:
        """Count one request under ``key``; with Redis away, in this process only."""
        return self._ask(key, limit, counting=1) or self._local.hit(key, limit)

    def look(self, key: str, limit: Limit) -> Outcome:
        """What :meth:`hit` would say, without counting; with Redis away, in this process only."""
        return self._ask(key, limit, counting=0) or self._local.look(key, limit)

    def _ask(self, key: str, limit: Limit, *, counting: int) -> Outcome | None:
        """What Redis says, or ``None`` while it is away."""
        if time.monotonic() < self._resume_at:
            return None
        tolerance = limit.interval * limit.burst
        try:
            allowed, ahead = self._script(keys=[f"limit:{key}"], args=[limit.interval, tolerance, counting])
        except self._errors:
            self._resume_at = time.monotonic() + REDIS_PAUSE
            log.warning("limits_fall_back_to_local")
            return None
        left = tolerance - float(ahead)
        reset = float(ahead) if allowed else -left
        return Outcome(limit, bool(allowed), max(0, int(left / limit.interval)), reset)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()


_buckets: Buckets | None = None


def buckets() -> Buckets:
    """The buckets of this deployment."""
    global _buckets  # noqa: PLW0603 - one per process, made at the first request
    if _buckets is None:
        _buckets = RedisBuckets(settings.REDIS_URL) if settings.REDIS_URL else LocalBuckets()
    return _buckets


@memory.remembered
def reset() -> None:
    """Start with fresh buckets (tests, changed settings)."""
    global _buckets  # noqa: PLW0603
    _buckets = None


def check(limits: tuple[Limit, ...], subjects: dict[str, str]) -> list[Outcome]:
    """Count a request under each limit whose scope has a subject; ``TooManyRequests`` when one is used up."""
    if not settings.RATE_LIMITS_ENABLED:
        return []
    outcomes = [
        buckets().hit(f"{limit.name}:{subjects[limit.scope]}", limit) for limit in limits if subjects.get(limit.scope)
    ]
    for outcome in outcomes:
        if not outcome.allowed:
            raise errors.TooManyRequests(retry_after=max(1, math.ceil(outcome.reset)))
    return outcomes


def ensure_left(limits: tuple[Limit, ...], subjects: dict[str, str]) -> None:
    """``TooManyRequests`` when one of the limits is used up; nothing is counted.

    For penalties: :func:`check` counts a failure, and this keeps whoever has failed too often from trying again.
    """
    if not settings.RATE_LIMITS_ENABLED:
        return
    for limit in limits:
        if subject := subjects.get(limit.scope):
            outcome = buckets().look(f"{limit.name}:{subject}", limit)
            if not outcome.allowed:
                raise errors.TooManyRequests(retry_after=max(1, math.ceil(outcome.reset)))
