"""The embedded database on a full disk: 503 and nothing half done; with room again it goes on by itself.

The disk is "full" by RLIMIT_FSIZE on the living web processes: the kernel refuses to let a file grow.
"""

import resource
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults import records
from tests.faults.client import Acts, Phone
from tests.faults.deployment import Deployment, environment, python
from tests.faults.records import Record
from tests.postgres import free_port

pytestmark = pytest.mark.faults
PEOPLE = 40
TABLES = ("accounts_member", "accounts_identity", "accounts_consent", "core_event", "core_idempotencyrecord",
          "checkins_checkin", "points_pointsentry", "points_pointslot")  # fmt: skip

PEOPLE_MADE = "SELECT count(*) FROM accounts_identity WHERE openid LIKE 'demo-room-%'"
PEOPLE_TOLD = """
SELECT count(*) FROM core_event e JOIN accounts_identity i ON i.member_id = e.member_id
 WHERE e.topic = 'accounts.first_seen' AND i.openid LIKE 'demo-room-%'
"""


@pytest.fixture(scope="module")
def _prepared_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    var = tmp_path_factory.mktemp("demo") / "var"
    var.mkdir()
    done = python("manage.py", "up", "--prepare-only", f"--port={free_port()}", environ=_environ(var))
    assert done.returncode == 0, done.stderr
    return var


@pytest.fixture
def embedded(_prepared_demo: Path, tmp_path: Path) -> Path:
    """A ``var/`` with the demo's SQLite database."""
    return Path(shutil.copytree(_prepared_demo, tmp_path / "embedded"))


def _environ(var: Path) -> dict[str, str]:
    return environment(var, DJANGO_SETTINGS_MODULE="config.settings")


def test_a_full_disk_is_a_503_without_partial_state(embedded: Path):
    with Deployment(embedded, "web", DJANGO_SETTINGS_MODULE="config.settings") as web, Phone(web.port) as phone:
        acts = Acts(_campaign(embedded))
        token = phone.ask(acts.sign_in("demo-first")).body["token"]
        join = acts.join("demo-first", token)
        before = _counts(embedded)
        _limit(web, 4096)
        full = [phone.ask(join), *(phone.ask(acts.sign_in(f"demo-full-{n}")) for n in range(PEOPLE))]
        after = _counts(embedded)
        _limit(web, resource.RLIM_INFINITY)
        again = [phone.ask(join), *(phone.ask(acts.sign_in(f"demo-full-{n}")) for n in range(PEOPLE))]

    done = python("manage.py", "reconcile", environ=_environ(embedded))
    wrong = [answer for answer in full if answer.status != 503 or answer.fault] + [
        answer for answer in again if answer.status not in {200, 201}
    ]
    records.keep(Record("full disk (embedded database)", len(full), len(full), len(wrong) + (before != after), 0, 0, 0))
    assert wrong == []
    assert after == before
    assert (done.returncode, done.stderr) == (0, "")
    assert _whole(embedded)


def test_another_full_disk_under_a_growing_log_leaves_whole_acts_only(embedded: Path):
    with Deployment(embedded, "web", DJANGO_SETTINGS_MODULE="config.settings") as web, Phone(web.port) as phone:
        acts = Acts(_campaign(embedded))
        phone.ask(acts.sign_in("demo-first"))
        _limit(web, (embedded / "homeground.sqlite3-wal").stat().st_size + 200_000)  # room for a few acts
        answers = [phone.ask(acts.sign_in(f"demo-room-{n}")) for n in range(PEOPLE)]
        _limit(web, resource.RLIM_INFINITY)

    told = sum(answer.status == 201 for answer in answers)
    assert {answer.status for answer in answers} == {201, 503}
    assert [answer.fault for answer in answers if answer.fault] == []
    with closing(sqlite3.connect(embedded / "homeground.sqlite3")) as file:
        rows = [file.execute(statement).fetchone()[0] for statement in (PEOPLE_MADE, PEOPLE_TOLD)]
    assert rows == [told, told]
    assert _whole(embedded)


def _limit(web: Deployment, most: int) -> None:
    """No file of the web processes may grow beyond ``most`` bytes; unlimited again with RLIM_INFINITY."""
    for pid in web.pids("granian"):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


def _campaign(var: Path) -> str:
    with closing(sqlite3.connect(var / "homeground.sqlite3")) as file:
        return str(file.execute("SELECT id FROM campaigns_campaign").fetchone()[0])


def _counts(var: Path) -> dict[str, int]:
    with closing(sqlite3.connect(var / "homeground.sqlite3")) as file:
        return {table: file.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}


def _whole(var: Path) -> bool:
    """Whether the file's pages fit together and every reference leads somewhere."""
    with closing(sqlite3.connect(var / "homeground.sqlite3")) as file:
        pages, keys = file.execute("PRAGMA integrity_check").fetchall(), file.execute("PRAGMA foreign_key_check")
        return pages == [("ok",)] and keys.fetchall() == []
