"""zxing-cpp reads every symbol back before it is handed out: the finished PNG, or exactly what a vector file draws."""

import io

import zxingcpp
from PIL import Image, ImageFilter

from platforms.artwork.errors import Unreadable
from platforms.artwork.logo import PreparedLogo, cleared, placed
from platforms.artwork.matrices import Matrix
from platforms.artwork.spec import CodeItem

CHECK_SCALE = 3  # pixels a module
CHECK_QUIET = 4
LARGE_PX = 2000  # larger pictures are halved before they are read


def read(image: object, *, pure: bool = False) -> str | None:
    """The text of the only QR symbol in ``image``, None if there is none or another."""
    binarizer = zxingcpp.Binarizer.FixedThreshold if pure else zxingcpp.Binarizer.LocalAverage
    found = zxingcpp.read_barcodes(
        image,
        # Made anew each time: kept in a module, nanobind calls it a leak at exit.
        formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]),
        binarizer=binarizer,
        is_pure=pure,
        try_rotate=not pure,
        try_downscale=not pure,
        try_invert=False,
    )
    return str(found[0].text) or None if len(found) == 1 else None


def read_png(png: bytes, *, pure: bool = True) -> str | None:
    """What the symbol in a finished PNG says. ``pure`` is for one without a logo: black and white, upright."""
    with Image.open(io.BytesIO(png)) as opened:
        square = opened.crop((0, 0, opened.width, opened.width)).convert("L")  # the text stands below
    if square.width > LARGE_PX:
        square = square.reduce(square.width // LARGE_PX + 1)
    return read(square, pure=pure)


def read_matrix(matrix: Matrix) -> str | None:
    """What the modules of ``matrix`` say."""
    light, dark = "\xff" * CHECK_SCALE, "\x00" * CHECK_SCALE
    side = (matrix.size + 2 * CHECK_QUIET) * CHECK_SCALE
    margin, empty = light * CHECK_QUIET, "\xff" * side
    rows = [(margin + row.replace("0", light).replace("1", dark) + margin) * CHECK_SCALE for row in matrix.rows()]
    quiet = empty * CHECK_QUIET * CHECK_SCALE
    pixels = (quiet + "".join(rows) + quiet).encode("latin-1")
    return read(memoryview(pixels).cast("B", (side, side)), pure=True)


def read_with_logo(matrix: Matrix, logo: PreparedLogo, *, more: int = 0, blur: float = 0.0) -> str | None:
    """What ``matrix`` says below ``logo``, with ``more`` modules cleared around it, and blurred by ``blur`` modules."""
    scale = 8
    box = logo.box(matrix.size)
    side = (matrix.size + 2 * CHECK_QUIET) * scale
    hidden = cleared(matrix, min(matrix.size, box + 2 * more))
    pixels = "".join(hidden.rows()).translate({ord("0"): 255, ord("1"): 0}).encode("latin-1")
    image = Image.frombytes("L", (matrix.size, matrix.size), pixels)
    page = Image.new("L", (side, side), 255)
    enlarged = image.resize((matrix.size * scale, matrix.size * scale), Image.Resampling.NEAREST)
    page.paste(enlarged, (CHECK_QUIET * scale, CHECK_QUIET * scale))
    picture = logo.picture().convert("L")
    width, height = placed(picture.width, picture.height, box * scale)
    picture = picture.resize((max(1, round(width)), max(1, round(height))))
    page.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    return read(page.filter(ImageFilter.GaussianBlur(blur * scale)) if blur else page)


def ensure_reads(found: str | None, item: CodeItem) -> None:
    """Refuse a symbol that says anything but the address of ``item``."""
    if found != item.url:
        raise Unreadable(f"The symbol of {item.code} does not read back to its address.", code=item.code)
