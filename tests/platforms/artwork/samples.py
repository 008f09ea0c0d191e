"""Codes, cards and readers that the artwork tests share."""

import io
from typing import Any

import pypdfium2
import zxingcpp
from PIL import Image

from platforms.artwork.spec import Card, Cmyk, CodeItem

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def some_codes(count: int, *, label: str = "春季包裹卡") -> list[CodeItem]:
    """``count`` different codes of nine Crockford symbols, the same each time."""
    numbers = ((index + 1) * 1_000_003_777_111 % 32**9 for index in range(count))
    names = ["".join(DIGITS[number >> 5 * place & 31] for place in range(9)) for number in numbers]
    return [CodeItem(name, f"https://q.example.cn/q/{name}", label) for name in names]


def insert_card() -> Card:
    """A package insert with everything on it."""
    accent = Cmyk(cyan=0.0, magenta=0.85, yellow=0.7, black=0.0)
    return Card(54, 86, "扫码领新人礼", ("首次关注送 20 元券", "积分兑好礼"), "微信扫一扫，成为主场会员", accent)


def decoded(image: Image.Image) -> list[str]:
    """The texts of all QR symbols in ``image``."""
    return [
        found.text
        for found in zxingcpp.read_barcodes(
            image.convert("L"), formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
        )
    ]


def rendered(pdf: bytes, page: int, *, dpi: int = 300) -> Image.Image:
    """A page of ``pdf`` as a printer's screen proof."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        image: Any = document[page].render(scale=dpi / 72).to_pil()
        return image.convert("L")
    finally:
        document.close()


def picture(size: tuple[int, int] = (200, 200), mode: str = "RGB", colour: Any = (200, 30, 40)) -> bytes:
    """A plain picture as PNG bytes."""
    stream = io.BytesIO()
    Image.new(mode, size, colour).save(stream, "PNG")
    return stream.getvalue()
