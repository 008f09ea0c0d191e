"""How fast print artwork is made: 10,000 codes each as verified PNGs and as a print PDF on A4 sheets.

Targets on two cores: PNG 10 s, PDF 8 s, memory below 300 MB. Each case runs in a process of its own, so that
its memory is its own; ``peak_mb`` adds the greatest size of that process and of each worker (an upper bound).
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from platforms.artwork.batch import run_batch
from platforms.artwork.spec import BatchSpec, Card, CodeItem, Format, PrintJob, Symbol

CODES = 10_000
WORKERS = 2
TARGET_SECONDS = {"artwork_png_10k": 10.0, "artwork_pdf_10k": 8.0}
TARGET_PEAK_MB = 300.0
SPECS = {
    "artwork_png_10k": BatchSpec(Symbol(size_mm=25), frozenset({Format.PNG})),
    "artwork_pdf_10k": BatchSpec(
        Symbol(size_mm=28),
        frozenset({Format.PDF}),
        PrintJob(Card(54, 86, headline="扫码领新人礼", lines=("首次关注送券",), footer="微信扫一扫，成为会员")),
    ),
}

Record = dict[str, str | float]


def measure(case: str) -> Record:
    """Make the batch of ``case`` in this process; time includes checks, worker start, joining and renaming."""
    # Codes over all of Crockford base32, spread by a multiplier that is prime to 32**9.
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    numbers = ((index + 1) * 1_000_003_777_111 % 32**9 for index in range(CODES))
    codes = ["".join(digits[number >> 5 * place & 31] for place in range(9)) for number in numbers]
    items = [CodeItem(code, f"https://q.example.cn/q/{code}", "春季包裹卡") for code in codes]
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "codes.zip"
        start = time.perf_counter()
        report = run_batch(SPECS[case], items, workdir=Path(folder) / "job", output=output, workers=WORKERS)
        seconds = time.perf_counter() - start
        assert report.verified == CODES
        with zipfile.ZipFile(output) as archive:
            assert len(archive.namelist()) == (CODES + 1 if Format.PNG in SPECS[case].formats else 2)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * WORKERS
    return {"case": case, "seconds": round(seconds, 2), "peak_mb": round((own + workers) / 1024, 1)}


def run_case(case: str) -> list[Record]:
    """Run ``case`` in a fresh process; one record."""
    command = [sys.executable, "-m", "benchmarks.artwork", case]
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300, cwd=root)
    return [json.loads(done.stdout)]


CASES: dict[str, Callable[[], list[Record]]] = {case: partial(run_case, case) for case in SPECS}


def cases() -> dict[str, Callable[[], list[Record]]]:
    """The cases by name."""
    return CASES


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
