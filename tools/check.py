"""`make check`: format, lint, types, contracts, migrations, settings, translations, API schema, docs, forbidden words.

Each check prints one line, and its output only when it fails. Names as arguments choose single checks.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
BIN = Path(PYTHON).parent
TESTING = {"DJANGO_SETTINGS_MODULE": "tests.settings", "TEST_ENGINE": "sqlite"}
PRODUCTION = {  # what an operator would set; `check --deploy` reads settings only, it opens nothing
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "DJANGO_SECRET_KEY": "k3y-of-the-check-that-is-long-enough-and-never-used-0123456789-abcdefghijklmnop",
    "TOKEN_KEYS": f"k1={'5a' * 32}",
    "ALLOWED_HOSTS": "shop.example.com",
    "DATABASE_URL": "postgresql://homeground@127.0.0.1/homeground",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "BROKER_URL": "redis://127.0.0.1:6379/1",
}
CLEARED = ("HOMEGROUND_DEMO", "DATABASE_URL", "TEST_ENGINE", "SANDBOX_ENABLED", "CLOCK_OFFSET", "DJANGO_DEBUG")
FORBIDDEN = tuple(  # in two parts, so that this list is not its own finding
    "".join(parts)
    for parts in (
        ("pypi", ".org"),
        ("pythonhosted", ".org"),
        ("registry.npm", "js.org"),
        ("deb.debian", ".org"),
        ("/work", "/main"),
        ("/work", "/shared"),
        ("/tmp", "/brief"),  # noqa: S108 - looked for, not used
        ("/root", "/."),
    )
)
LARGEST = 2_000_000  # bytes; beyond that it is no text


def run(command: list[str], environment: dict[str, str] | None = None) -> str:
    """The output of a command that failed; empty when it went well."""
    base = {name: value for name, value in os.environ.items() if name not in CLEARED}
    done = subprocess.run(
        command,
        check=False,
        cwd=ROOT,
        env={**base, "PYTHONPATH": str(ROOT), **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return "" if done.returncode == 0 else done.stdout or f"exit code {done.returncode}"


def program(name: str, *arguments: str) -> Callable[[], str]:
    """A check that runs one of the programs beside our Python."""
    return lambda: run([str(BIN / name), *arguments])


def manage(*arguments: str, environment: dict[str, str]) -> Callable[[], str]:
    """A check that runs a Django command."""
    return lambda: run([PYTHON, "manage.py", *arguments], environment)


def tracked_files() -> Iterator[Path]:
    """Every file that is, or would be, committed."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listing, check=True, cwd=ROOT, capture_output=True, text=True).stdout
    for name in names.split("\0"):
        path = ROOT / name
        if name and path.is_file() and path.stat().st_size < LARGEST:
            yield path


def forbidden_words() -> str:
    """Hosts of package registries and paths of a developer's machine have no place in the tree."""
    faults = []
    for path in tracked_files():
        content = path.read_bytes()
        faults += [f"{path.relative_to(ROOT)}: {word}" for word in FORBIDDEN if word.encode() in content]
    return "\n".join(faults)


CHECKS: dict[str, Callable[[], str]] = {
    "format": program("ruff", "format", "--check", "--output-format=concise", "."),
    "lint": program("ruff", "check", "--quiet", "--output-format=concise", "."),
    "types": program("mypy"),
    "contracts": program("lint-imports", "--config", "pyproject.toml"),
    "migrations": manage("makemigrations", "--check", "--dry-run", environment=TESTING),
    "deploy": manage("check", "--deploy", "--fail-level", "WARNING", environment=PRODUCTION),
    "translations": lambda: run([PYTHON, "tools/messages.py", "check"], TESTING),
    "schema": lambda: run([PYTHON, "tools/docs.py", "--check"], TESTING),
    "docs": lambda: run([PYTHON, "tools/doc_check.py"], TESTING),
    "words": forbidden_words,
}


def main(names: list[str]) -> int:
    """Run the checks; 1 if one of them fails."""
    unknown = set(names) - CHECKS.keys()
    if unknown:
        sys.exit(f"There is no check {', '.join(sorted(unknown))}; there are {', '.join(CHECKS)}.")
    failed = []
    for name in names or CHECKS:
        started = time.monotonic()
        output = CHECKS[name]()
        print(f"{'failed' if output else 'ok':<7} {name:<13} {time.monotonic() - started:5.1f} s", flush=True)
        if output:
            failed.append(name)
            print(output.rstrip(), flush=True)
    print(f"Failed: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
