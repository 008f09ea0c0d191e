"""Batches: complete, verified, the same bytes each time, stoppable, and resumed after a kill."""

import csv
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pypdf
import pytest

from platforms.artwork.batch import discard, run_batch
from platforms.artwork.chunks import ChunkFiles, ChunkMaker
from platforms.artwork.errors import OtherJob, Unreadable
from platforms.artwork.jobs import make_job
from platforms.artwork.manifest import COLUMNS
from platforms.artwork.pdf import page_of
from platforms.artwork.spec import BatchSpec, CodeItem, Format, PrintJob, Symbol
from platforms.artwork.verify import read_png
from tests.platforms.artwork.samples import insert_card, some_codes

ALL = BatchSpec(Symbol(size_mm=28), frozenset(Format), PrintJob(insert_card()))
PNG = BatchSpec(Symbol(size_mm=12), frozenset({Format.PNG}))
KILLED = """
import sys
from pathlib import Path
from tests.platforms.artwork import test_batch
from platforms.artwork.batch import run_batch
from tests.platforms.artwork.samples import some_codes
def told(done, total):
    print(done, flush=True)
    if done: sys.stdin.read()
folder = Path(sys.argv[1])
run_batch(test_batch.PNG, some_codes(1100), workdir=folder / "job", output=folder / "a.zip", progress=told, workers=1)
"""


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def manifest_of(path: Path) -> list[dict[str, str]]:
    with zipfile.ZipFile(path) as archive:
        text = archive.read("manifest.csv").decode("utf-8")
    assert text.startswith("\ufeff" + ",".join(COLUMNS) + "\r\n")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_a_batch_holds_every_code_in_every_format_and_its_manifest(tmp_path) -> None:
    items = some_codes(300)

    report = run_batch(ALL, items, workdir=tmp_path / "job", output=tmp_path / "a.zip")

    assert (report.codes, report.verified, report.pages, report.is_finished) == (300, 300, 34, True)
    rows = manifest_of(tmp_path / "a.zip")
    assert [(row["file"], row["code"], row["url"], row["label"]) for row in rows] == [
        (f"png/{item.code}.png", item.code, item.url, "春季包裹卡") for item in items
    ]
    page = page_of(ALL)
    places = [(index // 9 + 1, *page.cell(index % 9)) for index in range(300)]
    assert [(int(row["page"]), int(row["column"]), int(row["row"])) for row in rows] == places
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 602
        assert [read_png(archive.read(row["file"])) for row in rows] == [item.url for item in items]
        assert archive.read(f"svg/{items[7].code}.svg").startswith(b"<?xml")
        assert len(pypdf.PdfReader(io.BytesIO(archive.read("print.pdf")), strict=True).pages) == 34


def test_one_process_and_two_make_the_same_bytes(tmp_path) -> None:
    items = some_codes(600)
    for workers in (1, 2):
        folder = tmp_path / str(workers)
        folder.mkdir()
        run_batch(ALL, items, workdir=folder / "job", output=folder / "a.zip", workers=workers)
    assert digest(tmp_path / "1" / "a.zip") == digest(tmp_path / "2" / "a.zip")


def test_progress_counts_verified_codes_up_to_all(tmp_path) -> None:
    told = []
    run_batch(
        PNG,
        some_codes(600),
        workdir=tmp_path / "job",
        output=tmp_path / "a.zip",
        progress=lambda done, total: told.append((done, total)),
        workers=1,
    )
    assert told == [(0, 600), (250, 600), (500, 600), (600, 600)]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_stopped_batch_hands_out_nothing_and_goes_on_later(tmp_path, workers: int) -> None:
    items, seen = some_codes(2000), []
    where = {"workdir": tmp_path / "job", "output": tmp_path / "a.zip", "workers": workers}

    stopped = run_batch(PNG, items, progress=lambda done, _: seen.append(done), should_stop=lambda: any(seen), **where)

    assert 0 < stopped.verified < 2000
    assert (stopped.path, stopped.is_finished) == (None, False)
    assert [path.name for path in tmp_path.iterdir()] == ["job"]
    finished = run_batch(PNG, items, **where)
    assert finished.chunks_reused >= stopped.verified // 250 > 0
    assert (finished.verified, len(manifest_of(tmp_path / "a.zip"))) == (2000, 2000)


def test_a_killed_batch_goes_on_at_its_first_missing_chunk(tmp_path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert [process.stdout.readline().strip() for _ in range(2)] == ["0", "250"]
        os.kill(process.pid, signal.SIGKILL)
    assert not (tmp_path / "a.zip").exists()

    report = run_batch(PNG, some_codes(1100), workdir=tmp_path / "job", output=tmp_path / "a.zip")

    assert (report.chunks_reused, report.verified) == (1, 1100)
    run_batch(PNG, some_codes(1100), workdir=tmp_path / "new", output=tmp_path / "b.zip")
    assert digest(tmp_path / "a.zip") == digest(tmp_path / "b.zip")


def test_workers_end_with_their_parent(tmp_path) -> None:
    script = KILLED.replace("workers=1", "workers=2")
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert [process.stdout.readline().strip() for _ in range(2)] == ["0", "250"]
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert len(children) >= 2
        process.kill()
    deadline = time.monotonic() + 10
    while any(_is_alive(child) for child in children) and time.monotonic() < deadline:
        os.sched_yield()
    assert not any(_is_alive(child) for child in children)


def _is_alive(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("damage", ["zip", "done", "missing"])
def test_a_damaged_chunk_is_made_again(tmp_path, damage: str) -> None:
    items = some_codes(600)
    where = {"workdir": tmp_path / "job", "output": tmp_path / "a.zip", "workers": 1}
    run_batch(PNG, items, **where)
    whole, chunk = digest(tmp_path / "a.zip"), ChunkFiles(tmp_path / "job", 1)
    if damage == "missing":
        chunk.path("zip").unlink()
    else:
        chunk.path(damage).write_bytes(b"")

    report = run_batch(PNG, items, **where)

    assert (report.chunks_reused, digest(tmp_path / "a.zip")) == (2, whole)


def test_a_code_that_does_not_read_fails_the_whole_batch(tmp_path, monkeypatch) -> None:
    good = ChunkMaker.__post_init__

    def poisoned(maker: ChunkMaker) -> None:
        good(maker)
        first = some_codes(1)[0].url.encode()
        base = maker.encoder.encode(first).bits
        maker.encoder._bases[len(first)] = (first, base)
        maker.encoder._differences.update({(len(first), 31, change): base for change in range(1, 32)})

    monkeypatch.setattr(ChunkMaker, "__post_init__", poisoned)
    where = {"workdir": tmp_path / "job", "output": tmp_path / "a.zip", "workers": 1}
    with pytest.raises(Unreadable):
        run_batch(PNG, some_codes(100), **where)
    assert not (tmp_path / "a.zip").exists()
    assert [path.name for path in (tmp_path / "job").iterdir()] == ["job.json"]

    monkeypatch.undo()
    assert run_batch(PNG, some_codes(100), **where).verified == 100


def test_a_folder_of_another_job_is_refused_and_left_alone(tmp_path) -> None:
    run_batch(PNG, some_codes(3), workdir=tmp_path / "job", output=tmp_path / "a.zip")
    before = {path.name: digest(path) for path in (tmp_path / "job").iterdir()}
    with pytest.raises(OtherJob):
        run_batch(PNG, some_codes(4), workdir=tmp_path / "job", output=tmp_path / "b.zip")
    assert {path.name: digest(path) for path in (tmp_path / "job").iterdir()} == before
    assert not (tmp_path / "b.zip").exists()


def test_an_older_file_stays_until_the_new_one_is_whole(tmp_path, monkeypatch) -> None:
    output = tmp_path / "a.zip"
    output.write_bytes(b"older")
    monkeypatch.setattr("platforms.artwork.assembly.manifest.write", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run_batch(PNG, some_codes(3), workdir=tmp_path / "job", output=output)
    assert output.read_bytes() == b"older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "job"]


def test_discard_removes_a_jobs_folder_and_no_other(tmp_path) -> None:
    run_batch(PNG, some_codes(3), workdir=tmp_path / "job", output=tmp_path / "a.zip")
    (tmp_path / "mine").mkdir()
    discard(tmp_path / "job")
    discard(tmp_path / "mine")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "mine"]


@pytest.mark.parametrize("label", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "\t=1", '=HYPERLINK("x")'])
def test_a_formula_in_a_label_is_only_text_in_the_manifest(tmp_path, label: str) -> None:
    items = [CodeItem("ABC", "https://q.example.cn/q/ABC", label), CodeItem("ABD", "=1+2")]
    run_batch(PNG, items, workdir=tmp_path / "job", output=tmp_path / "a.zip")
    rows = manifest_of(tmp_path / "a.zip")
    assert rows[0]["label"] == "'" + label.strip()
    assert (rows[1]["url"], rows[1]["page"]) == ("'=1+2", "")


def test_payloads_of_different_length_share_version_and_mask(tmp_path) -> None:
    items = [CodeItem(f"C{n}", f"https://q.example.cn/{'x' * (n % 20)}{n}") for n in range(150)]
    report = run_batch(PNG, items, workdir=tmp_path / "job", output=tmp_path / "a.zip")
    job = make_job(PNG, items)
    assert (report.verified, report.version, report.mask) == (150, job.plan.version, job.plan.mask)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        sizes = {archive.getinfo(name).filename: archive.read(name)[16:24] for name in archive.namelist()[:-1]}
    assert len(set(sizes.values())) == 1
    assert json.loads((tmp_path / "job" / "chunk-00000.done").read_text())["verified"] == 150
