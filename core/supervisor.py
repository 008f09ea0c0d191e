"""Runs the processes of an embedded deployment as children: web, worker and one beat.

Each child has a session of its own, so that a Ctrl-C reaches only the supervisor, which ends them in order: TERM to
each main process, KILL to what is left of its group after a deadline. A child that dies is started again, later each
time that it dies early.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

GRACE_SECONDS = 3.0  # a web worker finishes its requests; what a worker leaves half done, the database rolls back
HEALTHY_SECONDS = 20.0  # a child that lived this long starts again at once
BACK_OFF_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
TICK_SECONDS = 0.1


@dataclass(frozen=True)
class ChildSpec:
    """A process to keep alive: its name, and the command that starts it."""

    name: str
    command: Sequence[str]


class Child:
    """One process that is kept alive, with its log file."""

    def __init__(self, spec: ChildSpec, *, environment: Mapping[str, str], cwd: Path, logs: Path) -> None:
        self.spec = spec
        self.log = logs / f"{spec.name}.log"
        self.early_deaths = 0
        self.start_at = 0.0
        self._environment, self._cwd = environment, cwd
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0

    @property
    def pid(self) -> int | None:
        """The main process, while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start the process in a session of its own; its output goes to the log."""
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(  # noqa: S603 - the commands are ours
                self.spec.command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=self._cwd,
                env=dict(self._environment),
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - before any thread
            )
        self._started_at = time.monotonic()

    def died(self) -> int | None:
        """The exit code if the process has ended since its start; what is left of its group is ended too."""
        if self._process is None or (code := self._process.poll()) is None:
            return None
        self._signal_group(signal.SIGKILL)
        self._process = None
        lived = time.monotonic() - self._started_at
        self.early_deaths = 0 if lived > HEALTHY_SECONDS else self.early_deaths + 1
        delay = BACK_OFF_SECONDS[min(self.early_deaths, len(BACK_OFF_SECONDS) - 1)]
        self.start_at = time.monotonic() + delay
        return code

    def is_due(self) -> bool:
        """Whether the process is down and its back-off is over."""
        return self._process is None and time.monotonic() >= self.start_at

    def terminate(self) -> None:
        """Ask the main process to end."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()

    def kill_after(self, deadline: float) -> None:
        """Wait until ``deadline`` (monotonic), then end whatever is left of the group."""
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, deadline - time.monotonic()))
        self._signal_group(signal.SIGKILL)
        self._process.wait()
        self._process = None

    def log_tail(self, lines: int = 12) -> str:
        """The end of the log, for the person who has to find out why."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def _signal_group(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


def _end_with_parent() -> None:
    """In the child, on Linux: get TERM when the supervisor itself is killed (prctl PR_SET_PDEATHSIG = 1)."""
    ctypes.CDLL(None).prctl(1, int(signal.SIGTERM))


class Supervisor:
    """Keeps children alive until it is told to stop.

    ``say`` gets one line for each thing worth knowing. Signals are only taken in :meth:`run_until_stopped`.
    """

    def __init__(
        self,
        *,
        environment: Mapping[str, str],
        cwd: Path,
        logs: Path,
        say: Callable[[str], object],
        grace: float = GRACE_SECONDS,
    ) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self.children: list[Child] = []
        self._environment, self._cwd, self._logs = environment, cwd, logs
        self._say, self._grace = say, grace
        self._stopping = threading.Event()

    def start(self, spec: ChildSpec) -> Child:
        """Start one more child and keep it alive from now on."""
        child = Child(spec, environment=self._environment, cwd=self._cwd, logs=self._logs)
        child.log.unlink(missing_ok=True)
        child.start()
        self.children.append(child)
        return child

    def tend(self) -> None:
        """Notice who died, start again who is due: one round."""
        for child in self.children:
            code = child.died()
            if code is not None:
                self._say(f"{child.spec.name} ended ({_reason(code)}); starting it again. Its log: {child.log}")
            if child.is_due() and not self._stopping.is_set():
                child.start()

    def stop(self) -> None:
        """End all children: TERM, and KILL after the grace."""
        deadline = time.monotonic() + self._grace
        for child in self.children:
            child.terminate()
        for child in self.children:
            child.kill_after(deadline)

    def ask_to_stop(self, *_: object) -> None:
        """Signal handler: leave the loop at its next round."""
        self._stopping.set()

    @property
    def is_stopping(self) -> bool:
        """Whether someone asked to stop."""
        return self._stopping.is_set()

    def listen(self) -> None:
        """Take Ctrl-C, TERM and a closed terminal as the wish to stop; call it before the first child starts."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.ask_to_stop)

    def wait_for(self, is_ready: Callable[[], bool], *, seconds: float) -> bool:
        """Tend the children until ``is_ready``; False after ``seconds`` or when asked to stop."""
        deadline = time.monotonic() + seconds
        while not self._stopping.wait(TICK_SECONDS) and time.monotonic() < deadline:
            self.tend()
            if is_ready():
                return True
        return False

    def run_until_stopped(self) -> None:
        """Keep the children alive until someone asks to stop."""
        while not self._stopping.wait(TICK_SECONDS):
            self.tend()


def _reason(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def is_healthy(port: int) -> bool:
    """Whether ``/healthz`` on the loopback answers 200 (one request written by hand: there is nothing to parse)."""
    request = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(request)
            return connection.recv(64).split(b" ")[1:2] == [b"200"]
    except OSError:
        return False


def demo_children(port: int, *, python: str = sys.executable, cores: int | None = None) -> list[ChildSpec]:
    """Web, worker and beat of a demo on the loopback; the web comes first."""
    workers = min(2, cores or os.cpu_count() or 1)
    granian = (
        "granian --interface wsgi --host 127.0.0.1 --no-ws --log-level warning --respawn-failed-workers "
        f"--workers-kill-timeout 5 --blocking-threads 2 --workers {workers} --port {port} config.wsgi:application"
    )
    worker = "celery -A config.celery worker --pool threads --concurrency 2 --without-gossip --without-mingle"
    beat = "celery -A config.celery beat --pidfile="  # an empty one: a killed beat leaves none behind
    commands = {"web": granian, "worker": f"{worker} --loglevel warning", "beat": f"{beat} --loglevel warning"}
    return [ChildSpec(name, (python, "-m", *command.split())) for name, command in commands.items()]
