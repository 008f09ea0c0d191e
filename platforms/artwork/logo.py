"""A logo in the middle of a symbol: checked, flattened, and standing on whole modules.

The modules below it are cleared, so that PNG, SVG and PDF show one clean edge; level H repairs them.
"""

import io
import math
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from platforms.artwork.errors import BadLogo
from platforms.artwork.matrices import Matrix
from platforms.artwork.spec import Logo

FORMATS = ("PNG", "JPEG", "WEBP")
MAX_PIXELS = 16_000_000
KEPT_PIXELS = 512  # along the longer side: 600 dpi on a logo of 21 mm


@dataclass(frozen=True, slots=True)
class PreparedLogo:
    """A flattened RGB picture as PNG bytes, and the share of the symbol that it may cover."""

    png: bytes
    area: float

    def box(self, size: int) -> int:
        """Side in modules of the cleared square in a symbol of ``size`` modules; odd like ``size``, so centred."""
        side = math.isqrt(int(self.area * size * size))
        return max(1, side if side % 2 else side - 1)

    def picture(self) -> Image.Image:
        """The picture, RGB."""
        with Image.open(io.BytesIO(self.png)) as picture:
            return picture.convert("RGB")


def prepare(logo: Logo) -> PreparedLogo:
    """Check and flatten ``logo`` onto white; everything but the pixels is dropped."""
    try:
        with Image.open(io.BytesIO(logo.data), formats=FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise BadLogo(f"A logo may have at most {MAX_PIXELS:,} pixels.", high=MAX_PIXELS)
            picture = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise BadLogo("The logo is not a readable PNG, JPEG or WebP picture.") from error
    picture.thumbnail((KEPT_PIXELS, KEPT_PIXELS))
    flat = Image.new("RGB", picture.size, "white")
    flat.paste(picture, mask=picture.getchannel("A"))
    stream = io.BytesIO()
    flat.save(stream, "PNG")
    return PreparedLogo(stream.getvalue(), logo.area)


def square(size: int, left: int, top: int, side: int) -> int:
    """The bits of a square of modules in a matrix of ``size``."""
    band = ((1 << side) - 1) << (size - side - left)
    bits = 0
    for row in range(top, top + side):
        bits |= band << (size * (size - 1 - row))
    return bits


def cleared(matrix: Matrix, box: int) -> Matrix:
    """``matrix`` with the middle ``box`` x ``box`` modules light."""
    edge = (matrix.size - box) // 2
    return Matrix(matrix.size, matrix.bits & ~square(matrix.size, edge, edge, box))


def placed(width: int, height: int, box: float) -> tuple[float, float]:
    """Width and height of a picture of ``width`` x ``height`` inside ``box``, with a twelfth of white around it."""
    scale = box * 10 / 12 / max(width, height)
    return width * scale, height * scale
