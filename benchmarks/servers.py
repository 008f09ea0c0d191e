"""The processes of a measurement: a web server, the load generators, and how much CPU each tree used."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tests.postgres import Server, binaries, free_port

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
WRK_SCRIPT = """
local lines, position, method, template, body = {}, 0, "GET", "", ""
function init(args)
  method, template, body = args[1], args[2], args[4] or ""
  math.randomseed(os.time())
  for line in io.lines(args[3]) do lines[#lines + 1] = line end
end
local function uuid()
  local function hex() return string.format("%06x", math.random(0, 0xffffff)) end
  local text = hex() .. hex() .. hex() .. hex() .. hex() .. hex()
  return text:sub(1, 8) .. "-" .. text:sub(9, 12) .. "-4" .. text:sub(13, 15) .. "-8" .. text:sub(16, 18) .. "-" ..
    text:sub(19, 30)
end
function request()
  position = position % #lines + 1
  local member, token = lines[position]:match("(%S+) (%S+)")
  local headers = {["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json"}
  local sent = method == "POST" and (body == "" and "{}" or body:gsub("MEMBER", member):gsub("NEW_UUID", uuid())) or nil
  return wrk.format(method, (template:gsub("MEMBER", member)), headers, sent)
end
function done(summary, latency, requests)
  io.write(string.format('RESULT {"requests": %d, "seconds": %.6f, "p99_ms": %.3f, "bad": %d}\\n', summary.requests,
    summary.duration / 1e6, latency:percentile(99) / 1e3,
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
"""


class NotMeasured(Exception):
    """The measurement can't be trusted; the text says why."""


@dataclass(frozen=True)
class Load:
    """What a load generator saw: effects a second, the 99th percentile in ms and requests that failed."""

    requests: int
    seconds: float
    p99_ms: float
    bad: int

    @property
    def rps(self) -> float:
        """Requests (transactions) a second."""
        return self.requests / self.seconds


def need(program: str, package: str) -> str:
    """The path of ``program``; as root it is installed from Debian's ``package``."""
    found = shutil.which(program)
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", package], check=False, stdout=subprocess.DEVNULL)
        found = shutil.which(program)
    if not found:
        raise NotMeasured(f"{program} is needed (Debian's package {package}).")
    return found


def ensure_quiet(*, share: float = 0.35, seconds: float = 2.0) -> None:
    """Refuse to measure while others use more than ``share`` of the machine."""

    def busy() -> tuple[int, int]:
        fields = [int(value) for value in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
        return sum(fields) - fields[3] - fields[4], sum(fields)

    before = busy()
    time.sleep(seconds)
    after = busy()
    used = (after[0] - before[0]) / max(1, after[1] - before[1])
    if used > share and not os.environ.get("BENCH_ANYWAY"):
        raise NotMeasured(f"The machine is busy ({used:.0%}); figures would mean nothing. Try again when it rests.")


def tree(pid: int) -> list[int]:
    """``pid`` and all processes below it."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(folder.name))
    found, waiting = [], [pid]
    while waiting:
        current = waiting.pop()
        found.append(current)
        waiting += parents.get(current, [])
    return found


def cpu_seconds(pid: int) -> float:
    """CPU time of the tree below ``pid`` so far, its ended children included."""
    total = 0
    for each in tree(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += sum(int(value) for value in fields[11:15])
    return total / TICKS


@contextmanager
def database(name: str = "bench") -> Iterator[tuple[Server, str]]:
    """A throw-away PostgreSQL, durable and migrated; gives the server and the database's URL."""
    with Server(durable=True) as server:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            zone = sql.SQL("ALTER DATABASE {} SET timezone TO 'Asia/Shanghai'")  # current_date is the business day
            connection.execute(zone.format(sql.Identifier(name)))
        url = server.url(name)
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, check=True, env=environment(url))
        yield server, url


def environment(url: str, **more: str) -> dict[str, str]:
    """The environment of a measured process: our settings on ``url``, limits on, DEBUG off."""
    return {
        **os.environ,
        "DATABASE_URL": url,
        "HOMEGROUND_DEMO": "1",
        "DJANGO_SECRET_KEY": "bench-only-0123456789-0123456789-0123456789-0123456789",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LOG_LEVEL": "ERROR",
        "PYTHONPATH": str(ROOT),
        **more,
    }


@contextmanager
def web(target: str, url: str, **more: str) -> Iterator[tuple[int, int]]:
    """granian with 2 workers of 2 blocking threads serving ``target``; gives its port and its main pid."""
    port = free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "2", "--blocking-threads", "2", "--no-ws", "--log-level", "warning", target,
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=environment(url, **more), start_new_session=True)
    try:
        _wait(port, process)
        yield port, process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise NotMeasured("a measured web server did not start")


def wrk(
    port: int, method: str, template: str, members: Path, *, seconds: float, connections: int, body: str = ""
) -> Load:
    """HTTP requests; each takes the next line (``member token``) of ``members``.

    ``MEMBER`` in the path and in ``body`` is filled, ``NEW_UUID`` in ``body`` too.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(WRK_SCRIPT)
        script.flush()
        done = subprocess.run(
            [need("wrk", "wrk"), "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "--timeout", "5s", "-s", script.name,
             f"http://127.0.0.1:{port}", "--", method, template, str(members), body],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    return Load(**json.loads(line.removeprefix("RESULT ")))


def pgbench(url: str, script: str, *, seconds: float, connections: int) -> Load:
    """``script`` as transactions, prepared, from ``connections`` clients; ``:n`` counts within ``:client_id``."""
    folder = binaries()
    if folder is None:
        raise NotMeasured("pgbench was not found")
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "script.sql"
        path.write_text(script)
        done = subprocess.run(
            [str(folder / "pgbench"), "-n", "-M", "prepared", "-c", str(connections), "-j", "2", "-T", f"{seconds:.0f}",
             "-D", "n=0", "-f", str(path), "-l", "--log-prefix", str(Path(name) / "log"), url],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        latencies = sorted(
            int(line.split()[2]) for log in Path(name).glob("log*") for line in log.read_text().splitlines()
        )
    failed = [line for line in done.stdout.splitlines() if line.startswith("number of failed transactions")]
    bad = int(failed[0].split(":")[1].split()[0]) if failed else 0
    p99 = latencies[int(len(latencies) * 0.99)] / 1000 if latencies else 0.0
    return Load(len(latencies), seconds, p99, bad)
