"""Print jobs: asked for once, made in slices, cancelled, taken up again after a kill, and handed out to who may."""

import csv
import io
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from core.admin.pages import page_url
from core.models import AuditEntry, StaffUser
from members.channels import errors
from members.channels.models import CodeBatch, PrintJob
from members.channels.rules.printing import FILES_KEPT_DAYS, LEASE_SECONDS, MOST_ATTEMPTS, PrintSpec, from_json
from members.channels.services import print_jobs
from platforms.artwork.batch import run_batch
from tests.factories.channels_admin import a_batch, a_channel

ROOT = Path(__file__).resolve().parents[3]
PNG = PrintSpec(layout="bare", formats=("png",))


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


@pytest.fixture
def batch(db: None, clock) -> CodeBatch:
    """Six hundred codes: three chunks."""
    return a_batch(a_channel("包裹卡"), codes=600)


@pytest.fixture
def job(batch: CodeBatch, staff: StaffUser) -> PrintJob:
    """A queued job of PNGs."""
    return print_jobs.request_print(batch=batch, spec=PNG, actor=staff)


def state_of(job: PrintJob) -> str:
    """As it stands in the table."""
    job.refresh_from_db()
    return job.state


def run(**more) -> str:
    """A tick in this process."""
    return print_jobs.run_due(workers=1, **more)


def test_finished_job_holds_every_code_and_a_manifest(job: PrintJob, batch: CodeBatch):
    assert run() == "finished"

    assert (state_of(job), job.verified, job.lease_until) == ("finished", 600, None)
    with zipfile.ZipFile(print_jobs.folder_of(job.pk) / job.file) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("manifest.csv").decode("utf-8-sig"))))
        assert {row["code"] for row in rows} == set(batch.codes.values_list("code", flat=True))
        assert all(row["url"] == f"{settings.PUBLIC_BASE_URL}/q/{row['code']}" for row in rows)
        assert len(archive.namelist()) == 601
    assert not (print_jobs.folder_of(job.pk) / "work").exists()


def test_nothing_due_is_nothing_done(batch: CodeBatch):
    assert run() == ""


def test_second_job_of_a_batch_is_refused_while_one_is_open(job: PrintJob, batch: CodeBatch, staff: StaffUser):
    with pytest.raises(errors.AlreadyPrinting):
        print_jobs.request_print(batch=batch, spec=PNG, actor=staff)

    assert PrintJob.objects.count() == 1
    assert AuditEntry.objects.filter(action="channels.print").count() == 1


def test_a_finished_batch_can_be_printed_again(job: PrintJob, batch: CodeBatch, staff: StaffUser):
    run()

    assert print_jobs.request_print(batch=batch, spec=PNG, actor=staff).state == "queued"


@pytest.mark.parametrize(
    "spec",
    [PrintSpec(layout="insert", size_mm=60.0), PrintSpec(layout="bare", size_mm=8.0, dpi=72, formats=("png",)),
     PrintSpec(logo="no picture"), PrintSpec(size_mm=900.0)],
)  # fmt: skip
def test_what_can_not_be_printed_is_refused_before_anything_is_queued(batch: CodeBatch, staff: StaffUser, spec):
    with pytest.raises(errors.CannotPrint):
        print_jobs.request_print(batch=batch, spec=spec, actor=staff)

    assert not PrintJob.objects.exists()


def test_a_specification_comes_back_as_it_was_stored():
    spec = PrintSpec(lines=("一", "二"), accent=(55, 15, 70, 25), formats=("pdf", "png"))

    assert from_json(spec.as_json() | {"of a later version": 1}) == spec


def test_waiting_job_is_cancelled_at_once(job: PrintJob, staff: StaffUser):
    assert print_jobs.cancel_print(job=job, actor=staff) == "cancelled"

    assert (run(), state_of(job)) == ("", "cancelled")


def test_running_job_is_cancelled_at_its_next_step(job: PrintJob, staff: StaffUser):
    run(slice_seconds=-1.0)
    assert print_jobs.cancel_print(job=job, actor=staff) == "running"

    assert run() == "cancelled"

    assert (state_of(job), job.file) == ("cancelled", "")
    assert not print_jobs.folder_of(job.pk).exists()


def test_what_is_over_can_not_be_cancelled(job: PrintJob, staff: StaffUser):
    run()

    with pytest.raises(errors.PrintJobOver):
        print_jobs.cancel_print(job=job, actor=staff)

    assert state_of(job) == "finished"
    assert not AuditEntry.objects.filter(action="channels.print_cancel").exists()


def one_chunk_a_slice(make, reused: list[int]):
    """``run_batch`` that is asked to stop after each chunk but the last, whatever the clock says."""

    def run_one(*args, progress, should_stop, **more):
        told: list[tuple[int, int]] = []

        def note(done: int, total: int) -> None:
            told.append((done, total))
            progress(done, total)

        def is_over() -> bool:
            return should_stop() or (len(told) > 1 and told[-1][0] < told[-1][1])

        report = make(*args, progress=note, should_stop=is_over, **more)
        reused.append(report.chunks_reused)
        return report

    return run_one


def test_slices_go_on_where_the_last_one_ended(job: PrintJob, monkeypatch: pytest.MonkeyPatch):
    reused: list[int] = []
    monkeypatch.setattr(print_jobs, "run_batch", one_chunk_a_slice(run_batch, reused))

    states = [run() for _ in range(3)]

    assert states == ["running", "running", "finished"]
    assert reused == [0, 1, 2]


def test_a_slice_ends_when_its_time_is_over(job: PrintJob):
    assert run(slice_seconds=0.0) == "running"
    assert run() == "finished"


def test_job_of_a_living_worker_is_left_alone(job: PrintJob, clock):
    held = clock.now
    PrintJob.objects.update(state="running", lease_until=clock.advance(seconds=LEASE_SECONDS))
    clock.move_to(held)

    assert run() == ""


def test_job_of_a_dead_worker_is_taken_up_when_its_lease_is_over(job: PrintJob, clock):
    PrintJob.objects.update(state="running", lease_until=clock.now)
    clock.advance(seconds=1)

    assert run() == "finished"


def test_worker_that_lost_its_lease_writes_nothing(job: PrintJob, clock):
    claimed = print_jobs._claim()
    assert claimed is not None
    job_id, held, _attempts = claimed
    slow = print_jobs.Lease(job_id, held, 60.0)
    clock.advance(seconds=LEASE_SECONDS + 1)
    assert run() == "finished"

    slow.beat(3)

    assert slow.is_lost
    assert not slow.end("failed", failure="worker")
    assert (state_of(job), job.verified) == ("finished", 600)


def test_job_that_kills_its_worker_again_and_again_is_given_up(job: PrintJob, clock):
    for _ in range(MOST_ATTEMPTS):
        assert print_jobs._claim() is not None
        clock.advance(seconds=LEASE_SECONDS + 1)

    assert run() == "failed"

    assert (state_of(job), job.failure) == ("failed", "worker")


def test_full_disk_is_told(job: PrintJob, monkeypatch: pytest.MonkeyPatch):
    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(print_jobs, "run_batch", full)

    assert run() == "failed"
    assert (state_of(job), job.failure) == ("failed", "storage")


# ---- the file --------------------------------------------------------------------------------------------------------
def test_download_is_noted(browser: Client, job: PrintJob):
    run()

    response = browser.get(page_url("channels-print-file", job.pk))

    assert b"".join(response)[:2] == b"PK"
    entry = AuditEntry.objects.get(action="channels.print_download")
    assert (entry.subject, entry.detail["codes"]) == (f"print_job:{job.pk}", 600)


def test_download_needs_its_own_permission(job: PrintJob):
    run()
    marketer = StaffUser.objects.create_user(username="yunying", password="a-long-password", is_staff=True)
    client = Client()
    client.force_login(marketer)

    assert client.get(page_url("channels-print-file", job.pk)).status_code == 403
    assert not AuditEntry.objects.filter(action="channels.print_download").exists()


def test_file_goes_after_its_time_and_the_row_stays(browser: Client, job: PrintJob, clock):
    run()
    clock.advance(days=FILES_KEPT_DAYS, seconds=1)
    browser.force_login(StaffUser.objects.get())

    assert print_jobs.purge_files() == 1

    assert (state_of(job), job.file) == ("finished", "")
    assert browser.get(page_url("channels-print-file", job.pk)).status_code == 404


@pytest.mark.parametrize(("kind", "start"), [("png", b"\x89PNG"), ("svg", b"<svg"), ("pdf", b"%PDF")])
def test_one_code_as_a_file(browser: Client, batch: CodeBatch, kind: str, start: bytes):
    code = batch.codes.order_by("id")[0]

    response = browser.get(page_url("channels-code-file", code.pk, kind))

    assert start in response.content[:200]
    assert response["Content-Disposition"] == f'attachment; filename="{code.code}.{kind}"'


def test_print_sheet_is_asked_for_in_the_admin_once(browser: Client, batch: CodeBatch):
    url = reverse("admin:channels_codebatch_print_sheet", args=[batch.pk])
    key = browser.get(url).context["key"]
    form = {
        "act_key": key, "layout": "insert", "headline": "扫码有礼", "lines": "一\n二", "footer": "", "ink": "tea",
        "size_mm": "28", "level": "M", "formats": ["pdf", "png"], "dpi": "300", "on_sheets": "on", "bleed_mm": "3",
    }  # fmt: skip

    assert [browser.post(url, form).status_code for _ in range(2)] == [302, 302]

    spec = from_json(PrintJob.objects.get().spec)
    assert (spec.lines, spec.formats, spec.accent, spec.size_mm) == (
        ("一", "二"),
        ("pdf", "png"),
        (55, 15, 70, 25),
        28.0,
    )


# ---- a worker that is killed -----------------------------------------------------------------------------------------
MAKE = """
from tests.factories.channels_admin import a_batch, a_channel
from members.channels.rules.printing import PrintSpec
from members.channels.services import print_jobs
from core.models import StaffUser
staff = StaffUser.objects.create_user(username="a", password="b")
batch = a_batch(a_channel("包裹卡"), codes=3000)
print(print_jobs.request_print(batch=batch, spec=PrintSpec(layout="bare", formats=("png",)), actor=staff).pk.hex)
"""
WORK = "from members.channels.services import print_jobs; print(print_jobs.run_due(workers=1, slice_seconds=600.0))"


def start(code: str, environment: dict[str, str]) -> subprocess.Popen[str]:
    """A process of the demo that runs ``code``."""
    code = f"import django; django.setup()\n{code}"
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )  # fmt: skip


def wait_for(condition, seconds: float = 60.0) -> None:
    """Until ``condition()`` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_killed_worker_loses_no_finished_chunk(tmp_path: Path):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings", "HOMEGROUND_DEMO": "1", "HOMEGROUND_VAR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'prints.sqlite3'}", "DJANGO_SECRET_KEY": "for-tests-only" * 4,
    }  # fmt: skip
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    job = start(MAKE, environment).communicate()[0].split()[-1]
    work = tmp_path / "print" / job / "work"
    worker = start(WORK, environment)
    wait_for(lambda: len(list(work.glob("*.done"))) >= 2)

    worker.send_signal(signal.SIGKILL)
    worker.communicate()
    kept = {path: path.stat().st_mtime_ns for path in work.glob("*.done")}

    assert start(WORK, environment).communicate()[0].split() == []  # its lease still stands
    later = environment | {"CLOCK_OFFSET": f"{LEASE_SECONDS + 5}s"}
    second = start(WORK, later)
    wait_for(lambda: len(list(work.glob("*.done"))) > len(kept))
    assert {path: path.stat().st_mtime_ns for path in kept} == kept  # not made a second time
    assert second.communicate()[0].split() == ["finished"]
    with zipfile.ZipFile(tmp_path / "print" / job / "codes.zip") as archive:
        assert len(archive.namelist()) == 3001
