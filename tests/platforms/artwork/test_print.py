"""The print PDF as a printer sees it: measured on a 300 dpi proof, and in its operators."""

import io
import re
import zlib
from typing import Any

import pypdf
import pytest
from PIL import Image

from platforms.artwork import single
from platforms.artwork.batch import run_batch
from platforms.artwork.cards import lay_out as lay_out_card
from platforms.artwork.pdf import page_of
from platforms.artwork.spec import A5_MM, A6_MM, BatchSpec, Card, Format, Logo, PrintJob, Symbol
from tests.platforms.artwork.samples import decoded, insert_card, picture, rendered, some_codes

MM = 72 / 25.4
DOTS = 300 / 25.4  # a millimetre at 300 dpi
TOLERANCE_MM = 0.1
INSERTS = BatchSpec(Symbol(size_mm=28), frozenset({Format.PDF}), PrintJob(insert_card(), title="春季 7"))


@pytest.fixture(scope="module")
def sheet(tmp_path_factory) -> bytes:
    """Twelve inserts: a full sheet of nine and one of three."""
    folder = tmp_path_factory.mktemp("sheet")
    run_batch(INSERTS, some_codes(12), workdir=folder / "job", output=folder / "sheet.pdf")
    return (folder / "sheet.pdf").read_bytes()


def cell_image(proof: Image.Image, spec: BatchSpec, index: int) -> tuple[Image.Image, float, float]:
    """The symbol's square of a card with its quiet zone, and where it should start, in dots."""
    page, card = page_of(spec), lay_out_card(spec.print_job.card, spec.symbol)
    left, bottom = page.origin(index)
    x, y = (left + card.symbol_left) * DOTS, (page.height - bottom - card.symbol_top) * DOTS
    side = spec.symbol.size_mm * DOTS
    return proof.crop((round(x), round(y), round(x + side), round(y + side))), x - round(x), y - round(y)


def darkest(image: Image.Image) -> int:
    """The lowest grey value in ``image``."""
    return min(image.tobytes())


def test_every_cell_reads_and_stands_where_the_manifest_says(sheet: bytes) -> None:
    found = []
    for page in (0, 1):
        proof = rendered(sheet, page)
        found += [decoded(cell_image(proof, INSERTS, index)[0]) for index in range(9)]
    assert found == [[item.url] for item in some_codes(12)] + [[]] * 6


def test_module_and_quiet_zone_are_exact_to_a_tenth_of_a_millimetre(sheet: bytes) -> None:
    proof = rendered(sheet, 0)
    module = 28 / 37
    for index in range(9):
        square, x, y = cell_image(proof, INSERTS, index)
        left, top, right, bottom = square.point(lambda grey: 255 if grey < 128 else 0).getbbox() or (0, 0, 0, 0)
        measured = {
            "left": (left - x) / DOTS,
            "top": (top - y) / DOTS,
            "right": (28 * DOTS - right + x) / DOTS,
            "bottom": (28 * DOTS - bottom + y) / DOTS,
        }
        assert measured == pytest.approx(dict.fromkeys(measured, 4 * module), abs=TOLERANCE_MM)
        assert (right - left) / DOTS / 29 == pytest.approx(module, abs=TOLERANCE_MM / 29)
        assert (bottom - top) / DOTS / 29 == pytest.approx(module, abs=TOLERANCE_MM / 29)


def test_sheet_boxes_are_a4_with_three_millimetres_of_bleed(sheet: bytes) -> None:
    for page in pypdf.PdfReader(io.BytesIO(sheet), strict=True).pages:
        media, trim, bleed = (
            [float(side) / MM for side in box] for box in (page.mediabox, page.trimbox, page.bleedbox)
        )
        assert media == pytest.approx([0, 0, 210, 297], abs=1e-3)
        assert trim == pytest.approx([18, 13.5, 192, 283.5], abs=1e-3)  # 3 x 54 + 2 x 6 by 3 x 86 + 2 x 6
        assert bleed == pytest.approx([15, 10.5, 195, 286.5], abs=1e-3)


def test_the_accent_runs_out_to_the_bleed_and_no_further(sheet: bytes) -> None:
    proof = rendered(sheet, 0)
    middle = round((297 - 280) * DOTS)

    def is_inked(x_mm: float) -> bool:
        x = round(x_mm * DOTS)
        return darkest(proof.crop((x, middle, x + 1, middle + 1))) < 200

    assert [is_inked(x) for x in (14.7, 15.3, 17.9, 194.7, 195.3)] == [False, True, True, True, False]


def test_crop_marks_stand_on_each_cut_outside_the_bleed(sheet: bytes) -> None:
    proof = rendered(sheet, 0, dpi=600)
    dots = 600 / 25.4
    cuts = [18, 72, 78, 132, 138, 192]

    def dark_at(x_mm: float, y_mm: float) -> bool:
        x, y = round(x_mm * dots), round(y_mm * dots)
        return darkest(proof.crop((x - 2, y, x + 3, y + 1))) < 200

    assert [cut for cut in range(15, 196) if dark_at(cut, 8)] == cuts
    assert all(dark_at(cut, 297 - y) for cut in cuts for y in (6.6, 10.4))
    assert not any(dark_at(cut, 297 - y) for cut in cuts for y in (6.4, 10.6, 13))


def streams(pdf: bytes) -> list[bytes]:
    """All content streams and forms of ``pdf``, unpacked."""
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    texts: list[bytes] = []
    for page in reader.pages:
        resources: Any = page["/Resources"]
        content: Any = page.get_contents()
        forms = resources.get("/XObject", {})
        texts += [content.get_data(), *(forms[name].get_object().get_data() for name in forms)]
    return texts


def test_black_is_black_ink_only_and_no_other_colour_space_appears(sheet: bytes) -> None:
    contents = b"\n".join(streams(sheet))
    assert not re.search(rb"(?<!\S)(rg|RG|g|G|cs|CS|sc|scn)(?!\S)", contents)
    inks = set(re.findall(rb"([\d. ]+) [kK](?!\S)", contents))
    assert {tuple(map(float, ink.split())) for ink in inks} == {(0, 0, 0, 1), (0, 0.85, 0.7, 0), (0, 0, 0, 0)}
    symbols = re.findall(rb"q 0 0 0 1 k [\d.]+ 0 0 -[\d.]+ [\d.]+ [\d.]+ cm (.*?) f Q", contents)
    assert len(symbols) == 12
    assert all(re.fullmatch(rb"(\d+ \d+ \d+ 1 re ?)+", drawn) for drawn in symbols)


def test_all_fonts_are_embedded_and_chinese_text_can_be_copied(sheet: bytes) -> None:
    reader = pypdf.PdfReader(io.BytesIO(sheet))
    for page in reader.pages:
        resources: Any = page["/Resources"]
        fonts = [font.get_object() for font in resources["/Font"].values()]
        assert fonts
        assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts)
    text = reader.pages[0].extract_text()
    assert all(part in text for part in ("春季包裹卡", some_codes(1)[0].code, "春季 7", "1/2"))


@pytest.mark.parametrize(("width", "height"), [(54, 86), A6_MM, A5_MM])
def test_each_card_template_has_a_page_of_its_own_or_stands_on_a4(width: float, height: float) -> None:
    item = some_codes(1)[0]
    card = Card(width, height, "扫码领新人礼", ("首次关注送券",), "微信扫一扫", insert_card().accent)
    for on_sheets in (False, True):
        pdf = single.pdf(item, Symbol(size_mm=30), PrintJob(card, on_sheets=on_sheets))
        page = pypdf.PdfReader(io.BytesIO(pdf)).pages[0]
        assert decoded(rendered(pdf, 0)) == [item.url]
        if not on_sheets:
            assert (float(page.trimbox.width), float(page.trimbox.height)) == pytest.approx((width * MM, height * MM))
        outside = float(page.bleedbox.width - page.trimbox.width)
        assert outside == pytest.approx(6 * MM, abs=1e-3)


def test_a_bare_symbol_is_cut_out_at_its_own_size() -> None:
    pdf = single.pdf(some_codes(1)[0], Symbol(size_mm=25, show_label=False, show_code=False), PrintJob(on_sheets=False))
    trim = pypdf.PdfReader(io.BytesIO(pdf)).pages[0].trimbox
    assert (float(trim.width), float(trim.height)) == pytest.approx((25 * MM, 25 * MM), abs=1e-3)


def test_a_logo_is_printed_in_cmyk_and_the_proof_reads() -> None:
    item = some_codes(1)[0]
    pdf = single.pdf(item, Symbol(size_mm=35, logo=Logo(picture(), 0.15)), PrintJob(insert_card()))
    assert re.findall(rb"/ColorSpace (/\w+)", pdf) == [b"/DeviceCMYK"]
    assert decoded(rendered(pdf, 0)) == [item.url]


def test_the_proof_of_the_test_is_not_blind(sheet: bytes) -> None:
    """A control: with its symbols' ink taken away the same page holds no code."""
    blank = sheet
    for packed in re.findall(rb"stream\n(x\x9c.*?)endstream", sheet, re.DOTALL):
        content = zlib.decompress(packed.rstrip(b"\n"))
        if b" re f Q" not in content:
            continue
        unpacked = zlib.compress(content.replace(b"q 0 0 0 1 k", b"q 0 0 0 0 k"), 9)
        blank = blank.replace(packed, unpacked[: len(packed)].ljust(len(packed), b"\n"))
    assert decoded(rendered(blank, 0)) == []
