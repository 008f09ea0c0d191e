"""Join chunk PDFs into one, streaming: memory holds one chunk, whatever the size of the whole.

It reads only what reportlab writes (a classic cross-reference table, references as ``7 0 R``, no object
streams): object numbers are shifted by what came before, page trees become branches of one new tree, and
streams are copied untouched. A PDF reader in the tests checks the outcome.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

REFERENCE = re.compile(rb"(?<![\w.])(\d+) 0 R\b")
ROOT = re.compile(rb"/Root (\d+) 0 R")
PAGES = re.compile(rb"/Pages (\d+) 0 R")
INFO = re.compile(rb"/Info (\d+) 0 R")
COUNT = re.compile(rb"/Count (\d+)")
STREAM = b"stream\n"


class _Source:
    """The objects of one chunk PDF."""

    def __init__(self, path: Path) -> None:
        self.data = path.read_bytes()
        start = int(self.data[self.data.rindex(b"startxref") :].split()[1])
        lines = self.data[start:].split(b"\n")
        count = int(lines[1].split()[1])
        entries = [line.split() for line in lines[2 : 2 + count]]
        self.offsets = {number: int(entry[0]) for number, entry in enumerate(entries) if entry[2] == b"n"}
        self.ends = [*sorted(self.offsets.values()), start]
        trailer = self.data[self.data.index(b"trailer", start) :]
        self.root = _number(ROOT, trailer)
        self.info = _number(INFO, trailer)
        self.pages = _number(PAGES, self.body(self.root))
        self.count = _number(COUNT, self.body(self.pages))

    def body(self, number: int) -> bytes:
        """What stands between ``obj`` and ``endobj``."""
        start = self.data.index(b"obj", self.offsets[number]) + 3
        end = self.data.rindex(b"endobj", start, self.ends[bisect_right(self.ends, start)])
        return self.data[start:end].strip(b"\r\n")


def _number(pattern: re.Pattern[bytes], data: bytes) -> int:
    found = pattern.search(data)
    if found is None:
        raise ValueError(f"No {pattern.pattern!r} in a chunk.")
    return int(found[1])


def join(parts: Iterable[Path], target: BinaryIO, *, title: str) -> int:
    """Write the pages of ``parts`` in order as one PDF to ``target`` (at its start); return the count of pages."""
    target.write(b"%PDF-1.6\n%\x93\x8c\x8b\x9e\n")
    offsets = {}
    branches: list[tuple[int, int]] = []
    following = 3  # 1 catalogue, 2 page tree, 3 information
    for part in parts:
        source = _Source(part)
        shift = following
        for number in sorted(set(source.offsets) - {source.root, source.info}):
            offsets[number + shift] = target.tell()
            body = _shifted(source.body(number), shift)
            if number == source.pages:
                body = re.sub(rb"^<<", b"<< /Parent 2 0 R", body, count=1)
            target.write(b"%d 0 obj\n%b\nendobj\n" % (number + shift, body))
        branches.append((source.pages + shift, source.count))
        following += max(source.offsets)
    _finish(target, offsets, branches, title)
    return sum(count for _, count in branches)


def _shifted(body: bytes, shift: int) -> bytes:
    """``body`` with its references shifted; the bytes of a stream stay as they are."""
    head, marker, stream = body.partition(STREAM)
    return REFERENCE.sub(lambda found: b"%d 0 R" % (int(found[1]) + shift), head) + marker + stream


def _finish(target: BinaryIO, offsets: dict[int, int], branches: list[tuple[int, int]], title: str) -> None:
    kids = b" ".join(b"%d 0 R" % number for number, _ in branches)
    count = sum(count for _, count in branches)
    name = (b"\xfe\xff" + title.encode("utf-16-be")).hex().encode()
    for number, body in (
        (1, b"<< /Type /Catalog /Pages 2 0 R >>"),
        (2, b"<< /Type /Pages /Count %d /Kids [ %b ] >>" % (count, kids)),
        (3, b"<< /Title <%b> /Producer (Homeground) /Trapped /False >>" % name),
    ):
        offsets[number] = target.tell()
        target.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    start = target.tell()
    size = max(offsets) + 1
    target.write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
    for number in range(1, size):
        entry = b"%010d 00000 n \n" % offsets[number] if number in offsets else b"0000000000 65535 f \n"
        target.write(entry)
    target.write(b"trailer\n<< /Size %d /Root 1 0 R /Info 3 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start))
