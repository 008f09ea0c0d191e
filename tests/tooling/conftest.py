"""A demo of its own: real processes on a free port with a `var/` in a temporary folder."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import bootstrap
from core.supervisor import is_healthy
from tests.postgres import free_port

ROOT = Path(__file__).resolve().parents[2]
NOT_INHERITED = ("DATABASE_URL", "TEST_ENGINE", "DJANGO_SETTINGS_MODULE", "HOMEGROUND_VAR", "FRESH", "PORT")
START_SECONDS = 60.0


def environment(var: Path, **more: str) -> dict[str, str]:
    """The environment of a demo in ``var``."""
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    keys = {"DJANGO_SECRET_KEY": "k" * 60, "TOKEN_KEYS": f"k1={'5a' * 32}", "HOMEGROUND_DEMO": "1"}
    return {**inherited, **keys, "HOMEGROUND_VAR": str(var), **more}


def prepare(var: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """`manage.py up --prepare-only` in ``var``."""
    command = [sys.executable, "manage.py", "up", "--prepare-only", f"--port={free_port()}"]
    return subprocess.run(command, cwd=ROOT, env=environment(var, **more), capture_output=True, text=True, check=False)


def manage(var: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A Django command on the database in ``var``."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment(var), capture_output=True, text=True, check=True)


def cpu_seconds(pid: int) -> float:
    """Processor time that a living process and its collected children have used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


class Demo:
    """What `bootstrap.py run` starts in ``var``; ``seconds`` and ``cpu_seconds`` (of all) until it answered."""

    def __init__(self, var: Path, **more: str) -> None:
        self.var, self.port = var, free_port()
        command = [sys.executable, "bootstrap.py", "run"]
        started = time.monotonic()
        with (var / "terminal").open("wb") as terminal:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment(var, PORT=str(self.port), **more),
                stdout=terminal,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.wait_until(lambda: is_healthy(self.port))
        self.seconds = time.monotonic() - started
        self.cpu_seconds = sum(map(cpu_seconds, self.processes()))

    def wait_until(self, is_so: Callable[[], object], *, may_end: bool = False) -> None:
        """Wait for something that happens by itself, at most a minute."""
        deadline = time.monotonic() + START_SECONDS
        while not is_so():
            assert time.monotonic() < deadline, f"it did not happen; the terminal says:\n{self.terminal()}"
            assert may_end or self._process.poll() is None, f"the demo ended:\n{self.terminal()}"
            time.sleep(0.05)

    def terminal(self) -> str:
        """What the person at the keyboard has read."""
        return (self.var / "terminal").read_text()

    def processes(self, word: str = "") -> list[int]:
        """All living processes of this demo whose command line has ``word``, found by their environment."""
        mark = f"HOMEGROUND_VAR={self.var}\0".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes() and word.encode() in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
            except OSError:
                continue  # it ended meanwhile, or is another user's
        return sorted(found)

    def interrupt(self) -> int:
        """Ctrl-C, as a terminal sends it: to the whole foreground group. Gives the exit code."""
        os.killpg(self._process.pid, signal.SIGINT)
        return self._process.wait(20)

    def end(self) -> None:
        """Whatever a failed test has left."""
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        self._process.wait()


@pytest.fixture(scope="session")
def _prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    bootstrap.ensure_environment(dev=False)  # the first installation is not what these tests measure
    var = tmp_path_factory.mktemp("prepared") / "var"
    var.mkdir()
    done = prepare(var)
    assert done.returncode == 0, done.stderr
    return var


@pytest.fixture
def var(_prepared: Path, tmp_path: Path) -> Path:
    """A `var/` with the demo's database, made once and copied for each test."""
    return Path(shutil.copytree(_prepared, tmp_path / "var"))


@pytest.fixture
def start_demo(var: Path) -> Iterator[Callable[..., Demo]]:
    """Starts a demo in ``var``; its processes end with the test."""
    started: list[Demo] = []

    def start(**more: str) -> Demo:
        started.append(Demo(var, **more))
        return started[-1]

    yield start
    for demo in started:
        demo.end()


@pytest.fixture
def busy_port() -> Iterator[int]:
    """A loopback port on which somebody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]
