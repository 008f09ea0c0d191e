"""The finished file of a batch: joined from its chunks beside its place, then renamed into it."""

import io
import os
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from platforms.artwork import manifest, pdf_join
from platforms.artwork.chunks import ZIP_DATE, ChunkFiles
from platforms.artwork.jobs import Job
from platforms.artwork.spec import CodeItem, Format

BLOCK = 1 << 20


def assemble(job: Job, items: Sequence[CodeItem], *, folder: Path, output: Path) -> None:
    """Write ``output``: a ZIP of everything with its manifest, or the PDF alone if the name ends in ``.pdf``."""
    partial = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        if output.suffix == ".pdf":
            _write_pdf(partial, job, folder)
        else:
            _write_zip(partial, job, items, folder)
        with partial.open("rb+") as stream:
            os.fsync(stream.fileno())
        partial.replace(output)
    finally:
        partial.unlink(missing_ok=True)


def _write_pdf(target: Path, job: Job, folder: Path) -> None:
    parts = (ChunkFiles(folder, number).path("pdf") for number in range(job.chunks))
    with target.open("wb") as stream:
        pdf_join.join(parts, stream, title=job.spec.print_job.title)


def _write_zip(target: Path, job: Job, items: Sequence[CodeItem], folder: Path) -> None:
    with zipfile.ZipFile(target, "w") as archive:
        if job.spec.formats & {Format.PNG, Format.SVG}:
            for number in range(job.chunks):
                _append(archive, ChunkFiles(folder, number).path("zip"))
        if Format.PDF in job.spec.formats:
            joined = target.with_name(f"{target.name}.pdf")
            try:
                _write_pdf(joined, job, folder)
                with joined.open("rb") as source, _entry(archive, manifest.PDF_NAME) as sink:
                    _copy(source.read, sink, joined.stat().st_size)
            finally:
                joined.unlink(missing_ok=True)
        with _entry(archive, "manifest.csv") as sink, io.TextIOWrapper(sink, "utf-8", newline="") as text:
            manifest.write(text, job, items)


def _entry(archive: zipfile.ZipFile, name: str) -> "zipfile.ZipExtFile | BinaryIO":
    entry = zipfile.ZipInfo(name, ZIP_DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED if name.endswith(".csv") else zipfile.ZIP_STORED
    entry.external_attr = 0o644 << 16
    return archive.open(entry, "w", force_zip64=True)  # type: ignore[return-value]


def _append(archive: zipfile.ZipFile, path: Path) -> None:
    """Copy the entries of the ZIP at ``path`` as they are: only their offsets in the directory change."""
    sink = archive.fp
    if sink is None:
        raise ValueError("The archive is closed.")
    with zipfile.ZipFile(path) as part, path.open("rb") as source:
        shift = archive.start_dir
        sink.seek(shift)
        _copy(source.read, sink, part.start_dir)
        for entry in part.infolist():
            entry.header_offset += shift
            archive.filelist.append(entry)
            archive.NameToInfo[entry.filename] = entry
        archive.start_dir = shift + part.start_dir


def _copy(read: Callable[[int], bytes], sink: object, size: int) -> None:
    while size > 0:
        block = read(min(BLOCK, size))
        if not block:
            raise ValueError("A chunk is shorter than its directory says.")
        sink.write(block)  # type: ignore[attr-defined]
        size -= len(block)
