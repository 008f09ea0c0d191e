"""Print jobs: what a marketer may ask for, as it is stored, and as the artwork wants it."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from platforms.artwork.errors import BadLogo
from platforms.artwork.spec import TEMPLATES, BatchSpec, Card, Cmyk, CodeItem, Format, Level, Logo, PrintJob, Symbol

BARE = "bare"  # the symbol alone is cut out
LAYOUTS = (*TEMPLATES, BARE)
MOST_LOGO_BYTES = 200_000  # it is stored with the job
LEASE_SECONDS = 150  # longer than a slice and joining the largest batch
SLICE_SECONDS = 45.0  # a tick's work at a time: below the worker's limit of 120 s, joining the files included
MOST_ATTEMPTS = 5  # a job that ends its worker this often without any progress is given up
FILES_KEPT_DAYS = 90


@dataclass(frozen=True, slots=True)
class PrintSpec:
    """What a print job makes of a batch; lengths in millimetres.

    ``layout`` is a card template or ``bare``; ``accent`` the band's ink as four parts of 0 to 100, or empty; ``logo`` a
    picture in base64, or empty. Bounds are those of ``platforms.artwork.spec``.
    """

    layout: str = "insert"
    size_mm: float = 30.0
    dpi: int = 300
    level: str = "M"
    quiet_modules: int = 4
    formats: tuple[str, ...] = ("pdf",)
    on_sheets: bool = True
    bleed_mm: float = 3.0
    headline: str = ""
    lines: tuple[str, ...] = ()
    footer: str = ""
    accent: tuple[int, ...] = ()
    show_label: bool = False
    show_code: bool = True
    logo: str = ""

    def as_json(self) -> dict[str, Any]:
        """The form in which it is stored."""
        return asdict(self)

    def logo_bytes(self) -> bytes:
        """The picture; ``BadLogo`` if it isn't base64 or is too large."""
        try:
            data = base64.b64decode(self.logo, validate=True)
        except binascii.Error:
            raise BadLogo("The logo can't be read.") from None
        if len(data) > MOST_LOGO_BYTES:
            raise BadLogo("The logo is too large.", high=MOST_LOGO_BYTES)
        return data


def from_json(stored: Mapping[str, Any]) -> PrintSpec:
    """A stored specification; names that this version doesn't know are left out."""
    known = {each.name for each in fields(PrintSpec)}
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()
    }
    return PrintSpec(**{name: value for name, value in values.items() if name in known})


def symbol_of(spec: PrintSpec) -> Symbol:
    """How its symbols are drawn; an ``ArtworkError`` outside the bounds."""
    return Symbol(
        size_mm=spec.size_mm,
        dpi=spec.dpi,
        level=Level(spec.level),
        quiet_modules=spec.quiet_modules,
        show_label=spec.show_label,
        show_code=spec.show_code,
        logo=Logo(spec.logo_bytes()) if spec.logo else None,
    )


def batch_spec(spec: PrintSpec, *, title: str) -> BatchSpec:
    """``spec`` for the artwork; an ``ArtworkError`` for what can't be printed."""
    job = PrintJob(card=_card(spec), on_sheets=spec.on_sheets, bleed_mm=spec.bleed_mm, title=title)
    return BatchSpec(symbol_of(spec), frozenset(map(Format, spec.formats)), job)


def _card(spec: PrintSpec) -> Card | None:
    if spec.layout == BARE:
        return None
    width, height = TEMPLATES[spec.layout]
    accent = Cmyk(*(part / 100 for part in spec.accent)) if spec.accent else None
    return Card(width, height, spec.headline, spec.lines, spec.footer, accent)


def item(code: str, *, base_url: str, label: str = "") -> CodeItem:
    """A code to print: the symbol holds its one public address."""
    return CodeItem(code, f"{base_url.rstrip('/')}/q/{code}", label)
