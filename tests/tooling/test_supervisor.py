"""The supervisor on small processes: it restarts with a growing delay, and ends what does not want to end."""

import os
import signal
import sqlite3
import sys
import time
from contextlib import closing

import pytest

from core import demo
from core.supervisor import BACK_OFF_SECONDS, ChildSpec, Supervisor, demo_children

pytestmark = pytest.mark.sqlite  # no database in it: one run is enough
SLEEPER = ChildSpec("sleeper", (sys.executable, "-c", "import time; time.sleep(60)"))
IGNORES_TERM = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid)
time.sleep(60)
"""
DEAF = ChildSpec("deaf", (sys.executable, "-uc", IGNORES_TERM))
BROKEN = ChildSpec("broken", (sys.executable, "-c", "print('no such setting'); raise SystemExit(3)"))


@pytest.fixture
def said():
    return []


@pytest.fixture
def supervisor(tmp_path, said):
    made = Supervisor(environment=os.environ, cwd=tmp_path, logs=tmp_path / "log", say=said.append, grace=0.5)
    yield made
    made.stop()


def is_alive(pid: int) -> bool:
    """Running; a dead process that nobody has collected yet is not."""
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_killed_child_is_started_again_and_that_is_said(supervisor, said):
    child = supervisor.start(SLEEPER)
    first = child.pid

    os.kill(first, signal.SIGKILL)

    assert supervisor.wait_for(lambda: child.pid not in {None, first}, seconds=5)
    assert said == [f"sleeper ended (SIGKILL); starting it again. Its log: {child.log}"]


def test_a_child_that_dies_early_again_and_again_waits_longer_each_time(supervisor, said):
    child = supervisor.start(BROKEN)
    delays: list[float] = []

    while len(delays) < 2:
        if (code := child.died()) is not None:
            delays.append(round(child.start_at - time.monotonic(), 1))
            child.start()

    assert code == 3
    assert delays == [BACK_OFF_SECONDS[1], BACK_OFF_SECONDS[2]]
    assert "no such setting" in child.log_tail()


def test_stop_kills_after_the_grace_what_ignores_term_and_its_children(supervisor):
    deaf = supervisor.start(DEAF)
    assert supervisor.wait_for(lambda: deaf.log.read_text().strip(), seconds=5)
    main, grandchild = deaf.pid, int(deaf.log.read_text())

    supervisor.stop()

    assert not is_alive(main)
    assert supervisor.wait_for(lambda: not is_alive(grandchild), seconds=2)  # init collects it, not we


def test_asking_to_stop_ends_the_loop(supervisor):
    supervisor.start(SLEEPER)
    supervisor.ask_to_stop()

    supervisor.run_until_stopped()

    assert supervisor.is_stopping


def test_the_demo_is_one_web_one_worker_and_one_beat_on_the_loopback():
    web, worker, beat = (" ".join(spec.command) for spec in demo_children(8123, cores=8))

    assert "--host 127.0.0.1" in web
    assert "--workers 2 --port 8123" in web
    assert "--pool threads" in worker
    assert " beat " in beat


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "shop.example.com", "::"])
def test_demo_mode_binds_nothing_but_the_loopback(host):
    with pytest.raises(demo.DemoRefusal, match="only the loopback"):
        demo.ensure_loopback(host)


def test_a_full_disk_is_one_sentence(tmp_path):
    path = tmp_path / "small.sqlite3"

    with pytest.raises(demo.DemoRefusal, match="The disk is full"), demo._storage_faults_explained(path):
        fill_a_disk_of_two_pages(path)


def fill_a_disk_of_two_pages(path):
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA max_page_count = 2")
        file.execute("CREATE TABLE big (content BLOB)")
        file.execute("INSERT INTO big VALUES (zeroblob(100000))")
