"""Everything `make` offers, on a bare machine: `python3 bootstrap.py run|test|check|races|bench|soak|docs|ci`.

Needs Python 3.11 or newer with the venv module and nothing else. It keeps a virtual environment in `.venv`, filled
from the hashed lock files, and leaves it alone as long as their content does not change. Each failure that a person
can do something about is one sentence.
"""

import sys

if sys.version_info < (3, 11):  # before anything that an older Python cannot run
    sys.exit("Homeground needs Python 3.11 or newer; this is Python {}.{}.".format(*sys.version_info[:2]))

import errno
import hashlib
import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sysconfig
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = Path(os.environ.get("HOMEGROUND_VENV") or ROOT / ".venv")
VAR = Path(os.environ.get("HOMEGROUND_VAR") or ROOT / "var").absolute()
RUN_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
FREE_BYTES = 64 * 1024 * 1024  # a database, its journal and a log still fit


class Refusal(Exception):
    """A sentence for the person at the keyboard, instead of a traceback."""


def venv_python() -> Path:
    """The interpreter inside ``.venv``."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def fingerprint(*locks: Path) -> str:
    """A hash of the lock files' content and of the Python that installs them."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {sysconfig.get_platform()}".encode())
    for lock in locks:
        digest.update(lock.read_bytes())
    return digest.hexdigest()


def is_installed(kind: str, wanted: str) -> bool:
    """Whether ``.venv`` was filled from exactly these lock files."""
    stamp = VENV / f".homeground-{kind}"
    return venv_python().exists() and stamp.is_file() and stamp.read_text() == wanted


def ensure_environment(*, dev: bool) -> Path:
    """Create or refill ``.venv`` when the lock files changed; return its Python."""
    kind, lock = ("dev", DEV_LOCK) if dev else ("run", RUN_LOCK)
    locks = (RUN_LOCK, DEV_LOCK) if dev else (RUN_LOCK,)
    wanted = fingerprint(*locks)
    if is_installed(kind, wanted):
        return venv_python()
    create_venv()
    print(f"Installing from {lock.name} (once) …", flush=True)
    install(lock)
    (VENV / f".homeground-{kind}").write_text(wanted)
    if dev:
        (VENV / ".homeground-run").write_text(fingerprint(RUN_LOCK))
    return venv_python()


def create_venv() -> None:
    """Make ``.venv``, or repair one whose interpreter has gone."""
    if venv_python().exists():
        return
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        version = "{}.{}".format(*sys.version_info[:2])
        raise Refusal(
            f"This Python lacks the venv module; on Debian or Ubuntu install the package python{version}-venv."
        )
    done = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise Refusal(f"Could not create {VENV}: {last_line(done.stdout + done.stderr)}")


def install(lock: Path) -> None:
    """Let pip install ``lock``; every file is checked against its hash."""
    command = [
        str(venv_python()),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
    ]
    done = subprocess.run([*command, "-r", str(lock)], check=False, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    if done.returncode:
        sys.stderr.write(done.stderr)
        raise Refusal(
            f"pip could not install {lock.name} ({last_line(done.stderr)}); "
            "check the network or the package index and try again."
        )


def last_line(text: str) -> str:
    """The last line with content, which is where pip and venv put the reason."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


def chosen_port() -> int:
    """``PORT`` from the environment, 8000 without one."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise Refusal(f"PORT={text} is not a port number; choose one from 1 to 65535.")
    return int(text)


def ensure_port_free(port: int) -> None:
    """Refuse when something already listens on the loopback at ``port``."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port of ours in TIME_WAIT is free
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise Refusal(f"Port {port} needs more rights; choose another, for instance PORT=8000.") from None
        except OSError:
            raise Refusal(
                f"Port {port} is already in use; choose another, for instance PORT={port % 65535 + 1}."
            ) from None


def ensure_var_writable() -> None:
    """Refuse when ``var/`` cannot take a database."""
    try:
        VAR.mkdir(parents=True, exist_ok=True)
        probe = VAR / f".probe-{os.getpid()}"
        probe.write_bytes(b"homeground" * 400)
        probe.unlink()
    except OSError as error:
        raise Refusal(storage_sentence(error)) from None
    if shutil.disk_usage(VAR).free < FREE_BYTES:
        raise Refusal(
            f"The disk is full: {VAR} has less than {FREE_BYTES // 2**20} MB left; free some space and start again."
        )


def storage_sentence(error: OSError) -> str:
    """What an ``OSError`` under ``var/`` means, in one sentence."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"The disk is full: nothing can be written to {VAR}; free some space and start again."
    return f"Cannot write to {VAR} ({error.strerror}); make that folder writable and start again."


def run() -> int:
    """Start the demo: web, worker and beat, until Ctrl-C."""
    port = chosen_port()
    ensure_port_free(port)
    ensure_var_writable()
    python = ensure_environment(dev=False)
    os.environ.update(demo_environment(port))
    return call(python, "manage.py", "up", f"--port={port}")


def demo_environment(port: int) -> dict[str, str]:
    """Demo mode with this machine's own keys, which stay the same from start to start."""
    keys = VAR / "demo-keys.json"
    if not keys.exists():
        fresh = {"DJANGO_SECRET_KEY": secrets.token_urlsafe(48), "TOKEN_KEYS": f"demo={secrets.token_hex(32)}"}
        with os.fdopen(os.open(keys, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(fresh, file)
    try:
        kept = {name: str(value) for name, value in json.loads(keys.read_text()).items()}
    except (ValueError, AttributeError):
        raise Refusal(f"The key file {keys} is damaged; delete it and start again (members sign in anew).") from None
    public = os.environ.get("PUBLIC_BASE_URL") or f"http://127.0.0.1:{port}"
    return {**kept, "HOMEGROUND_DEMO": "1", "HOMEGROUND_VAR": str(VAR), "PUBLIC_BASE_URL": public}


def python_tool(*command: str) -> Callable[[], int]:
    """A command that runs one of the project's tools with everything installed."""
    return lambda: call(ensure_environment(dev=True), *command)


def ci() -> int:
    """`check`, then `test`, with nothing allowed to be skipped silently."""
    os.environ["CI"] = "true"
    return COMMANDS["check"]() or COMMANDS["test"]()


def call(python: Path, *command: str) -> int:
    """Run a Python program of the tree in front; a Ctrl-C is its to handle."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen([str(python), *command, *sys.argv[2:]], cwd=ROOT, env=environment) as child:
        signal.signal(signal.SIGINT, lambda *_: None)  # the terminal has sent it to the child too
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        return child.wait()


COMMANDS: dict[str, Callable[[], int]] = {
    "run": run,
    "test": python_tool("tools/run_tests.py"),
    "check": python_tool("tools/check.py"),
    "races": python_tool("tools/run_tests.py", "--races"),
    "bench": python_tool("-m", "benchmarks"),
    "soak": python_tool("-m", "benchmarks", "--soak"),
    "docs": python_tool("tools/docs.py"),
    "ci": ci,
}


def main() -> int:
    """Run the command that was named."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in COMMANDS:
        print(f"Usage: python3 bootstrap.py {'|'.join(COMMANDS)}", file=sys.stderr)
        return 2
    try:
        return COMMANDS[name]()
    except Refusal as refusal:
        print(f"\n{refusal}", file=sys.stderr)
    except OSError as error:
        print(f"\n{storage_sentence(error)}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
