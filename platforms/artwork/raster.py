"""PNG: one bit a pixel, every module the same whole number of pixels, resolution in the metadata.

The side in millimetres is kept exactly: the pixels of a module are rounded up and the ``pHYs`` chunk
(pixels a metre, PNG specification 11.3.4.3) carries the resolution that follows. Written by hand, since a
symbol's rows repeat: an unchanged row is filter type 2 (Up) and zeros, 20 times faster than drawing an image.
"""

import io
import math
import struct
import zlib
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from platforms.artwork.errors import ModulesTooSmall, OutOfBounds
from platforms.artwork.logo import PreparedLogo, cleared, placed
from platforms.artwork.matrices import Matrix, Plan
from platforms.artwork.spec import Symbol
from platforms.artwork.text import ASCENT_EM, FONT_PATH, fit

MAX_SIDE_PX = 6000  # 500 mm at 300 dpi; an 8-bit copy for the check has 36 MB
LEAST_SCALE = 3  # pixels a module, whatever the resolution: fewer do not survive a screen
LEAST_MODULE_MM = 0.25  # three dots at 300 dpi; phones and presses fail below
LINE_EM = 1.3


def total_modules(plan: Plan, symbol: Symbol) -> int:
    """Modules along one side, quiet zone included; refuses modules that are too small to print."""
    total = plan.size + 2 * symbol.quiet_modules
    if symbol.size_mm / total < LEAST_MODULE_MM:
        least = math.ceil(total * LEAST_MODULE_MM * 10) / 10
        message = f"The symbol must be at least {least:g} mm wide to stay readable, not {symbol.size_mm:g} mm."
        raise ModulesTooSmall(message, least_mm=least, size_mm=symbol.size_mm)
    return total


class PngWriter:
    """Makes the PNGs of one batch. Not for use by several threads."""

    def __init__(self, symbol: Symbol, plan: Plan, logo: PreparedLogo | None = None) -> None:
        self.symbol = symbol
        self.logo = logo
        self.total = total_modules(plan, symbol)
        self.scale = max(LEAST_SCALE, math.ceil(symbol.size_mm / 25.4 * symbol.dpi / self.total - 1e-9))
        self.side = self.total * self.scale
        if self.side > MAX_SIDE_PX:
            message = f"{symbol.size_mm:g} mm at {symbol.dpi} dpi are more than {MAX_SIDE_PX} pixels."
            raise OutOfBounds(message, name="dpi", low=72, high=int(MAX_SIDE_PX / symbol.size_mm * 25.4))
        self.per_metre = round(self.side * 1000 / symbol.size_mm)
        self._row_bytes = (self.side + 7) // 8
        self._same = (b"\x02" + bytes(self._row_bytes)) * (self.scale - 1)
        self._spread = _spread_table(self.scale)
        self._quiet = (b"\x00" + b"\xff" * self._row_bytes + self._same) + (
            (b"\x02" + bytes(self._row_bytes)) * self.scale * (symbol.quiet_modules - 1)
        )

    def make(self, matrix: Matrix, lines: list[str]) -> bytes:
        """A PNG of ``matrix`` with ``lines`` of text below it."""
        shown = cleared(matrix, self.logo.box(matrix.size)) if self.logo else matrix
        band, height = self._text_band(lines)
        body = [self._quiet, *map(self._module_row, shown.rows()), self._quiet, band]
        header = struct.pack(">IIBBBBB", self.side, self.side + height, 1, 0, 0, 0, 0)
        png = b"".join(
            (
                b"\x89PNG\r\n\x1a\n",
                _chunk(b"IHDR", header),
                _chunk(b"pHYs", struct.pack(">IIB", self.per_metre, self.per_metre, 1)),
                _chunk(b"IDAT", zlib.compress(b"".join(body), 4)),
                _chunk(b"IEND", b""),
            )
        )
        return self._with_logo(png, matrix.size) if self.logo else png

    def _module_row(self, row: str) -> bytes:
        size = (self.total + 7) // 8
        value = int(row, 2) << (size * 8 - self.total + self.symbol.quiet_modules)
        pixels = b"".join([self._spread[byte] for byte in value.to_bytes(size, "big")])
        return b"\x00" + pixels[: self._row_bytes] + self._same

    def _text_band(self, lines: list[str]) -> tuple[bytes, int]:
        """Filtered rows of the text below the symbol, and how many."""
        if not lines:
            return b"", 0
        em = self.symbol.text_mm / self.symbol.size_mm * self.side
        pitch = round(em * LINE_EM)
        margin = self.symbol.quiet_modules * self.scale / 2
        widest = (self.side - 2 * margin) / em
        rows = b"".join(
            _text_line(fit(line, max_em=widest), self.side, pitch, round(em), int(margin) - 1) for line in lines
        )
        foot = round(em * 0.3)
        return rows + (b"\x00" + b"\xff" * self._row_bytes) * foot, pitch * len(lines) + foot

    def _with_logo(self, png: bytes, size: int) -> bytes:
        assert self.logo is not None  # noqa: S101 - the one caller has looked
        with Image.open(io.BytesIO(png)) as symbol:
            picture = symbol.convert("RGB")
        logo = self.logo.picture()
        width, height = placed(logo.width, logo.height, self.logo.box(size) * self.scale)
        logo = logo.resize((max(1, round(width)), max(1, round(height))), Image.Resampling.LANCZOS)
        picture.paste(logo, ((self.side - logo.width) // 2, (self.side - logo.height) // 2))
        stream = io.BytesIO()
        picture.save(stream, "PNG", dpi=(self.per_metre * 0.0254, self.per_metre * 0.0254))
        return stream.getvalue()


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


@lru_cache(maxsize=8)
def _spread_table(scale: int) -> list[bytes]:
    """For each byte of eight modules (dark = 1) its ``scale`` bytes of pixels (white = 1)."""
    dark, light = "0" * scale, "1" * scale
    return [
        int("".join(dark if bit == "1" else light for bit in format(byte, "08b")), 2).to_bytes(scale, "big")
        for byte in range(256)
    ]


@lru_cache(maxsize=8)
def _font(em: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT_PATH), em)


@lru_cache(maxsize=4096)
def _glyph(char: str, row_bytes: int, pitch: int, em: int, side: int) -> tuple[int, float]:
    """The ink of ``char`` and its advance: PNG rows as one number, the glyph ``side`` pixels from their left end."""
    font = _font(em)
    advance = font.getlength(char)
    stencil = Image.new("1", (math.ceil(advance) + 2 * side, pitch), 0)
    baseline = round((pitch - em) / 2 + ASCENT_EM * em)
    ImageDraw.Draw(stencil).text((side, baseline), char, font=font, fill=1, anchor="ls")
    packed, size = stencil.tobytes(), (stencil.width + 7) // 8
    rows = (packed[start : start + size] for start in range(0, len(packed), size))
    return int.from_bytes(b"".join(b"\x00" + row.ljust(row_bytes, b"\x00") for row in rows), "big"), advance


@lru_cache(maxsize=256)
def _text_line(text: str, width: int, pitch: int, em: int, margin: int) -> bytes:
    """PNG rows of one centred line of drawable ``text`` that leaves ``margin`` pixels free on each side."""
    row_bytes, side = (width + 7) // 8, min(em // 8, margin)
    glyphs = [_glyph(char, row_bytes, pitch, em, side) for char in text]
    left = (width - sum(advance for _, advance in glyphs)) / 2
    ink = 0
    for glyph, advance in glyphs:
        ink |= glyph >> (round(left) - side)
        left += advance
    paper = (b"\x00" + b"\xff" * row_bytes) * pitch
    return (int.from_bytes(paper, "big") ^ ink).to_bytes(len(paper), "big")
