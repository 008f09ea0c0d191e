"""A deployment of our own to break: PostgreSQL, a broker, and web, worker and beat under the product's supervisor."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psycopg

from core.supervisor import is_healthy
from tests.postgres import Server, free_port

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = "faults_template"
START_SECONDS = 90.0  # generous: the machine may be busy with other work
NOT_INHERITED = {"DATABASE_URL", "TEST_ENGINE", "BROKER_URL", "REDIS_URL", "CLOCK_OFFSET", "FRESH", "PORT"}
LISTENING, BROKEN = "tests.faults.settings", "tests.faults.broken_settings"


def wait_until(is_so: Callable[[], object], what: str, *, seconds: float = START_SECONDS) -> float:
    """Wait for something that happens by itself; how long it took (s). ``AssertionError`` when it does not."""
    started = time.monotonic()
    while not is_so():
        assert time.monotonic() < started + seconds, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.05)
    return time.monotonic() - started


def environment(var: Path, **more: str) -> dict[str, str]:
    """The environment of a deployment that keeps its files in ``var``."""
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    return {
        **inherited,
        "HOMEGROUND_DEMO": "1",
        "HOMEGROUND_VAR": str(var),
        "DJANGO_SECRET_KEY": "for-fault-tests-only-" + "k" * 40,
        "TOKEN_KEYS": f"k1={'5a' * 32}",
        "DJANGO_SETTINGS_MODULE": LISTENING,
        "LOG_LEVEL": "WARNING",
        "PYTHONPATH": str(ROOT),
        **more,
    }


def python(*arguments: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a Python program of the tree to its end."""
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )


@dataclass(frozen=True)
class Prepared:
    """A server with a filled template database, and the check-in campaign in it."""

    server: Server
    campaign: str

    def clone(self, name: str, *, forgetful: bool = False) -> str:
        """A fresh copy of the template; its URL. In a ``forgetful`` one commits don't wait for the disk."""
        with psycopg.connect(self.server.url(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
            if forgetful:
                connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
                connection.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")  # durable commits don't wait for it
                connection.execute("SELECT pg_reload_conf()")
            # A copied sequence believes that its next numbers are in the log already; after a checkpoint it writes them
            # again. Without it a crash would give numbers a second time.
            connection.execute("CHECKPOINT")
        return self.server.url(name)


@contextmanager
def prepared(var: Path, *, regulars: int = 3000) -> Iterator[Prepared]:
    """A durable server of our own with the template migrated and filled."""
    with Server(durable=True) as server:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {TEMPLATE}")
            for setting in ("timezone TO 'Asia/Shanghai'", "synchronous_commit TO off"):  # copies don't get them
                connection.execute(f"ALTER DATABASE {TEMPLATE} SET {setting}")
        environ = environment(var, DATABASE_URL=server.url(TEMPLATE))
        for arguments in (["manage.py", "migrate", "-v0"], ["-m", "tests.faults.seed", str(regulars)]):
            done = python(*arguments, environ=environ)
            assert done.returncode == 0, done.stderr
        yield Prepared(server, done.stdout.split()[-1])


class Broker:
    """A ``redis-server`` of our own where there is one, else a folder; a context manager."""

    def __init__(self, folder: Path) -> None:
        self._program = shutil.which("redis-server")
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port() if self._program else 0

    @property
    def url(self) -> str:
        """For ``BROKER_URL``."""
        return f"redis://127.0.0.1:{self.port}/0" if self._program else "filesystem://"

    def __enter__(self) -> Self:
        if self._program:
            command = [self._program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir",
                       str(self._folder)]  # fmt: skip
            self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            wait_until(self._answers, "redis-server answers", seconds=20)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False


class Deployment:
    """Some of web, worker and beat, supervised in a process of their own; a context manager."""

    def __init__(self, var: Path, *children: str, **environ: str) -> None:
        self.var, self.port, self.children = var, free_port(), children
        self.environ = environment(var, **environ)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.faults.serve", str(self.port), *self.children]
        self.var.mkdir(parents=True, exist_ok=True)
        with (self.var / "supervisor.log").open("ab") as out:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self.environ, stdout=out, stderr=out, start_new_session=True
            )
        if "web" in self.children:
            try:
                wait_until(lambda: is_healthy(self.port), "the web server answers")
            except AssertionError:
                self.__exit__()
                raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(30)
        for pid in self.pids():  # whatever a failed test has left
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()

    def pids(self, word: str = "") -> list[int]:
        """All living processes of this deployment whose command line has ``word``, found by their environment."""
        mark = f"HOMEGROUND_VAR={self.var}\0".encode()
        return [
            pid
            for pid, folder in _processes()
            if mark in _read(folder / "environ") and word.encode() in _read(folder / "cmdline").replace(b"\0", b" ")
        ]

    def mains(self, word: str) -> list[int]:
        """The supervised processes themselves whose command line has ``word``, without their own children."""
        process = self._process
        return [pid for pid, command in children_of(process.pid) if word in command] if process else []

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A Django command with this deployment's environment."""
        return python("manage.py", *arguments, environ=self.environ)


def _processes() -> list[tuple[int, Path]]:
    return sorted((int(folder.name), folder) for folder in Path("/proc").glob("[0-9]*"))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it ended meanwhile, or is another user's
        return b""


def children_of(parent: int) -> list[tuple[int, str]]:
    """The living children of a process, with their command lines."""
    found = []
    for pid, folder in _processes():
        fields = _read(folder / "stat").rpartition(b")")[2].split()
        if len(fields) > 1 and int(fields[1]) == parent and fields[0] != b"Z":
            found.append((pid, _read(folder / "cmdline").replace(b"\0", b" ").decode(errors="replace").strip()))
    return found


def age(pid: int) -> float:
    """For how long a process has lived (s); 0 when it is gone."""
    fields = _read(Path(f"/proc/{pid}/stat")).rpartition(b")")[2].split()
    if not fields:
        return 0.0
    return float(Path("/proc/uptime").read_text().split()[0]) - int(fields[19]) / os.sysconf("SC_CLK_TCK")
