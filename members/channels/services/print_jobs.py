"""Print jobs: asked for in the admin, made by a tick in the worker, slice by slice.

States: queued → running → finished, failed or cancelled. Each step is one guarded statement. A worker owns a job for as
long as the row holds the ``lease_until`` that it wrote itself: whoever lost it writes nothing more. What was made so
far lies in the job's folder, so a killed worker's job goes on at the first missing chunk once its lease is over.
"""

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import IntegrityError

from core import audit, clock, sql
from core.commands import command
from core.models import StaffUser
from members.channels import errors
from members.channels.models import ChannelCode, CodeBatch, PrintJob
from members.channels.rules import printing, tree
from platforms.artwork import single
from platforms.artwork.batch import BatchReport, discard, run_batch
from platforms.artwork.errors import ArtworkError
from platforms.artwork.jobs import make_job
from platforms.artwork.spec import CodeItem

log = structlog.get_logger(__name__)

WORKERS = 2
BEAT_SECONDS = 1.0  # how often progress is written and a cancellation is looked for
FILE_NAME = "codes.zip"

# One job at a time, so that a long queue leaves threads of the worker to other ticks. Two claims at the same moment
# may start two jobs, but never the same one: the row is locked, or its state has changed.
CLAIM = """
UPDATE channels_printjob
SET state = 'running', lease_until = %(lease)s, attempts = attempts + 1
WHERE id IN (
    SELECT id FROM channels_printjob
    WHERE (state = 'queued' OR (state = 'running' AND lease_until <= %(now)s))
      AND NOT EXISTS (SELECT 1 FROM channels_printjob AS busy
                      WHERE busy.state = 'running' AND busy.lease_until > %(now)s)
    ORDER BY requested_at LIMIT 1{skip_locked}
) AND (state = 'queued' OR (state = 'running' AND lease_until <= %(now)s))
RETURNING id, attempts
"""
BEAT = """
UPDATE channels_printjob
SET verified = %(verified)s, lease_until = %(lease)s, attempts = 0
WHERE id = %(id)s AND state = 'running' AND lease_until = %(held)s
RETURNING is_cancel_requested
"""
END = """
UPDATE channels_printjob
SET state = %(state)s, verified = %(verified)s, pages = %(pages)s, file = %(file)s, failure = %(failure)s,
    lease_until = NULL, finished_at = %(now)s
WHERE id = %(id)s AND state = 'running' AND lease_until = %(held)s
RETURNING id
"""
LEAVE = """
UPDATE channels_printjob
SET lease_until = %(now)s, attempts = 0
WHERE id = %(id)s AND state = 'running' AND lease_until = %(held)s
RETURNING id
"""
CANCEL = """
UPDATE channels_printjob
SET is_cancel_requested = TRUE, state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END,
    finished_at = CASE WHEN state = 'queued' THEN %(now)s ELSE finished_at END
WHERE id = %(id)s AND state IN ('queued', 'running')
RETURNING state
"""
FORGET_FILES = """
UPDATE channels_printjob SET file = '' WHERE finished_at < %(before)s AND file <> '' RETURNING id
"""


def folder_of(job_id: UUID) -> Path:
    """Where a job works and leaves its file."""
    return Path(settings.VAR_DIR) / "print" / job_id.hex


def items_of(batch: CodeBatch) -> list[CodeItem]:
    """The batch's codes as they are printed, in the order in which they were made."""
    rows = ChannelCode.objects.filter(batch=batch).order_by("id").values_list("code", "label")
    return [printing.item(code, base_url=settings.PUBLIC_BASE_URL, label=label or batch.name) for code, label in rows]


def draw_file(code: ChannelCode, *, kind: str, spec: printing.PrintSpec) -> bytes:
    """One code as ``png``, ``svg`` or ``pdf``, read back before it is handed out; ``CannotPrint``."""
    item = printing.item(code.code, base_url=settings.PUBLIC_BASE_URL, label=code.label or code.batch.name)
    try:
        symbol = printing.symbol_of(spec)
        if kind == "pdf":
            return single.pdf(item, symbol, printing.batch_spec(spec, title=code.code).print_job)
        return single.png(item, symbol) if kind == "png" else single.svg(item, symbol)
    except ArtworkError as refusal:
        raise errors.CannotPrint(reason=errors.artwork_reason(refusal.code)) from None


@command
def request_print(*, batch: CodeBatch, spec: printing.PrintSpec, actor: StaffUser) -> PrintJob:
    """Queue ``batch`` to be made as ``spec`` says. ``CannotPrint`` before anything is queued, ``AlreadyPrinting``."""
    _ensure_printable(batch, spec)
    try:
        job = PrintJob.objects.create(
            batch=batch, spec=spec.as_json(), codes=batch.quantity, requested_by=actor, requested_at=clock.now()
        )
    except IntegrityError:  # print_job_one_open: the unique key decides
        raise errors.AlreadyPrinting from None
    detail = {"batch": str(batch.pk), "codes": batch.quantity, "layout": spec.layout}
    audit.record(actor=actor, action="channels.print", subject=f"print_job:{job.pk}", detail=detail)
    return job


def _ensure_printable(batch: CodeBatch, spec: printing.PrintSpec) -> None:
    """Lay the first code out: all codes of a batch are equally long, so what fits one fits all."""
    first = ChannelCode.objects.filter(batch=batch).order_by("id").first()
    if first is None:
        raise errors.InvalidQuantity(most=f"{tree.MOST_CODES:,}")
    try:
        sample = printing.item(first.code, base_url=settings.PUBLIC_BASE_URL, label=first.label or batch.name)
        make_job(printing.batch_spec(spec, title=batch.name), [sample])
    except ArtworkError as refusal:
        raise errors.CannotPrint(reason=errors.artwork_reason(refusal.code)) from None


@command
def cancel_print(*, job: PrintJob, actor: StaffUser) -> str:
    """Cancel a waiting job at once, a running one at its next step; returns the state. ``PrintJobOver``."""
    row = sql.fetch_one(CANCEL, {"id": job.pk, "now": clock.now()})
    if row is None:
        raise errors.PrintJobOver
    audit.record(actor=actor, action="channels.print_cancel", subject=f"print_job:{job.pk}")
    return str(row["state"])


@command
def open_file(*, job: PrintJob, actor: StaffUser) -> Path:
    """The finished job's file for ``actor``, noted in the audit trail. ``PrintFileGone``."""
    path = folder_of(job.pk) / job.file
    if job.state != PrintJob.State.FINISHED or not job.file or not path.is_file():
        raise errors.PrintFileGone
    detail = {"batch": str(job.batch_id), "codes": job.codes, "bytes": path.stat().st_size}
    audit.record(actor=actor, action="channels.print_download", subject=f"print_job:{job.pk}", detail=detail)
    return path


@dataclass
class Lease:
    """A worker's hold on a job: it writes progress, and learns whether to go on."""

    job_id: UUID
    held: datetime
    slice_seconds: float
    is_lost: bool = False
    is_cancelled: bool = False
    started: float = 0.0
    beat_at: float = 0.0

    def progress(self, done: int, _total: int) -> None:
        """Write how many are verified and take the lease anew, at most once a second. The slice begins here."""
        self.started = self.started or time.monotonic()
        if time.monotonic() - self.beat_at >= BEAT_SECONDS:
            self.beat(done)

    def beat(self, done: int) -> None:
        """Write at once. Nothing updated: the lease ran out and another worker has the job."""
        lease = _lease_until()
        values = {"id": self.job_id, "verified": done, "lease": lease, "held": self.held}
        row = _written(BEAT, values)
        self.is_lost = row is None
        self.is_cancelled = bool(row and row["is_cancel_requested"])
        self.held, self.beat_at = lease, time.monotonic()

    def should_stop(self) -> bool:
        """Whether to leave off: cancelled, lost, or the slice is over."""
        is_over = bool(self.started) and time.monotonic() - self.started > self.slice_seconds
        return self.is_lost or self.is_cancelled or is_over

    def end(self, state: str, *, verified: int = 0, pages: int = 0, file: str = "", failure: str = "") -> bool:
        """Leave the running state for good, if the lease still stands."""
        values = {
            "id": self.job_id, "held": self.held, "now": clock.now(), "state": state, "verified": verified,
            "pages": pages, "file": file, "failure": failure,
        }  # fmt: skip
        return _written(END, values) is not None


def _lease_until() -> datetime:
    """Until when a worker that writes now owns its job; to the microsecond it is also the mark of that worker."""
    return clock.now() + timedelta(seconds=printing.LEASE_SECONDS)


@command
def _written(statement: str, values: dict[str, Any]) -> sql.Row | None:
    return sql.fetch_one(statement, values)


@command
def _claim() -> tuple[UUID, datetime, int] | None:
    lease = _lease_until()
    statement = CLAIM.format(skip_locked=sql.skip_locked())
    row = sql.fetch_one(statement, {"now": clock.now(), "lease": lease}, id="uuid")
    return (row["id"], lease, int(row["attempts"])) if row else None


def run_due(*, workers: int = WORKERS, slice_seconds: float = printing.SLICE_SECONDS) -> str:
    """Take up the oldest due job and make a slice of it; returns its state afterwards, empty if none was due."""
    claimed = _claim()
    if claimed is None:
        return ""
    job_id, held, attempts = claimed
    job = PrintJob.objects.select_related("batch").get(pk=job_id)
    lease = Lease(job_id, held, slice_seconds)
    if job.is_cancel_requested:
        return _cancelled(lease, job.verified)
    if attempts > printing.MOST_ATTEMPTS:
        return _failed(lease, "worker")
    try:
        report = _make(job, lease, workers)
    except ArtworkError as refusal:
        return _failed(lease, refusal.code)
    except OSError as fault:  # the disk is full, or the folder may not be written
        log.error("print_failed", job=str(job_id), exc_info=fault)  # noqa: TRY400
        return _failed(lease, "storage")
    return _after(lease, report)


def _make(job: PrintJob, lease: Lease, workers: int) -> BatchReport:
    folder = folder_of(job.pk)
    return run_batch(
        printing.batch_spec(printing.from_json(job.spec), title=job.batch.name),
        _items(job),
        workdir=folder / "work",
        output=folder / FILE_NAME,
        progress=lease.progress,
        should_stop=lease.should_stop,
        workers=workers,
    )


def _items(job: PrintJob) -> Sequence[CodeItem]:
    items = items_of(job.batch)
    if len(items) != job.codes:
        raise ArtworkError("The batch has other codes than when the job was made.")
    return items


def _after(lease: Lease, report: BatchReport) -> str:
    """What a slice ends with: the whole file, a cancellation, or work for the next one."""
    lease.beat(report.verified)
    if lease.is_lost:
        return ""
    if lease.is_cancelled:
        return _cancelled(lease, report.verified)
    if not report.is_finished:
        _written(LEAVE, {"id": lease.job_id, "held": lease.held, "now": clock.now()})
        return PrintJob.State.RUNNING.value
    lease.end("finished", verified=report.verified, pages=report.pages, file=FILE_NAME)
    discard(folder_of(lease.job_id) / "work")
    return PrintJob.State.FINISHED.value


def _cancelled(lease: Lease, verified: int) -> str:
    if lease.end("cancelled", verified=verified):
        shutil.rmtree(folder_of(lease.job_id), ignore_errors=True)
    return PrintJob.State.CANCELLED.value


def _failed(lease: Lease, failure: str) -> str:
    if lease.end("failed", failure=failure):
        shutil.rmtree(folder_of(lease.job_id), ignore_errors=True)
    return PrintJob.State.FAILED.value


@command
def purge_files() -> int:
    """Remove files that are older than they are kept; the rows stay."""
    before = clock.now() - timedelta(days=printing.FILES_KEPT_DAYS)
    gone = sql.fetch_all(FORGET_FILES, {"before": before}, id="uuid")
    for row in gone:
        shutil.rmtree(folder_of(row["id"]), ignore_errors=True)
    return len(gone)
