"""The embedded demo's database file: made, migrated, kept, or set aside; never lost.

Everything a person can do something about is a :class:`DemoRefusal` of one sentence.
"""

import contextlib
import errno
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from core import clock

DEMO_STAFF = "demo"
DEMO_PASSWORD = "homeground-demo"  # noqa: S105 - printed at each start; exists only in demo mode, on the loopback
BACKUPS_KEPT = 5
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class DemoRefusal(Exception):
    """A sentence for the person who started the demo."""


def ensure_loopback(host: str) -> None:
    """Refuse to show a demo (open sign-in, known password) to anyone but this machine."""
    if host not in LOOPBACK:
        raise DemoRefusal(f"Demo mode binds only the loopback, not {host}: its sign-in is open to everybody.")


class DemoDatabase:
    """The SQLite file of the demo, or the PostgreSQL of ``DATABASE_URL`` (which is only migrated and filled)."""

    def __init__(self) -> None:
        self.is_file = connection.vendor == "sqlite"
        self.path = Path(str(settings.DATABASES["default"]["NAME"])) if self.is_file else settings.VAR_DIR / "none"
        self.backups = settings.VAR_DIR / "backups"
        self._unfinished = settings.VAR_DIR / "unfinished"  # stands while a new database is being filled

    def prepare(self, *, fresh: bool) -> str:
        """Bring the database up to date and fill a new one; return in one sentence what was done."""
        with _storage_faults_explained(self.path):
            if fresh or self._unfinished.exists():
                self._set_aside()
            if self.is_file and self.path.exists():
                self._ensure_sound()
            return self._migrate_and_fill()

    def _migrate_and_fill(self) -> str:
        executor = MigrationExecutor(connection)
        applied = set(executor.loader.applied_migrations)
        if applied:
            return self._migrate(executor, applied)
        self._unfinished.touch()
        call_command("migrate", interactive=False, verbosity=0)
        self._fill()
        self._unfinished.unlink()
        return "A new database with demo data is ready."

    def _migrate(self, executor: MigrationExecutor, applied: set[tuple[str, str]]) -> str:
        apps = executor.loader.migrated_apps
        unknown = {key for key in applied if key[0] in apps and key not in executor.loader.disk_migrations}
        unknown = {key for key in unknown if key not in executor.loader.replacements}
        if unknown:
            raise DemoRefusal(
                f"The database was made by a newer version (it knows {'.'.join(min(unknown))}); "
                "update the program, or start over with FRESH=1, which keeps a copy."
            )
        if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return "The database of the last start is in use."
        copy = self._back_up() if self.is_file else None
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except DatabaseError as error:
            raise DemoRefusal(
                f"The database could not be brought up to date ({error}); a copy is in {copy}."
            ) from error
        return f"The database was brought up to date; a copy of it as it was is in {copy or 'your own backups only'}."

    def _fill(self) -> None:
        """Demo data of all slices, and the staff member who is named on the screen."""
        call_command("seed_demo", verbosity=0)

    def _ensure_sound(self) -> None:
        """Refuse a file that is not a database or whose pages don't fit together."""
        try:
            with contextlib.closing(sqlite3.connect(self.path, timeout=20)) as file:
                found = file.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.DatabaseError as error:
            if "full" in str(error) or "unable to open" in str(error):
                raise
            found = str(error)
        if found != "ok":
            raise DemoRefusal(
                f"The database {self.path} is damaged ({found}); put back a copy from {self.backups}, "
                "or start over with FRESH=1, which sets it aside."
            )

    def _back_up(self) -> Path:
        """A consistent copy beside the database, the write-ahead log included."""
        target = self._backup_name()
        with (
            contextlib.closing(sqlite3.connect(self.path, timeout=20)) as source,
            contextlib.closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
        return target

    def _set_aside(self) -> None:
        """Move the file out of the way; an unfinished one holds nothing of worth and is removed."""
        if not self.is_file:
            raise DemoRefusal("FRESH=1 starts over only with the embedded database; empty the one you named yourself.")
        connection.close()
        if self.path.exists() and not self._unfinished.exists():
            target = self._backup_name()
            for ending in ("", "-wal", "-shm"):
                file = self.path.with_name(self.path.name + ending)
                if file.exists():
                    file.rename(target.with_name(target.name + ending))
        for ending in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + ending).unlink(missing_ok=True)
        self._unfinished.unlink(missing_ok=True)

    def _backup_name(self) -> Path:
        self.backups.mkdir(parents=True, exist_ok=True)
        kept = sorted(self.backups.glob("*.sqlite3"))[: -(BACKUPS_KEPT - 1)]
        for old in kept:
            for ending in ("", "-wal", "-shm"):
                old.with_name(old.name + ending).unlink(missing_ok=True)
        return self.backups / f"{self.path.stem}-{clock.to_local(clock.now()):%Y%m%d-%H%M%S-%f}.sqlite3"


@contextlib.contextmanager
def _storage_faults_explained(path: Path) -> Iterator[None]:
    """Turn a full disk and a read-only folder into sentences."""
    try:
        yield
    except (OSError, sqlite3.Error, DatabaseError) as error:
        if getattr(error, "errno", None) in {errno.ENOSPC, errno.EDQUOT} or "disk is full" in str(error):
            raise DemoRefusal(f"The disk is full: {path} cannot grow; free some space and start again.") from error
        if isinstance(error, OSError) or any(part in str(error) for part in ("unable to open", "readonly", "disk I/O")):
            raise DemoRefusal(f"Cannot write to {path.parent} ({error}); make it writable and start again.") from error
        if isinstance(error, DatabaseError) and connection.vendor != "sqlite":
            reason = str(error).strip().splitlines()[0]
            raise DemoRefusal(f"The database that DATABASE_URL names does not answer as it should: {reason}") from error
        raise
