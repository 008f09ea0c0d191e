"""The CSV manifest for the printer: which file, page and cell holds which code."""

import csv
from collections.abc import Iterator, Sequence
from typing import TextIO

from platforms.artwork.jobs import Job
from platforms.artwork.pdf import page_of
from platforms.artwork.spec import CodeItem, Format

COLUMNS = ("file", "code", "url", "label", "page", "column", "row")
PDF_NAME = "print.pdf"
BYTE_ORDER_MARK = "\ufeff"  # without it a Chinese Excel reads UTF-8 as GBK
FORMULA_START = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def plain(value: str) -> str:
    """``value`` so that a spreadsheet shows it and never runs it as a formula."""
    return f"'{value}" if value.startswith(FORMULA_START) else value


def rows(job: Job, items: Sequence[CodeItem]) -> Iterator[tuple[str, ...]]:
    """A row for each code. ``file`` is its PNG, else its SVG, else the PDF; page, column and row count from 1."""
    formats = job.spec.formats
    picture = next((kind for kind in (Format.PNG, Format.SVG) if kind in formats), None)
    page = page_of(job.spec) if job.per_page else None
    for index, item in enumerate(items):
        file = f"{picture}/{item.code}.{picture}" if picture else PDF_NAME
        place: tuple[int, ...] = (index // page.per_page + 1, *page.cell(index % page.per_page)) if page else ()
        yield (file, item.code, plain(item.url), plain(item.label), *(tuple(map(str, place)) or ("", "", "")))


def write(stream: TextIO, job: Job, items: Sequence[CodeItem]) -> None:
    """Write the manifest to ``stream``, opened with ``newline=""``: UTF-8 with a byte order mark, CRLF."""
    stream.write(BYTE_ORDER_MARK)
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    writer.writerows(rows(job, items))
