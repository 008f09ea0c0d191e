"""`make docs`: writes what is generated in `docs/`: the OpenAPI schema, the refusals, recorded figures, screenshots.

Tests and benchmarks leave their results under `var/`; only this program copies them into tracked files. A table goes
between the markers `<!-- races -->` and `<!-- /races -->` (or `bench`, `soak`) of whichever document has them.
"""

import io
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from tools import reliability  # noqa: E402 - found through the line above

VAR = ROOT / "var"
DOCS = ROOT / "docs"
OPENAPI = DOCS / "openapi.yaml"
ERRORS = DOCS / "errors.md"
SCREENSHOTS = DOCS / "screenshots"
TABLES = ("races", "bench", "soak")
ERRORS_HEAD = """# Refusals

Every refusal of the API: its code (stable), its HTTP status and the sentence that a member reads. A refusal arrives as
`application/problem+json`; branch on `code`, never on a sentence. Written by `make docs`.

| Code | Status | Try again | English | 中文 |
|---|---|---|---|---|
"""


def openapi() -> tuple[str, str]:
    """The schema that the code gives, and what there is to complain about (then the schema is empty)."""
    import django
    from django.core.management import call_command
    from django.core.management.base import CommandError

    django.setup()
    out, complaints = io.StringIO(), io.StringIO()
    previous, sys.stderr = sys.stderr, complaints  # the generator's warnings go straight there
    try:
        call_command("spectacular", "--validate", "--fail-on-warn", "--lang", "en", stdout=out, stderr=complaints)
    except CommandError as error:
        return "", f"{complaints.getvalue()}{error}"
    finally:
        sys.stderr = previous
    return out.getvalue(), complaints.getvalue()


def refusals() -> list[type[Any]]:
    """Every refusal of the tree with a code, sorted by it; modules named ``errors`` are imported first."""
    import importlib

    import django
    from django.apps import apps

    from config.discovery import has_module
    from core.errors import DomainError

    django.setup()
    for config in apps.get_app_configs():
        if (ROOT / config.name.replace(".", "/")).is_dir() and has_module(f"{config.name}.errors"):
            importlib.import_module(f"{config.name}.errors")
    found: list[type[Any]] = []
    waiting = list(DomainError.__subclasses__())
    while waiting:
        error = waiting.pop()
        waiting += error.__subclasses__()
        if error.code and not error.__module__.startswith("tests"):
            found.append(error)
    return sorted(set(found), key=lambda error: error.code)


def errors_page() -> str:
    """The table of refusals in both languages."""
    from django.utils import translation

    rows = []
    for error in refusals():
        sentences = []
        for language in ("en", "zh-hans"):
            with translation.override(language):
                sentences.append(str(error.message).replace("|", "\\|"))
        again = "yes" if error.retry_after is not None or error.status in {409, 429, 503} else "no"
        rows.append(f"| `{error.code}` | {error.status} | {again} | {sentences[0]} | {sentences[1]} |\n")
    return ERRORS_HEAD + "".join(rows)


def table(rows: list[dict[str, Any]]) -> str:
    """Recorded figures as a Markdown table; columns in the order in which they appear."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = [columns, ["---"] * len(columns), *([_cell(row.get(name)) for name in columns] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"
    return "" if value is None else str(value)


def with_table(text: str, name: str, content: str) -> str:
    """``text`` with what stands between the markers of ``name`` replaced."""
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    return pattern.sub(lambda match: f"{match[1]}\n{content}\n{match[2]}", text)


def write_tables() -> None:
    """Put the figures of the last runs into every document that shows them."""
    for name in TABLES:
        source = VAR / f"{name}.json"
        if not source.exists():
            print(f"No {source.relative_to(ROOT)}: its table stays as it is.")
            continue
        content = table(json.loads(source.read_text(encoding="utf-8")))
        for path in sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")]):
            text = path.read_text(encoding="utf-8")
            if (changed := with_table(text, name, content)) != text:
                path.write_text(changed, encoding="utf-8")
                print(f"{path.relative_to(ROOT)}: {name}")


def copy_screenshots() -> None:
    """Take over the pictures that the browser tests left."""
    pictures = sorted((VAR / "screenshots").glob("*.png"))
    for picture in pictures:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, SCREENSHOTS / picture.name)
    print(f"{len(pictures)} screenshots copied.")


def main(arguments: list[str]) -> int:
    """Write everything; with ``--check`` only compare the schema and the refusals with what is committed."""
    schema, complaints = openapi()
    if not schema:
        print(complaints)
        return 1
    generated = {OPENAPI: schema, ERRORS: errors_page()}
    if "--check" in arguments:
        stale = [path for path, text in generated.items() if not path.exists() or path.read_text("utf-8") != text]
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what the code gives; run `make docs`.")
        return 1 if stale else 0
    for path, text in generated.items():
        path.write_text(text, encoding="utf-8")
        print(f"{path.relative_to(ROOT)} written.")
    reliability.write(table)
    write_tables()
    copy_screenshots()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
