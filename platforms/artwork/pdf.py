"""Print PDF by reportlab: vector symbols in CMYK black, embedded type, trim and bleed boxes, crop marks."""

import io
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from reportlab import rl_config
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from platforms.artwork.cards import CardLayout, Text, code_texts
from platforms.artwork.cards import lay_out as lay_out_card
from platforms.artwork.logo import PreparedLogo, cleared, placed
from platforms.artwork.matrices import Matrix, Plan
from platforms.artwork.raster import total_modules
from platforms.artwork.runs import runs
from platforms.artwork.sheets import Page
from platforms.artwork.sheets import lay_out as lay_out_page
from platforms.artwork.spec import BatchSpec, Cmyk, CodeItem
from platforms.artwork.text import FONT_NAME, FONT_PATH, drawable

POINTS = 72 / 25.4  # PDF points a millimetre
MARK_POINTS = 0.25  # a hairline of about 0.09 mm
SLUG_MM = 2.2

rl_config.useA85 = 0  # binary streams: a fifth smaller, and every press reads them


class Cell(NamedTuple):
    """A symbol on its card, with its verified matrix."""

    item: CodeItem
    matrix: Matrix


@lru_cache(maxsize=1)
def _register_font() -> str:
    pdfmetrics.registerFont(TTFont(FONT_NAME, str(FONT_PATH)))
    return FONT_NAME


def page_of(spec: BatchSpec) -> Page:
    """The page that cards of ``spec`` are laid out on; refuses what does not fit."""
    card = lay_out_card(spec.print_job.card, spec.symbol)
    return lay_out_page(spec.print_job, card.width, card.height)


class PdfWriter:
    """Draws pages of one batch into a PDF of their own."""

    def __init__(self, spec: BatchSpec, plan: Plan, logo: PreparedLogo | None = None) -> None:
        self.spec = spec
        self.logo = logo
        self.card: CardLayout = lay_out_card(spec.print_job.card, spec.symbol)
        self.page: Page = lay_out_page(spec.print_job, self.card.width, self.card.height)
        total = total_modules(plan, spec.symbol)
        self.module = spec.symbol.size_mm / total
        self.plan = plan

    def write(self, target: Path | io.BytesIO, cells: Iterable[Cell], *, first_page: int, pages: int) -> None:
        """Write ``cells`` as pages numbered from ``first_page`` (1-based) of ``pages`` to ``target``."""
        canvas = self._open(target)
        number = first_page - 1
        slot = self.page.per_page
        for cell in cells:
            if slot == self.page.per_page:
                if number >= first_page:
                    canvas.showPage()
                number, slot = number + 1, 0
                canvas.doForm("marks")
                self._slug(canvas, number, pages)
            self._cell(canvas, cell, *self.page.origin(slot))
            slot += 1
        canvas.showPage()
        canvas.save()

    def _open(self, target: Path | io.BytesIO) -> Any:
        page = self.page
        canvas = Canvas(
            str(target) if isinstance(target, Path) else target,
            pagesize=(page.width * POINTS, page.height * POINTS),
            pageCompression=1,
            invariant=1,
            enforceColorSpace="cmyk",
            initialFontName=_register_font(),
            pdfVersion=(1, 6),
            trimBox=[value * POINTS for value in page.trim_box],
            bleedBox=[value * POINTS for value in page.bleed_box],
        )
        self._marks(canvas)
        self._card(canvas)
        return canvas

    def _marks(self, canvas: Any) -> None:
        canvas.beginForm("marks", 0, 0, self.page.width * POINTS, self.page.height * POINTS)
        canvas.setStrokeColorCMYK(0, 0, 0, 1)
        canvas.setLineWidth(MARK_POINTS)
        for mark in self.page.marks():
            canvas.line(*(value * POINTS for value in mark))
        canvas.endForm()

    def _card(self, canvas: Any) -> None:
        """The part that all cards share, drawn once out to the bleed."""
        card, bleed = self.card, self.page.bleed
        left, right = -bleed * POINTS, (card.width + bleed) * POINTS
        canvas.beginForm("card", left, left, right, (card.height + bleed) * POINTS)
        if card.band and card.accent:
            _ink(canvas, card.accent)
            bottom = (card.height - card.band) * POINTS
            canvas.rect(left, bottom, right - left, (card.band + bleed) * POINTS, stroke=0, fill=1)
        for text in card.texts:
            _text(canvas, text)
        canvas.endForm()

    def _cell(self, canvas: Any, cell: Cell, left: float, bottom: float) -> None:
        canvas.saveState()
        canvas.translate(left * POINTS, bottom * POINTS)
        canvas.doForm("card")
        quiet = self.spec.symbol.quiet_modules * self.module
        x = (self.card.symbol_left + quiet) * POINTS
        y = (self.card.symbol_top - quiet) * POINTS
        shown = cleared(cell.matrix, self.logo.box(cell.matrix.size)) if self.logo else cell.matrix
        canvas.addLiteral(drawn(shown, x, y, self.module * POINTS))
        if self.logo:
            self._logo(canvas, self.logo, cell.matrix.size)
        for text in code_texts(self.card, self.spec.symbol, cell.item):
            _text(canvas, text)
        canvas.restoreState()

    def _logo(self, canvas: Any, logo: PreparedLogo, size: int) -> None:
        picture = _cmyk(logo)
        width, height = placed(picture.width, picture.height, logo.box(size) * self.module)
        side = self.spec.symbol.size_mm
        x = self.card.symbol_left + (side - width) / 2
        y = self.card.symbol_top - (side + height) / 2
        canvas.drawImage(ImageReader(picture), x * POINTS, y * POINTS, width * POINTS, height * POINTS)

    def _slug(self, canvas: Any, number: int, pages: int) -> None:
        """Title and page number beside the crop marks, outside all that is cut out."""
        text = drawable(f"{self.spec.print_job.title}  {number}/{pages}".strip())
        left, bottom, _, _ = self.page.trim_box
        below = bottom - self.page.mark_offset - SLUG_MM
        canvas.setFont(FONT_NAME, SLUG_MM * POINTS)
        canvas.setFillColorCMYK(0, 0, 0, 1)
        canvas.drawString((left + 1.5) * POINTS, below * POINTS, text)


def drawn(matrix: Matrix, left: float, top: float, module: float) -> str:
    """PDF operators that fill the dark modules of ``matrix`` in pure black: whole modules below one scaling."""
    rectangles = " ".join([f"{x} {y} {width} 1 re" for x, y, width in runs(matrix)])
    return f"q 0 0 0 1 k {module:.8f} 0 0 {-module:.8f} {left:.6f} {top:.6f} cm {rectangles} f Q"


def _ink(canvas: Any, ink: Cmyk) -> None:
    canvas.setFillColorCMYK(ink.cyan, ink.magenta, ink.yellow, ink.black)


def _text(canvas: Any, text: Text) -> None:
    _ink(canvas, text.ink)
    canvas.setFont(FONT_NAME, text.size * POINTS)
    canvas.drawCentredString(text.x * POINTS, text.y * POINTS, text.text)


@lru_cache(maxsize=2)
def _cmyk(logo: PreparedLogo) -> Image.Image:
    return logo.picture().convert("CMYK")
