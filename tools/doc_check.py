"""What the Markdown files promise exists: files behind relative links, targets of `make`, commands of `manage.py`."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
IMAGE = re.compile(r"<img[^>]+src=\"([^\"]+)\"")
MAKE = re.compile(r"(?:^|`)\s*make ([a-z-]+)", re.MULTILINE)
BOOTSTRAP = re.compile(r"bootstrap\.py ([a-z]+)")
MANAGE = re.compile(r"manage\.py ([a-z_]+)")
TOOL = re.compile(r"\b((?:tools|tests|docs|benchmarks)/[\w./-]+\.(?:py|md|yaml|sh))\b")
OUTSIDE = ("http://", "https://", "mailto:", "#")


def documents() -> list[Path]:
    """The Markdown files of the tree: at the top and below ``docs``."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def faults() -> list[str]:
    """One line for each promise that is not kept."""
    return [fault for path in documents() for fault in faults_of(path)]


def faults_of(path: Path) -> Iterator[str]:
    """The broken promises of one document."""
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT)
    for target in (*LINK.findall(text), *IMAGE.findall(text)):
        if not target.startswith(OUTSIDE) and not _exists(path, target):
            yield f"{name}: nothing is at {target}"
    for pattern, known, what in _vocabularies():
        for word in sorted(set(pattern.findall(text)) - known):
            yield f"{name}: there is no {what} {word}"
    for file in sorted(set(TOOL.findall(text))):
        if not (ROOT / file).exists():
            yield f"{name}: there is no file {file}"


def _exists(document: Path, target: str) -> bool:
    file, _, anchor = target.partition("#")
    found = document if not file else (document.parent / file)
    return found.exists() and (not anchor or found.suffix != ".md" or anchor in anchors(found))


def anchors(path: Path) -> set[str]:
    """The anchors that a Markdown viewer makes of the headings."""
    headings = re.findall(r"^#+\s+(.+?)\s*$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _vocabularies() -> Iterator[tuple[re.Pattern[str], set[str], str]]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {word for line in re.findall(r"^([a-z][a-z ]*):", makefile, re.MULTILINE) for word in line.split()}
    bootstrap = (ROOT / "bootstrap.py").read_text(encoding="utf-8")
    yield MAKE, targets, "make target"
    yield BOOTSTRAP, set(re.findall(r'^    "([a-z]+)": ', bootstrap, re.MULTILINE)), "bootstrap command"
    yield MANAGE, _management_commands(), "management command"


def _management_commands() -> set[str]:
    import django
    from django.core.management import get_commands

    django.setup()
    return set(get_commands())


if __name__ == "__main__":
    found = faults()
    print("\n".join(found))
    sys.exit(1 if found else 0)
