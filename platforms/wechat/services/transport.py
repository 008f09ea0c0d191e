"""One request to WeChat within a hard limit of time and size, behind a circuit breaker.

The time-outs of a socket start anew with each byte, and looking a name up has none: so the request runs in a thread of
its own, and whoever asked waits for its result no longer than agreed. What was not answered in time is never sent again
here, since nobody knows whether it took effect.
"""

import math
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
from django.conf import settings

from core import memory
from platforms.wechat import errors
from platforms.wechat.rules import answers, codes
from platforms.wechat.rules.answers import Answer

MOST_BYTES = 2 * 1024 * 1024
THREADS = 16  # a WeChat that hangs holds so many threads at most; further calls are refused at once
FAILURES, PAUSE = 5, 10.0  # the breaker opens after so many failures in a row, for so many seconds


@dataclass(frozen=True)
class Request:
    """What to send: ``query`` and ``body`` (JSON) without the token, ``tries`` times at most while WeChat is busy."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Mapping[str, Any] | None = None
    tries: int = 3


class Deadline:
    """A moment by which everything must be over; seconds on a clock that never jumps."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds left, 0 when it is past."""
        return max(0.0, self._at - time.monotonic())


class Late(Exception):
    """No result in time."""


class Breaker:
    """After :data:`FAILURES` failures in a row refuses for :data:`PAUSE` s, then lets one request through to see."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now, self._lock = now, threading.Lock()
        self._failures, self._open_until = 0, 0.0

    def ensure_closed(self) -> None:
        """``Unavailable`` while open; the first after the pause goes through, the others wait for what it finds."""
        with self._lock:
            now = self._now()
            if now < self._open_until:
                raise errors.Unavailable(retry_after=max(1, math.ceil(self._open_until - now)))
            if self._failures >= FAILURES:
                self._open_until = now + PAUSE

    def succeeded(self) -> None:
        """There was an answer that could be read, be it a refusal."""
        with self._lock:
            self._failures, self._open_until = 0, 0.0

    def failed(self) -> None:
        """There was none."""
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES:
                self._open_until = self._now() + PAUSE


class Transport:
    """Connections to one host, shared by all threads of the process."""

    def __init__(self, base_url: str, connect: float, read: float) -> None:
        self._read, self._connect = read, connect
        self._client = httpx.Client(
            base_url=base_url, trust_env=False, follow_redirects=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "homeground"},  # a packed body has no known size
        )  # fmt: skip
        self._places = threading.BoundedSemaphore(THREADS)
        self.breaker = Breaker()

    def send(self, request: Request, token: str, deadline: Deadline) -> Answer:
        """The answer, be it a refusal in JSON; ``Unavailable`` when there is none, in time and readable."""
        self.breaker.ensure_closed()
        try:
            answer = self._within(deadline, lambda: self._exchange(request, token, deadline))
        except (httpx.HTTPError, answers.Unreadable, Late):
            self.breaker.failed()
            raise errors.Unavailable from None  # the cause may hold the address, and that the secret
        self.breaker.succeeded()
        return answer

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _within(self, deadline: Deadline, act: Callable[[], Answer]) -> Answer:
        if not self._places.acquire(blocking=False):
            raise Late
        box: queue.SimpleQueue[Answer | BaseException] = queue.SimpleQueue()

        def run() -> None:
            try:
                box.put(act())
            except BaseException as error:  # noqa: BLE001 - it is raised again in the thread that waits
                box.put(error)
            finally:
                self._places.release()

        threading.Thread(target=run, name="wechat", daemon=True).start()
        try:
            result = box.get(timeout=deadline.left)
        except queue.Empty:
            raise Late from None
        if isinstance(result, BaseException):
            raise result
        return result

    def _exchange(self, request: Request, token: str, deadline: Deadline) -> Answer:
        left = max(0.001, deadline.left)
        query = dict(request.query) | ({"access_token": token} if token else {})
        # The bytes as they are: WeChat takes \uXXXX for text in places (wrong signs, 40033).
        content = orjson.dumps(request.body) if request.body is not None else None
        with self._client.stream(
            request.method, request.path, params=query, content=content,
            headers={"Content-Type": "application/json"} if content is not None else None,
            timeout=httpx.Timeout(min(self._read, left), connect=min(self._connect, left)),
        ) as response:  # fmt: skip
            body = _bounded(response, deadline)
            answer = answers.read(response.headers.get("Content-Type", ""), body)
        if response.status_code != 200 and codes.errcode_of(answer.data or {}) == 0:
            raise answers.Unreadable
        return answer


def _bounded(response: httpx.Response, deadline: Deadline) -> bytes:
    """The body as it came; ``Unreadable`` beyond :data:`MOST_BYTES`, ``Late`` when it drips."""
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > MOST_BYTES:
            raise answers.Unreadable
        if not deadline.left:
            raise Late
    return bytes(body)


_transports: dict[tuple[str, float, float], Transport] = {}
_making = threading.Lock()


def transport() -> Transport:
    """The connections of this process, as the settings say."""
    key = (settings.WECHAT_BASE_URL, settings.WECHAT_CONNECT_SECONDS, settings.WECHAT_READ_SECONDS)
    with _making:
        return _transports.get(key) or _transports.setdefault(key, Transport(*key))


@memory.remembered
def forget() -> None:
    """Start anew, with a closed breaker (tests, changed settings)."""
    with _making:
        while _transports:
            _transports.popitem()[1].close()
