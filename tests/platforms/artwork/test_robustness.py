"""Printed codes stay readable when they are blurred, faded, turned and partly covered.

The worst case of each is written to ``var/artwork_robustness.json`` for the documentation.
"""

import io
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFilter

from platforms.artwork import single
from platforms.artwork.jobs import make_job
from platforms.artwork.spec import BatchSpec, Logo, Symbol
from tests.platforms.artwork.samples import decoded, picture, some_codes

REPORT = Path(__file__).resolve().parents[3] / "var" / "artwork_robustness.json"
SIDE = 480  # pixels: a code of a third of a phone camera's preview
QUIET = 4
FINDER = 8  # a finder pattern with its separator: covered, no reader finds the symbol
SAMPLE = some_codes(5)
Degraded = tuple[str, Image.Image]
Outcome = dict[str, Any]


@cache
def photographed(symbol: Symbol, index: int) -> Image.Image:
    """A symbol ``SIDE`` pixels wide; ``info`` says how many modules it has."""
    png = single.png(SAMPLE[index], symbol)
    image = Image.open(io.BytesIO(png)).convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    image.info["modules"] = make_job(BatchSpec(symbol), [SAMPLE[index]]).plan.size
    return image


def measured(image: Image.Image) -> tuple[int, float]:
    """Modules along a side without the quiet zone, and pixels a module."""
    modules = image.info["modules"]
    return modules, SIDE / (modules + 2 * QUIET)


def blurred(image: Image.Image) -> Iterator[Degraded]:
    """Out of focus: a Gaussian of up to half a module."""
    _, module = measured(image)
    for share in (0.2, 0.35, 0.5):
        yield f"blur of {share} modules", image.filter(ImageFilter.GaussianBlur(share * module))


def faded(image: Image.Image) -> Iterator[Degraded]:
    """30 % of the contrast lost to light paper, to grey ink, to both."""
    for low, high in ((0, 178), (77, 255), (38, 217)):
        yield f"greys {low}-{high}", image.point(lambda grey, low=low, high=high: low + grey * (high - low) // 255)


def turned(image: Image.Image) -> Iterator[Degraded]:
    for degrees in (-10, -5, 5, 10):
        yield f"turned by {degrees}°", image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def covered(image: Image.Image, *, ink: int = 128, share: float = 0.05) -> Iterator[Degraded]:
    """A sticker over 5 % of the symbol, at each place of a fine grid that leaves the finder patterns free."""
    modules, module = measured(image)
    side = share**0.5 * modules
    steps = [position * 2 for position in range(int((modules - side) / 2) + 1)]
    for left, top in ((left, top) for left in steps for top in steps):
        ends_left, ends_right = left < FINDER, left + side > modules - FINDER
        ends_top, ends_bottom = top < FINDER, top + side > modules - FINDER
        if (ends_top and (ends_left or ends_right)) or (ends_bottom and ends_left):
            continue
        shown = image.copy()
        x, y = (left + QUIET) * module, (top + QUIET) * module
        ImageDraw.Draw(shown).rectangle((x, y, x + side * module, y + side * module), fill=ink)
        yield f"covered at {left},{top}", shown


def all_at_once(image: Image.Image) -> Iterator[Degraded]:
    """Everything together: what is beyond the promise, and only reported."""
    _, module = measured(image)
    for name, shown in covered(image):
        soft = shown.filter(ImageFilter.GaussianBlur(0.35 * module)).point(lambda grey: 38 + grey * 179 // 255)
        yield name, soft.rotate(10, Image.Resampling.BICUBIC, expand=True, fillcolor=217)


CASES: dict[str, Callable[[Image.Image], Iterator[Degraded]]] = {
    "blur": blurred,
    "contrast": faded,
    "rotation": turned,
    "occlusion": covered,
    "together": all_at_once,
}
SYMBOLS = {"plain": Symbol(show_label=False, show_code=False)}


@pytest.fixture(scope="module")
def results() -> Iterator[dict[str, Outcome]]:
    """Outcome of each case; written as a report when the module is done."""
    found: dict[str, Outcome] = {}
    yield found
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(dict(sorted(found.items())), indent=2, ensure_ascii=False) + "\n", "utf-8")


def blurred_by(image: Image.Image, share: float) -> Iterator[Degraded]:
    yield "", image.filter(ImageFilter.GaussianBlur(share * measured(image)[1]))


def faded_by(image: Image.Image, loss: float) -> Iterator[Degraded]:
    yield "", image.point(lambda grey: round(255 * loss / 2 + grey * (1 - loss)))


LIMITS: dict[str, tuple[Callable[[Image.Image, float], Iterator[Degraded]], list[float]]] = {
    "blur in modules": (blurred_by, [0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5]),
    "contrast lost": (faded_by, [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]),
    "share covered": (lambda image, share: covered(image, share=share), [0.05, 0.06, 0.08, 0.10, 0.12, 0.15]),
}


def worst_read(case: str) -> float:
    """The strongest degradation up to which every picture of the sample reads."""
    degrade, strengths = LIMITS[case]
    images = [photographed(SYMBOLS["plain"], index) for index in range(len(SAMPLE))]
    read = 0.0
    for strength in strengths:
        wanted = (
            (item.url, shown)
            for item, image in zip(SAMPLE, images, strict=True)
            for _, shown in degrade(image, strength)
        )
        if any(decoded(shown) != [url] for url, shown in wanted):
            break
        read = strength
    return read


def run(case: str, symbol: Symbol, *, codes: int = len(SAMPLE)) -> Outcome:
    """How many degraded pictures read, and which did not."""
    outcomes = [
        (name, decoded(shown) == [SAMPLE[index].url])
        for index in range(codes)
        for name, shown in CASES[case](photographed(symbol, index))
    ]
    unread = sorted({name for name, reads in outcomes if not reads})
    return {"pictures": len(outcomes), "read": sum(reads for _, reads in outcomes), "unread": unread}


@pytest.mark.parametrize("case", ["blur", "contrast", "rotation", "occlusion"])
def test_each_degradation_alone_leaves_every_code_readable(case: str, results) -> None:
    outcome = results[case] = run(case, SYMBOLS["plain"])
    assert outcome["pictures"] >= 15
    assert (outcome["read"], outcome["unread"]) == (outcome["pictures"], [])


def test_all_degradations_together_are_reported(results) -> None:
    outcome = results["together"] = run("together", SYMBOLS["plain"], codes=2)
    assert outcome["read"] >= 0.9 * outcome["pictures"]


@pytest.mark.parametrize(
    ("case", "promised"), [("blur in modules", 0.5), ("contrast lost", 0.3), ("share covered", 0.05)]
)
def test_the_worst_case_that_still_reads_is_reported(case: str, promised: float, results) -> None:
    worst = worst_read(case)
    results[f"worst {case}"] = {"promised": promised, "read_up_to": worst}
    assert worst >= promised


@pytest.mark.parametrize("area", [0.12, 0.20])
def test_a_symbol_with_a_logo_stands_blur_fading_and_turning(area: float, results) -> None:
    symbol = Symbol(size_mm=40, show_label=False, show_code=False, logo=Logo(picture(), area))
    for case in ("blur", "contrast", "rotation"):
        outcome = results[f"logo {area:.0%} {case}"] = run(case, symbol)
        assert set(outcome["unread"]) <= {"blur of 0.5 modules"}  # where a plain symbol ends as well: reported only


@pytest.mark.parametrize("area", [0.12, 0.15])
def test_a_symbol_with_a_usual_logo_stands_a_sticker_beside_it(area: float, results) -> None:
    symbol = Symbol(size_mm=40, show_label=False, show_code=False, logo=Logo(picture(), area))
    outcome = results[f"logo {area:.0%} occlusion"] = run("occlusion", symbol, codes=2)
    assert (outcome["read"], outcome["unread"]) == (outcome["pictures"], [])


def test_the_measure_is_not_blind() -> None:
    """A control: a picture degraded far beyond the promise is not read."""
    image = photographed(SYMBOLS["plain"], 0)
    assert decoded(image.filter(ImageFilter.GaussianBlur(40))) == []
    assert decoded(image.point(lambda _: 128)) == []
