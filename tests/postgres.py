"""A PostgreSQL for tests: one that is there already, or the machine's own binaries in a temporary folder.

``available()`` gives the URL of some server for the suite. ``Server`` owns one: the fault tests stop it, kill it and
start it again.
"""

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import psycopg

LOOPBACK = "postgresql://postgres@127.0.0.1:5432/postgres"
DEBIAN = Path("/usr/lib/postgresql")
START_SECONDS = 30  # recovery after a kill replays the log first


class NotFound(Exception):
    """There is no PostgreSQL here; the text says where it was looked for."""


def binaries() -> Path | None:
    """The folder with ``initdb`` and ``pg_ctl``: on PATH, else the newest of Debian's versioned folders."""
    versions = sorted(DEBIAN.glob("*/bin"), key=lambda folder: int(re.sub(r"\D", "", folder.parent.name) or 0))
    on_path = shutil.which("pg_ctl")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    for folder in [*candidates, *reversed(versions)]:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    return None


def answers(url: str) -> bool:
    """Whether a server at ``url`` lets us in."""
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.Error:
        return False
    return True


def free_port() -> int:
    """A loopback port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def available() -> Iterator[str]:
    """The URL of a PostgreSQL for the suite: ``TEST_DATABASE_URL``, the loopback server, or one of our own.

    Raises :class:`NotFound` when there is none, and when ``TEST_DATABASE_URL`` does not answer.
    """
    named = os.environ.get("TEST_DATABASE_URL")
    if named:
        if not answers(named):
            raise NotFound("the server that TEST_DATABASE_URL names does not answer")
        yield named
    elif answers(LOOPBACK):
        yield LOOPBACK
    else:
        with Server(durable=False) as server:
            yield server.url()


class Server:
    """One PostgreSQL in a temporary folder on a free port, run as an ordinary user; a context manager.

    With ``durable`` (the default) a commit survives ``kill``; without it commits don't wait for the disk.
    """

    def __init__(self, *, durable: bool = True) -> None:
        found = binaries()
        if found is None:
            raise NotFound("no server on 127.0.0.1:5432, and neither PATH nor /usr/lib/postgresql has its binaries")
        self.bin = found
        self.durable = durable
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="homeground-pg-"))
        self.data = self.folder / "data"
        self.user = _ordinary_user()

    def __enter__(self) -> Self:
        try:
            if self.user:
                os.chown(self.folder, pwd.getpwnam(self.user).pw_uid, -1)
            self._run(
                "initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"
            )
            self.start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(subprocess.CalledProcessError):
            self.stop("immediate")
        self._remove()

    def url(self, database: str = "postgres") -> str:
        """The address of ``database`` on this server."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start (again) and wait until it answers; after a kill the dead server's memory may linger a moment."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._run(
                    "pg_ctl", "-D", str(self.data), "-w", "-l", str(self.folder / "log"), "-o", self._options(), "start"
                )
            except subprocess.CalledProcessError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return

    def stop(self, mode: str = "fast") -> None:
        """Stop with ``pg_ctl``; ``immediate`` is a crash without a checkpoint."""
        self._run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "stop")

    def kill(self) -> None:
        """``kill -9`` the postmaster; its children notice and end by themselves."""
        os.kill(self.pid, signal.SIGKILL)

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])

    def _options(self) -> str:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200"
        return options + ("" if self.durable else " -c fsync=off -c synchronous_commit=off -c full_page_writes=off")

    def _run(self, program: str, *arguments: str) -> None:
        prefix = ["runuser", "-u", self.user, "--"] if self.user else []
        with (self.folder / "out").open("ab") as out:  # never a pipe: the server would keep it open
            subprocess.run(
                [*prefix, str(self.bin / program), *arguments],
                check=True,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=self.folder,
            )

    def _remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def _ordinary_user() -> str:
    """Whom to run the server as when we are root (it refuses root); empty when we are not."""
    if os.geteuid() != 0:
        return ""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
