"""One chunk of a batch: made, verified and put on disk whole or not at all.

Any number of processes may make the same chunk: its bytes depend on the job only, each writes under a name
of its own and renames, and the record that calls the chunk done comes last and carries the digests.
"""

import hashlib
import json
import os
import threading
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing import connection, parent_process
from pathlib import Path

from platforms.artwork import svg
from platforms.artwork.jobs import Job
from platforms.artwork.logo import PreparedLogo
from platforms.artwork.matrices import Encoder, Matrix
from platforms.artwork.pdf import Cell, PdfWriter
from platforms.artwork.raster import PngWriter
from platforms.artwork.spec import CodeItem, Format
from platforms.artwork.verify import ensure_reads, read_matrix, read_png, read_with_logo

ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # the same job makes the same bytes


@dataclass(frozen=True, slots=True)
class ChunkFiles:
    """Names of a chunk's files in the working folder."""

    folder: Path
    number: int

    def path(self, suffix: str) -> Path:
        """``chunk-00042.<suffix>``: ``zip`` with pictures, ``pdf`` with pages, ``done`` with the record."""
        return self.folder / f"chunk-{self.number:05d}.{suffix}"

    def put(self, suffix: str, data: bytes) -> str:
        """Write a file whole; return its digest."""
        target = self.path(suffix)
        partial = target.with_name(f"{target.name}.{os.getpid()}.part")
        partial.write_bytes(data)
        partial.replace(target)
        return hashlib.sha256(data).hexdigest()

    def verified(self) -> int:
        """How many codes the finished chunk holds, all of them verified; 0 if it is not there whole."""
        try:
            record = json.loads(self.path("done").read_text("ascii"))
            whole = all(
                hashlib.sha256(self.path(suffix).read_bytes()).hexdigest() == digest
                for suffix, digest in record["files"].items()
            )
            return int(record["verified"]) if whole else 0
        except (OSError, ValueError, KeyError):
            return 0  # a crash of the machine can leave a file empty: the chunk is made again


def read_symbol(matrix: Matrix, logo: PreparedLogo | None) -> str | None:
    """What a vector file that draws ``matrix`` says."""
    return read_with_logo(matrix, logo) if logo else read_matrix(matrix)


@dataclass(slots=True)
class ChunkMaker:
    """Makes chunks of one job, one after another. Keep it: its encoder learns. Not for use by several threads."""

    job: Job
    folder: Path
    encoder: Encoder = field(init=False)

    def __post_init__(self) -> None:
        self.encoder = Encoder(self.job.plan, expected=self.job.codes)

    def make(self, number: int, items: Sequence[CodeItem]) -> int:
        """Make chunk ``number`` of ``items``; return how many codes were verified: all, or it raises."""
        cells = [Cell(item, self.encoder.encode(item.url.encode("ascii"))) for item in items]
        self.encoder.cross_check(item.url.encode("ascii") for item in (items[0], items[-1]))
        files = ChunkFiles(self.folder, number)
        formats = self.job.spec.formats
        digests: dict[str, str] = {}
        if formats - {Format.PNG}:
            for cell in cells:
                ensure_reads(read_symbol(cell.matrix, self.job.logo), cell.item)
        if formats & {Format.PNG, Format.SVG}:
            self._pictures(files, cells)
            digests["zip"] = hashlib.sha256(files.path("zip").read_bytes()).hexdigest()
        if Format.PDF in formats:
            self._pages(files, cells)
            digests["pdf"] = hashlib.sha256(files.path("pdf").read_bytes()).hexdigest()
        record = {"verified": len(cells), "files": digests}
        files.put("done", json.dumps(record).encode("ascii"))
        return len(cells)

    def _pictures(self, files: ChunkFiles, cells: Sequence[Cell]) -> None:
        target = files.path("zip")
        partial = target.with_name(f"{target.name}.{os.getpid()}.part")
        spec, plan, logo = self.job.spec, self.job.plan, self.job.logo
        writer = PngWriter(spec.symbol, plan, logo) if Format.PNG in spec.formats else None
        with zipfile.ZipFile(partial, "w") as archive:
            for item, matrix in cells:
                lines = spec.symbol.lines(item)
                if writer:
                    png = writer.make(matrix, lines)
                    ensure_reads(read_png(png, pure=logo is None), item)
                    add(archive, f"png/{item.code}.png", png, compress=False)
                if Format.SVG in spec.formats:
                    drawing = svg.make(matrix, lines, symbol=spec.symbol, plan=plan, logo=logo)
                    add(archive, f"svg/{item.code}.svg", drawing, compress=True)
        partial.replace(target)

    def _pages(self, files: ChunkFiles, cells: Sequence[Cell]) -> None:
        target = files.path("pdf")
        partial = target.with_name(f"{target.name}.{os.getpid()}.part")
        first = files.number * self.job.chunk_codes // self.job.per_page + 1
        writer = PdfWriter(self.job.spec, self.job.plan, self.job.logo)
        writer.write(partial, cells, first_page=first, pages=self.job.pages)
        partial.replace(target)


def add(archive: zipfile.ZipFile, name: str, data: bytes, *, compress: bool) -> None:
    """Put ``data`` into ``archive`` as a plain readable file with a constant date."""
    entry = zipfile.ZipInfo(name, ZIP_DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, data)


_makers: list[ChunkMaker] = []


def start_worker(job: Job, folder: Path) -> None:
    """Start of a worker process: keep one maker, and end with the parent, however that ends."""
    _makers[:] = [ChunkMaker(job, folder)]
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


def work(number: int, items: Sequence[CodeItem]) -> int:
    """Make a chunk in this worker process."""
    return _makers[0].make(number, items)
