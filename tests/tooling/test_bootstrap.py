"""The bootstrap: pip runs only when a lock file changed, and each failure is one sentence."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap
from tests.tooling.conftest import ROOT, environment

pytestmark = pytest.mark.sqlite  # no database in it: one run is enough


def run_bootstrap(*arguments: str, root: Path = ROOT, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "bootstrap.py", *arguments]
    inherited = environment(root / "var", **more)
    return subprocess.run(command, cwd=root, env=inherited, capture_output=True, text=True, check=False)


def sentences(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()


@pytest.fixture
def small_tree(tmp_path):
    """A tree of its own with the bootstrap and a lock file that names a package which nobody has."""
    shutil.copy(ROOT / "bootstrap.py", tmp_path)
    (tmp_path / "requirements.lock").write_text(f"homeground-has-no-such-package==1.0 --hash=sha256:{'0' * 64}\n")
    return tmp_path


def test_a_port_in_use_is_one_sentence(tmp_path, busy_port):
    done = run_bootstrap("run", HOMEGROUND_VAR=str(tmp_path), PORT=str(busy_port))

    assert done.returncode == 1
    assert sentences(done) == [
        f"Port {busy_port} is already in use; choose another, for instance PORT={busy_port % 65535 + 1}."
    ]


@pytest.mark.parametrize("port", ["web", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(tmp_path, port):
    done = run_bootstrap("run", HOMEGROUND_VAR=str(tmp_path), PORT=port)

    assert sentences(done) == [f"PORT={port} is not a port number; choose one from 1 to 65535."]


def test_a_var_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()

    done = run_bootstrap("run", HOMEGROUND_VAR=str(tmp_path / "file" / "var"), PORT="")

    assert done.returncode == 1
    assert sentences(done)[0].startswith("Cannot write to ")


def test_a_full_disk_is_one_sentence():
    sentence = bootstrap.storage_sentence(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))

    assert sentence.startswith("The disk is full: nothing can be written to ")


def test_an_old_python_is_told_so_before_anything_else(tmp_path):
    program = (
        "import runpy, sys; sys.version_info = (3, 10, 4, 'final', 0); sys.argv = ['bootstrap.py', 'run'];"
        f"runpy.run_path({str(ROOT / 'bootstrap.py')!r}, run_name='__main__')"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path)

    assert done.returncode == 1
    assert done.stderr == "Homeground needs Python 3.11 or newer; this is Python 3.10.\n"


def test_a_python_without_venv_is_told_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / "none")
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda _name: None)

    with pytest.raises(bootstrap.Refusal, match=r"lacks the venv module; .*python3\.\d+-venv"):
        bootstrap.create_venv()


def test_a_failing_pip_is_one_sentence_and_leaves_no_stamp(small_tree):
    done = run_bootstrap("run", root=small_tree, PORT="", PIP_NO_INDEX="1", PIP_FIND_LINKS="")

    assert done.returncode == 1
    assert sentences(done)[-1].startswith("pip could not install requirements.lock (")
    assert not (small_tree / ".venv" / ".homeground-run").exists()


def test_pip_is_skipped_while_the_lock_files_stay_as_they_are(tmp_path, monkeypatch):
    lock = tmp_path / "requirements.lock"
    lock.write_text("a==1\n")
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    bootstrap.venv_python().parent.mkdir()
    bootstrap.venv_python().touch()
    (tmp_path / ".homeground-run").write_text(bootstrap.fingerprint(lock))

    assert bootstrap.is_installed("run", bootstrap.fingerprint(lock))
    lock.write_text("a==2\n")
    assert not bootstrap.is_installed("run", bootstrap.fingerprint(lock))


def test_the_demo_keeps_its_keys_private_and_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "VAR", tmp_path)

    first, second = bootstrap.demo_environment(8000), bootstrap.demo_environment(8000)

    assert first == second
    assert (tmp_path / "demo-keys.json").stat().st_mode & 0o777 == 0o600
    assert len(first["DJANGO_SECRET_KEY"]) >= 50


def test_an_unknown_command_names_the_known_ones():
    done = run_bootstrap("fly")

    assert done.returncode == 2
    assert sentences(done) == ["Usage: python3 bootstrap.py run|test|check|races|bench|soak|docs|ci"]
