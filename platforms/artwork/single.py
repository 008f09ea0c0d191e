"""One code as bytes, verified like a batch: for previews, posters and single downloads."""

import io

from platforms.artwork import svg as svg_document
from platforms.artwork.chunks import read_symbol
from platforms.artwork.jobs import Job, make_job
from platforms.artwork.matrices import Matrix, reference
from platforms.artwork.pdf import Cell, PdfWriter
from platforms.artwork.raster import PngWriter
from platforms.artwork.spec import BatchSpec, CodeItem, Format, PrintJob, Symbol
from platforms.artwork.verify import ensure_reads, read_png


def _verified(item: CodeItem, spec: BatchSpec) -> tuple[Job, Matrix]:
    job = make_job(spec, [item])
    matrix = reference(item.url.encode("ascii"), job.plan)
    ensure_reads(read_symbol(matrix, job.logo), item)
    return job, matrix


def png(item: CodeItem, symbol: Symbol) -> bytes:
    """A PNG, read back after it was made."""
    job, matrix = _verified(item, BatchSpec(symbol, frozenset({Format.PNG})))
    made = PngWriter(symbol, job.plan, job.logo).make(matrix, symbol.lines(item))
    ensure_reads(read_png(made, pure=job.logo is None), item)
    return made


def svg(item: CodeItem, symbol: Symbol) -> bytes:
    """An SVG document in UTF-8."""
    job, matrix = _verified(item, BatchSpec(symbol, frozenset({Format.SVG})))
    return svg_document.make(matrix, symbol.lines(item), symbol=symbol, plan=job.plan, logo=job.logo)


def pdf(item: CodeItem, symbol: Symbol, print_job: PrintJob) -> bytes:
    """A print PDF of one page."""
    spec = BatchSpec(symbol, frozenset({Format.PDF}), print_job)
    job, matrix = _verified(item, spec)
    stream = io.BytesIO()
    PdfWriter(spec, job.plan, job.logo).write(stream, [Cell(item, matrix)], first_page=1, pages=1)
    return stream.getvalue()
