"""Dark modules as horizontal runs: what vector formats draw."""

import re
from collections.abc import Iterator

from platforms.artwork.matrices import Matrix

DARK = re.compile("1+")


def runs(matrix: Matrix) -> Iterator[tuple[int, int, int]]:
    """``(left, top, width)`` in modules of each run of dark modules, top row first."""
    for top, row in enumerate(matrix.rows()):
        for found in DARK.finditer(row):
            left, end = found.span()
            yield left, top, end - left
