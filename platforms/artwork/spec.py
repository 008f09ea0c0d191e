"""What is asked for: codes, symbol, card, sheet. Lengths are millimetres, measured on the printed sheet.

Bounds are checked when a value is made, so that nothing behind this module meets an impossible one.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from platforms.artwork.errors import BadCode, BadLogo, BadPayload, OutOfBounds
from platforms.artwork.text import clean

MAX_CODES = 100_000
MAX_PAYLOAD_BYTES = 300  # longer addresses make symbols that phones read badly in print
MAX_LABEL_CHARS = 120
MAX_LOGO_BYTES = 2_000_000
MAX_LOGO_AREA = 0.20
SIZE_MM = (8.0, 500.0)
DPI = (72, 2400)
QUIET_MODULES = (4, 16)  # ISO/IEC 18004 asks for at least 4
TEXT_MM = (1.2, 40.0)
CARD_MM = (20.0, 297.0)
BLEED_MM = (0.0, 10.0)

CODE_SHAPE = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}")
PAYLOAD_SHAPE = re.compile(r"[!-~]+")


def ensure_within(name: str, value: float, bounds: tuple[float, float]) -> None:
    """Refuse a number outside ``bounds`` (both ends allowed), NaN included."""
    low, high = bounds
    if isinstance(value, bool) or not math.isfinite(value) or not low <= value <= high:
        raise OutOfBounds(f"{name} must be between {low:g} and {high:g}, not {value}.", name=name, low=low, high=high)


class Level(StrEnum):
    """Error correction: about 7, 15, 25 and 30 % of the symbol's codewords can be lost."""

    L = "L"
    M = "M"
    Q = "Q"
    H = "H"


class Format(StrEnum):
    """What a batch is made as."""

    PNG = "png"
    SVG = "svg"
    PDF = "pdf"


@dataclass(frozen=True, slots=True)
class CodeItem:
    """One code to print.

    ``code`` is the short code shown below and names the files; ``url`` is what the symbol holds
    (1-300 printable ASCII characters); ``label`` is shown above the short code, control characters dropped.
    """

    code: str
    url: str
    label: str = ""

    def __post_init__(self) -> None:
        if not CODE_SHAPE.fullmatch(self.code):
            raise BadCode("A short code is 1-64 letters, digits, '-' or '_'.", code=self.code[:80])
        if len(self.url) > MAX_PAYLOAD_BYTES:
            message = f"The address of {self.code} is longer than {MAX_PAYLOAD_BYTES} bytes."
            raise BadPayload(message, code=self.code, limit=MAX_PAYLOAD_BYTES)
        if not PAYLOAD_SHAPE.fullmatch(self.url):
            raise BadPayload(f"The address of {self.code} must be printable ASCII without spaces.", code=self.code)
        if len(self.label) > MAX_LABEL_CHARS:
            message = f"The label of {self.code} is longer than {MAX_LABEL_CHARS} characters."
            raise OutOfBounds(message, name="label", code=self.code, low=0, high=MAX_LABEL_CHARS)
        object.__setattr__(self, "label", clean(self.label))


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture (PNG, JPEG or WebP) in the middle of the symbol, covering at most ``area`` of it (0.01-0.20)."""

    data: bytes = field(repr=False)
    area: float = 0.12

    def __post_init__(self) -> None:
        if not (math.isfinite(self.area) and 0.01 <= self.area <= MAX_LOGO_AREA):
            message = f"A logo may cover 1 to {MAX_LOGO_AREA:.0%} of the symbol."
            raise BadLogo(message, low=0.01, high=MAX_LOGO_AREA)
        if not 0 < len(self.data) <= MAX_LOGO_BYTES:
            raise BadLogo(f"A logo file may have at most {MAX_LOGO_BYTES:,} bytes.", high=MAX_LOGO_BYTES)


@dataclass(frozen=True, slots=True)
class Symbol:
    """How a symbol is drawn.

    ``size_mm`` is the side of the whole square, quiet zone included, and is kept exactly; ``dpi`` is the
    least resolution of a PNG, whose metadata carry the exact one. ``level`` is the least error correction:
    a higher one that fits the same number of modules is taken, and a logo takes H.
    """

    size_mm: float = 25.0
    dpi: int = 300
    level: Level = Level.M
    quiet_modules: int = 4
    text_mm: float = 2.6
    show_label: bool = True
    show_code: bool = True
    logo: Logo | None = None

    def __post_init__(self) -> None:
        ensure_within("size_mm", self.size_mm, SIZE_MM)
        ensure_within("dpi", self.dpi, DPI)
        ensure_within("quiet_modules", self.quiet_modules, QUIET_MODULES)
        ensure_within("text_mm", self.text_mm, TEXT_MM)
        object.__setattr__(self, "level", Level.H if self.logo else Level(self.level))

    def lines(self, item: CodeItem) -> list[str]:
        """The text below the symbol of ``item``, top line first; a missing label keeps its line."""
        return [item.label] * self.show_label + [item.code] * self.show_code

    @property
    def block_mm(self) -> float:
        """Height of the symbol together with its lines of text."""
        lines = self.show_label + self.show_code
        return self.size_mm + self.text_mm * (1.3 * lines + (0.3 if lines else 0.0))


@dataclass(frozen=True, slots=True)
class Cmyk:
    """Four ink parts of 0 to 1."""

    cyan: float = 0.0
    magenta: float = 0.0
    yellow: float = 0.0
    black: float = 0.0

    def __post_init__(self) -> None:
        for name in self.__slots__:
            ensure_within(name, getattr(self, name), (0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Card:
    """What is cut out: trimmed size, and what is printed on it beside the symbol.

    The headline stands in a band over the top third, of ``accent`` colour out to the bleed when there is one;
    ``lines`` below it, ``footer`` at the bottom. A card without any text is the symbol's block, centred.
    """

    width_mm: float
    height_mm: float
    headline: str = ""
    lines: tuple[str, ...] = ()
    footer: str = ""
    accent: Cmyk | None = None

    def __post_init__(self) -> None:
        ensure_within("width_mm", self.width_mm, CARD_MM)
        ensure_within("height_mm", self.height_mm, CARD_MM)
        if len(self.lines) > 6:
            raise OutOfBounds("A card has at most 6 lines of text.", name="lines", low=0, high=6)
        for text in (self.headline, self.footer, *self.lines):
            if len(text) > MAX_LABEL_CHARS:
                message = f"A line on a card has at most {MAX_LABEL_CHARS} characters."
                raise OutOfBounds(message, name="text", low=0, high=MAX_LABEL_CHARS)
        object.__setattr__(self, "headline", clean(self.headline))
        object.__setattr__(self, "footer", clean(self.footer))
        object.__setattr__(self, "lines", tuple(clean(line) for line in self.lines))


INSERT_MM = (54.0, 86.0)  # the usual package insert, the size of a bank card
A6_MM = (105.0, 148.0)
A5_MM = (148.0, 210.0)
A4_MM = (210.0, 297.0)
TEMPLATES = {"insert": INSERT_MM, "a6": A6_MM, "a5": A5_MM}


@dataclass(frozen=True, slots=True)
class PrintJob:
    """The print PDF: cards one to a page, or imposed on A4 sheets. Without a card the bare symbol is cut out."""

    card: Card | None = None
    on_sheets: bool = True
    bleed_mm: float = 3.0
    title: str = ""

    def __post_init__(self) -> None:
        ensure_within("bleed_mm", self.bleed_mm, BLEED_MM)
        if len(self.title) > MAX_LABEL_CHARS:
            raise OutOfBounds("The title is too long.", name="title", low=0, high=MAX_LABEL_CHARS)
        object.__setattr__(self, "title", clean(self.title))


@dataclass(frozen=True, slots=True)
class BatchSpec:
    """A batch: how its symbols look and what is made of them. ``print_job`` matters for PDF only."""

    symbol: Symbol = field(default_factory=Symbol)
    formats: frozenset[Format] = frozenset({Format.PNG})
    print_job: PrintJob = field(default_factory=PrintJob)

    def __post_init__(self) -> None:
        object.__setattr__(self, "formats", frozenset(Format(item) for item in self.formats))
        if not self.formats:
            raise OutOfBounds("A batch needs at least one format.", name="formats", low=1, high=len(Format))


def ensure_batch(items: Sequence[CodeItem]) -> None:
    """Refuse an empty or too large batch, and codes whose files would fall together (case is ignored)."""
    ensure_within("codes", len(items), (1, MAX_CODES))
    seen: set[str] = set()
    for item in items:
        name = item.code.casefold()
        if name in seen:
            raise BadCode(f"The code {item.code} stands twice in the batch.", code=item.code)
        seen.add(name)
