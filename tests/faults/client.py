"""People with a phone: keyed requests over HTTP, each sent again with the same key until its answer is definite."""

import http.client
import itertools
import json
import threading
import time
import uuid
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Self

TIMEOUT_SECONDS = 15.0
AGAIN_SECONDS = 0.15
PAUSE_SECONDS = 0.01  # between two acts of one thread: a load, not a benchmark
CONSENTS = {"consents": [{"purpose": name, "version": "1", "given": True} for name in ("terms", "privacy")]}


@dataclass(frozen=True)
class Answer:
    """One answer as it came over the wire; ``status`` 0 when none came."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_definite(self) -> bool:
        """Whether asking again would change nothing: done, or refused for good."""
        return 200 <= self.status < 500 and not self.body.get("retryable")

    @property
    def fault(self) -> str:
        """What is wrong with it, whatever was killed: a 5xx is a 503 that says when to come again."""
        if self.status < 500:
            return "it lost its token" if self.status == 401 else ""
        is_polite = self.status == 503 and "retry-after" in self.headers
        is_problem = self.headers.get("content-type", "").startswith("application/problem+json")
        return "" if is_polite and is_problem else f"{self.status} {self.headers} {self.body}"


@dataclass
class Operation:
    """One act of one person, however often it was sent; ``answer`` is the definite one, if it came."""

    kind: str
    who: str
    method: str
    path: str
    body: dict[str, Any]
    key: str = ""
    day: str = ""
    token: str = ""
    answer: Answer | None = None
    tries: int = 0
    began: float = 0.0
    ended: float = 0.0
    faults: list[str] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        """Acknowledged: the person was told that it happened."""
        return self.answer is not None and self.answer.status < 300

    @property
    def is_refused(self) -> bool:
        """Answered for good, and not with success."""
        return self.answer is not None and not self.is_done


class Phone:
    """A keep-alive connection to the web server, opened again whenever it was lost."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(self, operation: Operation) -> Answer:
        """Send ``operation`` once; an answer with status 0 when none came."""
        headers = {"Content-Type": "application/json", "Accept-Language": "en"}
        if operation.token:
            headers["Authorization"] = f"Bearer {operation.token}"
        if operation.key:
            headers["Idempotency-Key"] = operation.key
        try:
            self._connection.request(operation.method, operation.path, json.dumps(operation.body), headers)
            response = self._connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return Answer(0, {})
        given = {name.lower(): value for name, value in response.getheaders()}
        with suppress(ValueError):
            return Answer(response.status, json.loads(text) if text else {}, given)
        return Answer(response.status, {"text": text[:200].decode(errors="replace")}, given)

    def insist(self, operation: Operation, stopped: threading.Event) -> Answer | None:
        """Send it until the answer is definite; ``None`` when ``stopped`` came first."""
        while not stopped.is_set():
            operation.tries += 1
            operation.began = time.monotonic()
            answer = self.ask(operation)
            if fault := answer.fault:
                operation.faults.append(f"{operation.kind}: {fault}")
            if answer.is_definite:
                operation.answer, operation.ended = answer, time.monotonic()
                return answer
            stopped.wait(AGAIN_SECONDS)
        return None


class Acts:
    """The acts of the check-in campaign as requests; every one has a key of its own."""

    def __init__(self, campaign: str) -> None:
        self.campaign = campaign

    def sign_in(self, who: str) -> Operation:
        """Natural key: the person behind the code."""
        body = {"platform": "sandbox", "code": who}
        return Operation("sign_in", who, "POST", "/api/v1/sessions", body)

    def join(self, who: str, token: str) -> Operation:
        """Become a member."""
        return Operation("join", who, "POST", "/api/v1/me/membership", CONSENTS, key=_key(), token=token)

    def check_in(self, who: str, token: str, *, keyed: bool = True) -> Operation:
        """Today's check-in; without a key its natural one (member, campaign, day) decides."""
        path = f"/api/v1/check-ins/{self.campaign}/check-ins"
        return Operation("check_in", who, "POST", path, {}, key=_key() if keyed else "", token=token)

    def make_up(self, who: str, token: str, day: date) -> Operation:
        """Fill ``day`` for points."""
        path = f"/api/v1/check-ins/{self.campaign}/make-ups"
        body = {"checked_on": day.isoformat()}
        return Operation("make_up", who, "POST", path, body, key=_key(), day=day.isoformat(), token=token)


def _key() -> str:
    return uuid.uuid4().hex


Journey = Generator[Operation, Answer, None]  # what a person does next, given the last answer


class Load:
    """A few threads of people, newcomers and regulars by turns, until :meth:`stop`."""

    def __init__(
        self, port: int, campaign: str, today: date, *, threads: int = 4, name: str = "new", regulars_from: int = 0
    ) -> None:
        self.operations: list[Operation] = []
        self._acts, self._port, self._today, self._name = Acts(campaign), port, today, name
        self._numbers, self._regulars_from = itertools.count(1), regulars_from
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End; what has no definite answer yet stays without one."""
        self._stopped.set()
        for thread in self._threads:
            thread.join(TIMEOUT_SECONDS + 5)

    def _work(self) -> None:
        with Phone(self._port) as phone:
            while not self._stopped.is_set():
                number = next(self._numbers)
                journey = self._newcomer(number) if number % 2 else self._regular(self._regulars_from + number // 2)
                answer = None
                with suppress(StopIteration):
                    operation = next(journey)
                    while True:
                        self.operations.append(operation)
                        if (answer := phone.insist(operation, self._stopped)) is None:
                            break
                        self._stopped.wait(PAUSE_SECONDS)
                        operation = journey.send(answer)

    def _newcomer(self, number: int) -> Journey:
        who = f"demo-{self._name}-{number}"
        token = (yield self._acts.sign_in(who)).body["token"]
        yield self._acts.join(who, token)
        yield self._acts.check_in(who, token, keyed=number % 4 == 1)

    def _regular(self, number: int) -> Journey:
        who = f"demo-regular-{number}"
        answer = yield self._acts.sign_in(who)
        if answer.status != 200:  # more people than were seeded: this one is new, too
            return
        token = answer.body["token"]
        yield self._acts.check_in(who, token)
        for ago in (1, 2, 3):
            yield self._acts.make_up(who, token, self._today - timedelta(days=ago))
