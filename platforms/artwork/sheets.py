"""Where cards stand on a page: trim, bleed and crop marks. Millimetres from the bottom left corner of the page."""

from dataclasses import dataclass

from platforms.artwork.errors import DoesNotFit
from platforms.artwork.spec import A4_MM, PrintJob

MARK_MM = 4.0
MARK_EDGE_MM = 1.0
LEAST_MARK_OFFSET_MM = 2.0  # a mark must not touch the trimmed card even without bleed

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of ``columns`` x ``rows`` equal cards, the gutter between two cards twice the bleed."""

    width: float
    height: float
    columns: int
    rows: int
    card_width: float
    card_height: float
    bleed: float

    @property
    def per_page(self) -> int:
        """Cards on a full page."""
        return self.columns * self.rows

    @property
    def mark_offset(self) -> float:
        """Distance of a crop mark from the cut."""
        return max(self.bleed, LEAST_MARK_OFFSET_MM)

    @property
    def trim_box(self) -> Box:
        """Left, bottom, right, top of all that is cut out, the gutters between included."""
        width = self.columns * self.card_width + (self.columns - 1) * 2 * self.bleed
        height = self.rows * self.card_height + (self.rows - 1) * 2 * self.bleed
        left, bottom = (self.width - width) / 2, (self.height - height) / 2
        return left, bottom, left + width, bottom + height

    @property
    def bleed_box(self) -> Box:
        """The trim box grown by the bleed."""
        left, bottom, right, top = self.trim_box
        return left - self.bleed, bottom - self.bleed, right + self.bleed, top + self.bleed

    def cell(self, index: int) -> tuple[int, int]:
        """Column and row, from the left and from the top, both from 1, of the ``index``-th card of a page (from 0)."""
        row, column = divmod(index, self.columns)
        return column + 1, row + 1

    def origin(self, index: int) -> tuple[float, float]:
        """Bottom left corner of the ``index``-th trimmed card."""
        column, row = self.cell(index)
        left, _, _, top = self.trim_box
        gutter = 2 * self.bleed
        return left + (column - 1) * (self.card_width + gutter), top - row * self.card_height - (row - 1) * gutter

    def marks(self) -> list[Box]:
        """Crop marks as lines ``x1, y1, x2, y2``: two for each cut, outside the bleed."""
        left, bottom, right, top = self.trim_box
        near, far = self.mark_offset, self.mark_offset + MARK_MM
        gutter = 2 * self.bleed
        ticks: list[Box] = []
        for column in range(self.columns):
            start = left + column * (self.card_width + gutter)
            for x in (start, start + self.card_width):
                ticks += [(x, top + near, x, top + far), (x, bottom - near, x, bottom - far)]
        for row in range(self.rows):
            start = bottom + row * (self.card_height + gutter)
            for y in (start, start + self.card_height):
                ticks += [(left - near, y, left - far, y), (right + near, y, right + far, y)]
        return ticks


def lay_out(job: PrintJob, card_width: float, card_height: float) -> Page:
    """The page of ``job``: the card's own with room for marks, or A4 upright or across, whichever holds more."""
    room = max(job.bleed_mm, LEAST_MARK_OFFSET_MM) + MARK_MM + MARK_EDGE_MM
    if not job.on_sheets:
        return Page(card_width + 2 * room, card_height + 2 * room, 1, 1, card_width, card_height, job.bleed_mm)
    gutter = 2 * job.bleed_mm
    pages = [
        Page(
            width,
            height,
            int((width - 2 * room + gutter + 1e-6) // (card_width + gutter)),
            int((height - 2 * room + gutter + 1e-6) // (card_height + gutter)),
            card_width,
            card_height,
            job.bleed_mm,
        )
        for width, height in (A4_MM, A4_MM[::-1])
    ]
    best = max(pages, key=lambda page: page.per_page)
    if best.per_page == 0:
        message = f"A card of {card_width:g} x {card_height:g} mm does not fit on A4 with its crop marks."
        raise DoesNotFit(message, width_mm=card_width, height_mm=card_height)
    return best
