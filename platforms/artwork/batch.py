"""Batches: cut into chunks, spread over processes, resumable at the first missing chunk, stoppable in between.

The caller gives each job a working folder of its own and the same items each time. Nothing stands at
``output`` until the whole batch is verified and joined; :func:`discard` clears the folder afterwards.
"""

import json
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from platforms.artwork.assembly import assemble
from platforms.artwork.chunks import ChunkFiles, ChunkMaker, start_worker, work
from platforms.artwork.errors import OtherJob, OutOfBounds
from platforms.artwork.jobs import Job, fingerprint, make_job
from platforms.artwork.spec import BatchSpec, CodeItem, Format, Level, ensure_within

Progress = Callable[[int, int], None]
ShouldStop = Callable[[], bool]

MAX_WORKERS = 16
POOL_FROM = 2  # chunks: starting processes takes as long as making one chunk
POLL_S = 0.2  # how soon a stop is seen while chunks are being made


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What came of a batch. ``verified`` codes were decoded by zxing-cpp; ``path`` is None if it was stopped."""

    codes: int
    verified: int
    pages: int
    version: int
    level: Level
    mask: int
    chunks_reused: int
    path: Path | None

    @property
    def is_finished(self) -> bool:
        """Whether the file is there, with every code verified."""
        return self.path is not None


def run_batch(
    spec: BatchSpec,
    items: Sequence[CodeItem],
    *,
    workdir: Path,
    output: Path,
    progress: Progress = lambda done, total: None,  # noqa: ARG005 - named for the reader
    should_stop: ShouldStop = lambda: False,
    workers: int = 2,
) -> BatchReport:
    """Make ``items`` as ``spec`` says into ``output`` (``.zip``, or ``.pdf`` for a print PDF alone).

    ``progress(done, total)`` counts verified codes and is called in this thread; ``should_stop()`` is asked
    every 0.2 s: chunks made so far stay in ``workdir`` and the report is unfinished. The same call goes on
    where it or a killed process ended. Raises an ``ArtworkError``: bounds before anything is made,
    ``Unreadable`` if one code does not decode, ``OtherJob`` if ``workdir`` belongs to another job.
    With ``workers`` of 1, or in a daemon process, all is made in this process.
    """
    ensure_within("workers", workers, (1, MAX_WORKERS))
    _ensure_output(spec, output)
    job = make_job(spec, items)
    _claim(workdir, fingerprint(spec, items))
    made = {number: count for number in range(job.chunks) if (count := ChunkFiles(workdir, number).verified())}
    reused, done = len(made), sum(made.values())
    progress(done, job.codes)
    missing = [number for number in range(job.chunks) if number not in made]
    for verified in _make(job, items, missing, workdir=workdir, should_stop=should_stop, workers=workers):
        done += verified
        progress(done, job.codes)
    is_whole = done == job.codes and not should_stop()
    if is_whole:
        assemble(job, items, folder=workdir, output=output)
    plan = job.plan
    path = output if is_whole else None
    return BatchReport(job.codes, done, job.pages, plan.version, plan.level, plan.mask, reused, path)


def discard(workdir: Path) -> None:
    """Remove the working folder of a job that is finished or given up. Only a folder made by a job is removed."""
    if (workdir / "job.json").is_file():
        shutil.rmtree(workdir)


def _ensure_output(spec: BatchSpec, output: Path) -> None:
    if output.suffix == ".zip" or (output.suffix == ".pdf" and spec.formats == {Format.PDF}):
        return
    raise OutOfBounds("A batch becomes a .zip file, or a .pdf file if it is a PDF only.", name="output")


def _claim(workdir: Path, digest: str) -> None:
    """Mark ``workdir`` as this job's, or refuse it as another's."""
    workdir.mkdir(parents=True, exist_ok=True)
    mark = workdir / "job.json"
    if not mark.exists():
        partial = mark.with_name(f"job.{os.getpid()}.part")
        partial.write_text(json.dumps({"job": digest}), "ascii")
        partial.replace(mark)
    if json.loads(mark.read_text("ascii")).get("job") != digest:
        raise OtherJob("The working folder holds chunks of another job.")


def _items_of(job: Job, items: Sequence[CodeItem], number: int) -> Sequence[CodeItem]:
    return items[number * job.chunk_codes : (number + 1) * job.chunk_codes]


def _make(
    job: Job,
    items: Sequence[CodeItem],
    missing: Sequence[int],
    *,
    workdir: Path,
    should_stop: ShouldStop,
    workers: int,
) -> Iterator[int]:
    """Make the missing chunks; yield the verified codes of each as it is done."""
    if workers == 1 or len(missing) < POOL_FROM or multiprocessing.current_process().daemon:
        maker = ChunkMaker(job, workdir)
        for number in missing:
            if should_stop():
                return
            yield maker.make(number, _items_of(job, items, number))
        return
    # Spawned, not forked: the caller may run threads. At most two chunks a process wait, so memory stays flat.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=start_worker, initargs=(job, workdir))
    try:
        yield from _spread(pool, job, items, missing, should_stop=should_stop, ahead=2 * workers)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _spread(
    pool: ProcessPoolExecutor,
    job: Job,
    items: Sequence[CodeItem],
    missing: Sequence[int],
    *,
    should_stop: ShouldStop,
    ahead: int,
) -> Iterator[int]:
    left = list(reversed(missing))
    running: set[Future[int]] = set()
    while left or running:
        if should_stop():
            return
        while left and len(running) < ahead:
            number = left.pop()
            running.add(pool.submit(work, number, _items_of(job, items, number)))
        finished, running = wait(running, timeout=POLL_S, return_when=FIRST_COMPLETED)
        for future in finished:
            yield future.result()
