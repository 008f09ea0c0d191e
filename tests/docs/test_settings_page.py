"""Every setting that is read from the environment has its line in ``docs/settings.md``, and no line is stale."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
READ = re.compile(r'\benv(?:\.[a-z_]+)?\(\s*"([A-Z_]+)"')
LINE = re.compile(r"^\| `([A-Z_]+)` \|", re.MULTILINE)

pytestmark = pytest.mark.sqlite


def test_the_settings_page_is_complete() -> None:
    read = set(READ.findall((ROOT / "config" / "settings.py").read_text(encoding="utf-8")))
    described = LINE.findall((ROOT / "docs" / "settings.md").read_text(encoding="utf-8"))

    assert len(read) > 20
    assert sorted(described) == sorted(read)
