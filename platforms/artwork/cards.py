"""What stands where on a card: pure geometry in millimetres from the bottom left corner of the trimmed card."""

from dataclasses import dataclass

from platforms.artwork.errors import DoesNotFit
from platforms.artwork.spec import Card, Cmyk, CodeItem, Symbol
from platforms.artwork.text import ASCENT_EM, fit, wrap

SAFE_MM = 3.0  # cutting is exact to about 1 mm: nothing that matters stands nearer to the edge
LINE_EM = 1.3
PAPER = Cmyk()
BLACK = Cmyk(black=1.0)


@dataclass(frozen=True, slots=True)
class Text:
    """A centred line: the middle and the baseline, the size of its em, its ink."""

    x: float
    y: float
    size: float
    text: str
    ink: Cmyk = BLACK


@dataclass(frozen=True, slots=True)
class CardLayout:
    """A card without what differs from code to code, and where that goes."""

    width: float
    height: float
    band: float  # height of the band along the top edge, 0 without one
    accent: Cmyk | None
    texts: tuple[Text, ...]
    symbol_left: float
    symbol_top: float  # from the bottom edge
    text_room: float  # widest line below the symbol


def readable_on(ink: Cmyk) -> Cmyk:
    """White on a dark ground, else black: luminance by the usual weights of red, green and blue."""
    light = (1 - ink.cyan) * 0.3 + (1 - ink.magenta) * 0.59 + (1 - ink.yellow) * 0.11
    return PAPER if light * (1 - ink.black) < 0.6 else BLACK


def bare(symbol: Symbol) -> CardLayout:
    """The symbol's block alone: trimmed exactly to it."""
    return CardLayout(
        symbol.size_mm, symbol.block_mm, 0.0, None, (), 0.0, symbol.block_mm, symbol.size_mm - symbol.text_mm
    )


def lay_out(card: Card | None, symbol: Symbol) -> CardLayout:
    """Headline band, lines and footer, and the symbol's block in the middle of the room that is left."""
    if card is None:
        return bare(symbol)
    middle = card.width_mm / 2
    unit = min(card.width_mm, card.height_mm)
    band, head = _headline(card, unit)
    size = unit * 0.055
    free_width = card.width_mm - 2 * SAFE_MM
    lines = [fit(line, max_em=free_width / size) for line in card.lines]
    below = card.height_mm - (band or SAFE_MM)
    body = [
        Text(middle, below - size * (0.8 + LINE_EM * number + ASCENT_EM), size, line)
        for number, line in enumerate(lines)
    ]
    top = below - (size * (0.8 + LINE_EM * len(lines)) if lines else 0.0)
    foot, bottom = _footer(card, unit)
    free = top - bottom
    if symbol.block_mm > free or symbol.size_mm > free_width:
        message = (
            f"A symbol of {symbol.size_mm:g} mm with its text is {symbol.block_mm:.1f} mm high; "
            f"the card has {free_width:.1f} x {max(free, 0):.1f} mm left for it."
        )
        raise DoesNotFit(message, size_mm=symbol.size_mm, free_mm=round(max(free, 0), 1))
    left = (card.width_mm - symbol.size_mm) / 2
    upper = top - (free - symbol.block_mm) / 2
    return CardLayout(card.width_mm, card.height_mm, band, card.accent, (*head, *body, *foot), left, upper, free_width)


def _headline(card: Card, unit: float) -> tuple[float, list[Text]]:
    """Height of the band and the lines in it, centred, at most two."""
    if not card.headline:
        return 0.0, []
    size = unit * 0.085
    lines = wrap(card.headline, max_em=(card.width_mm - 2 * SAFE_MM) / size, max_lines=2)
    band = SAFE_MM + size * (1.0 + LINE_EM * len(lines))
    ink = readable_on(card.accent) if card.accent else BLACK
    first = card.height_mm - SAFE_MM / 2 - (band - SAFE_MM / 2 - size * LINE_EM * len(lines)) / 2
    return band, [
        Text(card.width_mm / 2, first - size * (LINE_EM * number + 0.15 + ASCENT_EM), size, line, ink)
        for number, line in enumerate(lines)
    ]


def _footer(card: Card, unit: float) -> tuple[list[Text], float]:
    """The footer's line, and the height below which nothing else may stand."""
    if not card.footer:
        return [], SAFE_MM
    size = unit * 0.045
    shown = fit(card.footer, max_em=(card.width_mm - 2 * SAFE_MM) / size)
    return [Text(card.width_mm / 2, SAFE_MM + size * 0.15, size, shown)], SAFE_MM + size * 1.5


def code_texts(layout: CardLayout, symbol: Symbol, item: CodeItem) -> list[Text]:
    """Label and short code below the symbol of ``item``."""
    size = symbol.text_mm
    widest = layout.text_room / size
    middle = layout.symbol_left + symbol.size_mm / 2
    first = layout.symbol_top - symbol.size_mm - size * ((LINE_EM - 1) / 2 + ASCENT_EM)
    return [
        Text(middle, first - number * LINE_EM * size, size, fit(line, max_em=widest))
        for number, line in enumerate(symbol.lines(item))
    ]
