"""PNG and SVG: exact size, clean modules, readable, and never without a successful reading."""

import io
import re
from xml.etree.ElementTree import Element

import pytest
from defusedxml import ElementTree
from PIL import Image

from platforms.artwork import single
from platforms.artwork.errors import BadLogo, Unreadable
from platforms.artwork.matrices import Matrix, Plan, reference
from platforms.artwork.spec import CodeItem, Level, Logo, Symbol
from platforms.artwork.verify import ensure_reads, read_matrix, read_png
from tests.platforms.artwork.samples import decoded, picture, some_codes

ITEM = some_codes(1)[0]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(("size_mm", "dpi"), [(20, 300), (25.4, 600), (12.5, 1200), (100, 72), (33.3, 203)])
def test_a_png_has_the_size_in_its_metadata_and_at_least_the_resolution(size_mm: float, dpi: int) -> None:
    image = Image.open(io.BytesIO(single.png(ITEM, Symbol(size_mm=size_mm, dpi=dpi))))

    exact = image.info["dpi"][0]
    assert image.mode == "1"
    assert image.width % 37 == 0  # 29 modules and 2 x 4 of quiet zone, each as wide as the next
    assert image.width / exact * 25.4 == pytest.approx(size_mm, rel=2e-4)
    assert exact >= dpi * 0.9999
    assert decoded(image) == [ITEM.url]


def test_the_quiet_zone_is_white_and_as_wide_as_asked() -> None:
    image = Image.open(io.BytesIO(single.png(ITEM, Symbol(quiet_modules=6, show_label=False, show_code=False))))
    scale = image.width // (29 + 12)
    assert image.height == image.width
    assert image.convert("L").point(lambda grey: 255 - grey).getbbox() == (6 * scale, 6 * scale, 35 * scale, 35 * scale)


def test_label_and_code_stand_below_the_symbol() -> None:
    plain = Image.open(io.BytesIO(single.png(ITEM, Symbol(show_label=False))))
    both = Image.open(io.BytesIO(single.png(ITEM, Symbol())))
    unlabelled = Image.open(io.BytesIO(single.png(CodeItem(ITEM.code, ITEM.url), Symbol())))
    assert plain.height < both.height == unlabelled.height
    band = (0, both.width, both.width, both.height)
    assert both.crop(band).convert("L").histogram()[0] > unlabelled.crop(band).convert("L").histogram()[0] > 0


@pytest.mark.parametrize("level", list(Level))
def test_every_level_reads(level: Level) -> None:
    assert read_png(single.png(ITEM, Symbol(level=level))) == ITEM.url


def test_a_matrix_that_says_something_else_is_refused() -> None:
    plan = Plan(3, Level.Q, 0)
    other = read_matrix(reference(b"https://q.example.cn/q/other", plan))
    blank = read_matrix(Matrix(29, 0))
    assert (other, blank) == ("https://q.example.cn/q/other", None)
    for found in (other, blank):
        with pytest.raises(Unreadable, match=ITEM.code):
            ensure_reads(found, ITEM)


def path_as_image(root: Element, scale: int = 4) -> Image.Image:
    """Draw the path of an SVG made of whole modules."""
    side = int(root.attrib["viewBox"].split()[2])
    image = Image.new("L", (side * scale, side * scale), 255)
    for left, top, width in re.findall(r"M(\d+) (\d+)h(\d+)v1", root.findall(f"{SVG}path")[1].attrib["d"]):
        x, y = int(left) * scale, int(top) * scale
        image.paste(0, (x, y, x + int(width) * scale, y + scale))
    return image


def test_an_svg_is_exact_and_its_path_reads() -> None:
    root = ElementTree.fromstring(single.svg(ITEM, Symbol(size_mm=25)))
    assert root.attrib["width"] == "25mm"
    assert float(root.attrib["height"].removesuffix("mm")) == pytest.approx(25 + 2.6 * 2.9)
    assert root.attrib["viewBox"].startswith("0 0 37 ")
    assert decoded(path_as_image(root)) == [ITEM.url]


def test_an_svg_holds_a_hostile_label_as_text() -> None:
    item = CodeItem("ABC", "https://q.example.cn/q/ABC", "</text><a>&\x00\u202e")
    root = ElementTree.fromstring(single.svg(item, Symbol(size_mm=80)))
    assert [text.text for text in root.findall(f"{SVG}text")] == ["</text><a>&", "ABC"]
    assert root.find(f".//{SVG}a") is None


@pytest.mark.parametrize("area", [0.05, 0.12, 0.20])
def test_a_logo_takes_level_h_and_still_reads(area: float) -> None:
    symbol = Symbol(size_mm=40, level=Level.L, logo=Logo(picture(), area))
    image = Image.open(io.BytesIO(single.png(ITEM, symbol))).convert("RGB")
    assert symbol.level is Level.H
    assert image.getpixel((image.width // 2, image.width // 2)) == (200, 30, 40)
    assert decoded(image) == [ITEM.url]
    root = ElementTree.fromstring(single.svg(ITEM, symbol))
    assert decoded(path_as_image(root)) == [ITEM.url]
    box = float(root.findall(f"{SVG}image")[0].attrib["width"]) * 12 / 10
    modules = int(root.attrib["viewBox"].split()[2]) - 8
    assert box**2 / modules**2 <= area + 1e-9


def test_a_transparent_logo_lies_on_white() -> None:
    symbol = Symbol(size_mm=40, logo=Logo(picture(mode="RGBA", colour=(0, 0, 0, 0))))
    image = Image.open(io.BytesIO(single.png(ITEM, symbol)))
    assert image.getpixel((image.width // 2, image.width // 2)) == (255, 255, 255)


def test_a_logo_that_leaves_no_room_is_refused() -> None:
    with pytest.raises(BadLogo, match="does not read"):
        single.png(ITEM, Symbol(size_mm=10.3, logo=Logo(picture(), 0.20)))
