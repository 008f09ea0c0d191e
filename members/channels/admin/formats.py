"""Figures as a marketer reads them: yuan, per cent, dates; and cells that a spreadsheet can't run."""

import csv
import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

from platforms.artwork.manifest import BYTE_ORDER_MARK, plain

NONE = "—"


def yuan(fen: int | None) -> str:
    """Fen as yuan with two places."""
    if fen is None:
        return NONE
    return f"{'-' if fen < 0 else ''}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def percent(bps: int | None) -> str:
    """Basis points as per cent with one place."""
    return NONE if bps is None else f"{bps / 100:.1f}%"


def count(number: int | None) -> str:
    """A number with its thousands apart."""
    return NONE if number is None else f"{number:,}"


def csv_response(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A CSV file that a Chinese Excel opens rightly; no cell of it is run as a formula."""
    text = io.StringIO()
    text.write(BYTE_ORDER_MARK)
    writer = csv.writer(text)
    writer.writerow(plain(str(cell)) for cell in head)
    for row in rows:
        writer.writerow(cell if isinstance(cell, int) else plain(str(cell)) for cell in row)
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
