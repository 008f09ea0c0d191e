"""Text for print: what may be drawn, how wide it is, and what stands in for a character the font lacks.

Labels and nicknames come from outside. Control characters and direction overrides would let a label
rewrite its neighbours, so they go; characters outside the font subset become one fallback glyph.
"""

import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from reportlab.pdfbase.ttfonts import TTFontFace

FONT_PATH = Path(__file__).resolve().parent / "fonts" / "NotoSansSC-Regular-subset.ttf"
FONT_NAME = "NotoSansSC"
FALLBACK = "\u25a1"  # a hollow square: the usual sign for a character that cannot be set
ELLIPSIS = "…"
ASCENT_EM = 0.88  # of the em square, as the font declares it
DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"}


class Metrics(NamedTuple):
    """Code points that the font can draw, with their advance in thousandths of an em."""

    advance: dict[int, int]
    default: int


@lru_cache(maxsize=1)
def metrics() -> Metrics:
    """The font's widths, read once a process."""
    face = TTFontFace(str(FONT_PATH))
    return Metrics({point: int(face.charWidths[point]) for point in face.charToGlyph}, int(face.defaultWidth))


def _kept(char: str) -> str:
    if char.isspace():
        return " "
    return "" if unicodedata.category(char) in DROPPED else char


def clean(text: str) -> str:
    """``text`` on one line: NFC, without control, format, private and lone combining characters, spaces folded."""
    return " ".join("".join(map(_kept, unicodedata.normalize("NFC", text))).split())


def drawable(text: str) -> str:
    """``text`` with every character that the font lacks replaced by the fallback glyph."""
    known = metrics().advance
    return "".join(char if ord(char) in known else FALLBACK for char in text)


def width_em(text: str) -> float:
    """Width of drawable ``text`` in em."""
    advance, default = metrics()
    return sum(advance.get(ord(char), default) for char in text) / 1000


def fit(text: str, *, max_em: float) -> str:
    """``text`` made drawable and cut with an ellipsis so that it is at most ``max_em`` wide."""
    shown = drawable(text)
    if width_em(shown) <= max_em:
        return shown
    while shown and width_em(shown + ELLIPSIS) > max_em:
        shown = shown[:-1]
    return shown.rstrip() + ELLIPSIS if shown else ""


def wrap(text: str, *, max_em: float, max_lines: int) -> list[str]:
    """``text`` made drawable on at most ``max_lines`` lines; the last is cut with an ellipsis.

    Lines break after a space if the line has one, else between any two characters, as Chinese does.
    """
    rest = drawable(text)
    lines: list[str] = []
    while rest and len(lines) < max_lines - 1 and width_em(rest) > max_em:
        taken = len(rest)
        while taken > 1 and width_em(rest[:taken]) > max_em:
            taken -= 1
        space = rest.rfind(" ", 1, taken + 1)
        cut = space if space > 0 and rest[taken : taken + 1].isascii() else taken
        lines.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    if rest:
        lines.append(fit(rest, max_em=max_em))
    return lines
