"""What is asked for is bounded, and every refusal says which bound it is."""

import math
import pickle
from typing import Any

import pytest

from platforms.artwork import single
from platforms.artwork.batch import run_batch
from platforms.artwork.errors import (
    ArtworkError,
    BadCode,
    BadLogo,
    BadPayload,
    DoesNotFit,
    ModulesTooSmall,
    OutOfBounds,
)
from platforms.artwork.spec import MAX_CODES, BatchSpec, Card, Cmyk, CodeItem, Format, Logo, PrintJob, Symbol
from tests.platforms.artwork.samples import picture, some_codes


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("size_mm", 7.9),
        ("size_mm", 500.1),
        ("size_mm", math.nan),
        ("size_mm", math.inf),
        ("dpi", 71),
        ("dpi", 2401),
        ("quiet_modules", 3),
        ("quiet_modules", 17),
        ("text_mm", 0.0),
        ("size_mm", True),
    ],
)
def test_a_symbol_outside_its_bounds_is_refused(field: str, value: float) -> None:
    wanted: dict[str, Any] = {field: value}
    with pytest.raises(OutOfBounds, match=f"{field} must be between") as refusal:
        Symbol(**wanted)
    assert refusal.value.params["name"] == field


@pytest.mark.parametrize("url", ["", "https://q.example.cn/ä", "https://q.example.cn/a b", "x" * 301, "a\nb", "a\x00"])
def test_a_payload_is_short_printable_ascii(url: str) -> None:
    with pytest.raises(BadPayload):
        CodeItem("ABC", url)


@pytest.mark.parametrize("code", ["", "../etc", "a/b", "-rm", "=1", "x" * 65, "码", "a b", ".hidden", "A\n"])
def test_a_code_can_always_name_a_file(code: str) -> None:
    with pytest.raises(BadCode):
        CodeItem(code, "https://q.example.cn/q/1")


def test_a_batch_is_neither_empty_nor_endless(tmp_path) -> None:
    one = some_codes(1)
    for items in ([], one * (MAX_CODES + 1)):
        with pytest.raises(OutOfBounds, match="codes must be between 1 and 100000"):
            run_batch(BatchSpec(), items, workdir=tmp_path / "job", output=tmp_path / "a.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_code_stands_once_in_a_batch_whatever_its_case(tmp_path) -> None:
    items = [CodeItem("abc", "https://q.example.cn/1"), CodeItem("ABC", "https://q.example.cn/2")]
    with pytest.raises(BadCode, match="ABC stands twice"):
        run_batch(BatchSpec(), items, workdir=tmp_path / "job", output=tmp_path / "a.zip")
    assert list(tmp_path.iterdir()) == []


def test_modules_too_small_to_scan_are_refused_with_the_least_size() -> None:
    item = some_codes(1)[0]
    with pytest.raises(ModulesTooSmall) as refusal:
        single.png(item, Symbol(size_mm=9.2))
    assert refusal.value.params == {"least_mm": 9.3, "size_mm": 9.2}
    assert single.png(item, Symbol(size_mm=9.3))


def test_a_picture_of_too_many_pixels_is_refused() -> None:
    with pytest.raises(OutOfBounds, match="500 mm at 2400 dpi are more than 6000 pixels"):
        single.png(some_codes(1)[0], Symbol(size_mm=500, dpi=2400))


def test_text_and_colours_are_bounded() -> None:
    with pytest.raises(OutOfBounds):
        CodeItem("ABC", "https://q.example.cn/q/1", "长" * 121)
    with pytest.raises(OutOfBounds):
        Card(54, 86, headline="长" * 121)
    with pytest.raises(OutOfBounds):
        Card(54, 86, lines=("a",) * 7)
    with pytest.raises(OutOfBounds):
        Cmyk(black=1.01)
    with pytest.raises(OutOfBounds):
        BatchSpec(formats=frozenset())


@pytest.mark.parametrize("area", [0.0, 0.2001, math.nan])
def test_a_logo_covers_at_most_a_fifth(area: float) -> None:
    with pytest.raises(BadLogo, match="1 to 20%"):
        Logo(picture(), area)


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\nrubbish", b"<svg/>", b"x" * 2_000_001])
def test_a_logo_is_a_picture(data: bytes) -> None:
    with pytest.raises(BadLogo):
        single.png(some_codes(1)[0], Symbol(logo=Logo(data)))


def test_a_logo_of_endless_pixels_is_refused() -> None:
    bomb = picture((5000, 5000), "1", 0)
    assert len(bomb) < 100_000
    with pytest.raises(BadLogo, match="pixels"):
        single.png(some_codes(1)[0], Symbol(logo=Logo(bomb)))


def test_a_symbol_must_fit_its_card_and_a_card_its_sheet() -> None:
    item = some_codes(1)[0]
    with pytest.raises(DoesNotFit, match=r"48\.0 x 80\.0 mm left"):
        single.pdf(item, Symbol(size_mm=49), PrintJob(Card(54, 86)))
    with pytest.raises(DoesNotFit, match="does not fit on A4"):
        single.pdf(item, Symbol(size_mm=30), PrintJob(Card(200, 290)))
    assert single.pdf(item, Symbol(size_mm=30), PrintJob(Card(200, 290), on_sheets=False))


def test_a_pdf_file_is_for_a_pdf_only(tmp_path) -> None:
    both = BatchSpec(formats=frozenset({Format.PDF, Format.PNG}))
    with pytest.raises(OutOfBounds):
        run_batch(both, some_codes(1), workdir=tmp_path / "job", output=tmp_path / "a.pdf")
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_crosses_processes_with_its_parameters() -> None:
    refusal: ArtworkError = pickle.loads(pickle.dumps(ModulesTooSmall("Too small.", least_mm=9.3)))  # noqa: S301
    assert type(refusal) is ModulesTooSmall
    assert (str(refusal), refusal.params, refusal.code) == (
        "Too small.",
        {"least_mm": 9.3},
        "artwork.modules_too_small",
    )
