"""Request limits: exact in one process, shared over Redis, local again when Redis vanishes."""

import itertools
import shutil
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest

from core import errors, limits
from core.limits import Limit, LocalBuckets, RedisBuckets
from tests.postgres import free_port

LIMIT = Limit("test", "member", per_minute=60, burst=3)
REAL_REDIS = "redis://127.0.0.1:6379/15"
_keys = itertools.count(time.time_ns())


def key() -> str:
    return f"homeground-test-{next(_keys)}"


def test_a_burst_then_one_a_second() -> None:
    seconds = iter([100.0, 100.0, 100.0, 100.0, 101.0, 101.0])
    buckets, mine = LocalBuckets(lambda: next(seconds)), key()

    first = [buckets.hit(mine, LIMIT) for _ in range(4)]
    later = [buckets.hit(mine, LIMIT).allowed for _ in range(2)]

    assert [each.allowed for each in first] == [True, True, True, False]
    assert [each.remaining for each in first] == [2, 1, 0, 0]
    assert first[3].reset == pytest.approx(1.0)
    assert later == [True, False]


def test_keys_do_not_share() -> None:
    buckets = LocalBuckets()

    assert all(buckets.hit(key(), LIMIT).allowed for _ in range(10))


def test_the_least_recently_used_bucket_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_BUCKETS", 2)
    buckets = LocalBuckets()
    for _ in range(3):
        buckets.hit("a", LIMIT)
    buckets.hit("b", LIMIT)
    buckets.hit("c", LIMIT)

    assert buckets.hit("a", LIMIT).allowed  # forgotten
    assert len(buckets._tats) == 2


def test_policy_reads_as_the_header_draft_says() -> None:
    assert LIMIT.policy() == '"test";q=3;w=3'


def test_check_counts_each_scope_that_has_a_subject(settings: Any) -> None:
    settings.RATE_LIMITS_ENABLED = True
    two = (LIMIT, Limit("device", "device", 60, 1))

    outcomes = limits.check(two, {"member": key(), "device": "", "address": "a"})

    assert [outcome.limit.name for outcome in outcomes] == ["test"]


def test_check_refuses_with_the_seconds_to_wait() -> None:
    subject = {"member": key()}
    for _ in range(3):
        limits.check((LIMIT,), subject)

    with pytest.raises(errors.TooManyRequests) as refused:
        limits.check((LIMIT,), subject)

    assert refused.value.retry_after == 1


def test_limits_can_be_switched_off(settings: Any) -> None:
    settings.RATE_LIMITS_ENABLED = False

    assert all(limits.check((LIMIT,), {"member": "m"}) == [] for _ in range(10))


def test_over_http_the_headers_tell_and_the_third_is_refused(api: Any) -> None:
    answers = [api.get("/api/v1/scarce") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"scarce";q=2;w=2'
    assert answers[0].headers["RateLimit"] == '"scarce";r=1;t=1'
    assert answers[2].json()["code"] == "core.too_many_requests"
    assert answers[2].headers["Retry-After"] == "1"


# ---- Redis -----------------------------------------------------------------------------------------------------------


def _is_there(url: str) -> bool:
    import redis

    try:
        with redis.Redis.from_url(url, socket_connect_timeout=0.5) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


needs_redis = pytest.mark.skipif(not _is_there(REAL_REDIS), reason="needs a Redis on 127.0.0.1:6379")


@needs_redis
def test_two_processes_share_one_bucket_over_redis() -> None:
    one, other, mine = RedisBuckets(REAL_REDIS), RedisBuckets(REAL_REDIS), key()
    slow = Limit("test", "member", per_minute=1, burst=4)  # a minute a request: no place comes back in the meantime

    allowed = [buckets.hit(mine, slow).allowed for buckets in (one, other, one, other, one, other)]

    assert allowed == [True, True, True, True, False, False]
    one.close()
    other.close()


@needs_redis
def test_redis_and_local_buckets_say_the_same() -> None:
    slow = Limit("test", "member", per_minute=1, burst=2)
    shared, local, mine = RedisBuckets(REAL_REDIS), LocalBuckets(), key()

    for _ in range(3):
        theirs, ours = shared.hit(mine, slow), local.hit(mine, slow)
        assert (theirs.allowed, theirs.remaining) == (ours.allowed, ours.remaining)
        assert theirs.reset == pytest.approx(ours.reset, abs=1)
    shared.close()


@needs_redis
def test_the_configured_redis_is_used_for_requests(settings: Any) -> None:
    settings.REDIS_URL = REAL_REDIS
    limits.reset()

    assert isinstance(limits.buckets(), RedisBuckets)
    limits.reset()


@pytest.fixture
def own_redis() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server of our own, which may be killed."""
    program = shutil.which("redis-server")
    if not program:
        pytest.skip("needs redis-server on PATH")
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{port}/0"
    deadline = time.monotonic() + 10
    while not _is_there(url) and time.monotonic() < deadline:
        pass
    yield url, process
    process.kill()
    process.wait(5)


def test_when_redis_vanishes_requests_go_on_with_local_buckets(own_redis: Any) -> None:
    url, process = own_redis
    buckets, mine = RedisBuckets(url), key()
    assert buckets.hit(mine, LIMIT).allowed
    process.kill()
    process.wait(5)

    started = time.monotonic()
    allowed = [buckets.hit(mine, LIMIT).allowed for _ in range(4)]

    assert allowed == [True, True, True, False]
    assert time.monotonic() - started < 1  # one failed try; the others don't even ask
    buckets.close()


def test_a_redis_that_swallows_everything_costs_a_tenth_of_a_second() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as deaf:
        buckets = RedisBuckets(f"redis://127.0.0.1:{deaf.getsockname()[1]}/0")
        started = time.monotonic()

        assert buckets.hit(key(), LIMIT).allowed
        assert time.monotonic() - started < 0.5
        buckets.close()
