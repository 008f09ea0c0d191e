"""Translation catalogues without gettext's programs: `tools/messages.py update|compile|check [app …]`.

Each app has `<app>/locale/zh_Hans/LC_MESSAGES/django.po` and its compiled `.mo`. `update` adds what the source has
and the catalogue lacks and keeps every translation; `check` fails on a gap, a fuzzy or empty translation, a placeholder
that differs, two translations of one text, and a `.mo` that is not what its `.po` says.
"""

import io
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from babel.messages.extract import extract

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from django.utils.translation.template import templatize  # noqa: E402

from config.discovery import slice_names  # noqa: E402

CATALOGUE = Path("locale/zh_Hans/LC_MESSAGES/django.po")
ALSO = {"core": ("config",)}  # packages without a catalogue of their own
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


@dataclass(frozen=True)
class Message:
    """A text of the source: what it says, its plural and context (empty without), and where it stands."""

    text: str
    plural: str
    context: str
    path: str

    @property
    def key(self) -> tuple[str, str]:
        """What a catalogue looks it up by."""
        return self.context, self.text


def folders(app: str) -> list[Path]:
    """Where the texts of ``app`` (a dotted name) are."""
    return [ROOT / name.replace(".", "/") for name in (app, *ALSO.get(app, ()))]


def catalogue(app: str) -> Path:
    """The app's ``.po``."""
    return folders(app)[0] / CATALOGUE


def messages(app: str) -> dict[tuple[str, str], Message]:
    """Every text of ``app``'s Python files and templates, by key."""
    found: dict[tuple[str, str], Message] = {}
    for folder in folders(app):
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts and path.is_file():
                for message in _of_file(path):
                    found.setdefault(message.key, message)
    return found


def _of_file(path: Path) -> Iterator[Message]:
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":  # what Django hands to xgettext, without the indentation that Python would mind
        source = "\n".join(line.strip() for line in templatize(source).splitlines())
    where = path.relative_to(ROOT).as_posix()
    for _line, text, _comments, context in extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS):
        first, plural = (text[0], text[1]) if isinstance(text, tuple) else (text, "")
        if first:
            yield Message(first, plural, context or "", where)


def load(path: Path) -> polib.POFile:
    """The catalogue at ``path``, or an empty one."""
    if path.exists():
        return polib.pofile(str(path), wrapwidth=100)
    fresh = polib.POFile(wrapwidth=100)
    fresh.metadata = {
        "Project-Id-Version": "homeground",
        "Language": "zh_Hans",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    return fresh


def update(apps: list[str]) -> int:
    """Add what is missing, with an empty translation; say how many texts wait for one."""
    for app in apps:
        path, po = catalogue(app), load(catalogue(app))
        known = {(entry.msgctxt or "", entry.msgid) for entry in po}
        for key, message in messages(app).items():
            if key not in known:
                po.append(_entry(message))
        if len(po):
            path.parent.mkdir(parents=True, exist_ok=True)
            po.save(str(path))
        print(f"{app}: {sum(not _is_translated(entry) for entry in po)} of {len(po)} wait for a translation")
    return 0


def _entry(message: Message) -> polib.POEntry:
    plural = {"msgid_plural": message.plural, "msgstr_plural": {0: ""}} if message.plural else {}
    return polib.POEntry(
        msgid=message.text, msgctxt=message.context or None, occurrences=[(message.path, "")], msgstr="", **plural
    )


def _is_translated(entry: polib.POEntry) -> bool:
    texts = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
    return bool(texts) and all(texts) and not entry.fuzzy


def compile_catalogues(apps: list[str]) -> int:
    """Write each ``.mo`` anew."""
    for app in apps:
        if catalogue(app).exists():
            load(catalogue(app)).save_as_mofile(str(catalogue(app).with_suffix(".mo")))
    return 0


def check(apps: list[str]) -> int:
    """Print every fault; 1 if there is one."""
    faults = [fault for app in apps for fault in faults_of(app)] + list(contradictions(apps))
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def faults_of(app: str) -> Iterator[str]:
    """What is wrong with one app's catalogue."""
    path = catalogue(app)
    wanted = messages(app)
    po = load(path)
    entries = {(entry.msgctxt or "", entry.msgid): entry for entry in po if not entry.obsolete}
    for key in wanted.keys() - entries.keys():
        yield f"{wanted[key].path}: not in the catalogue of {app}: {key[1]!r}"
    for entry in entries.values():
        if not _is_translated(entry):
            yield f"{app}: {'fuzzy' if entry.fuzzy else 'untranslated'}: {entry.msgid!r}"
        elif not _placeholders_agree(entry):
            yield f"{app}: placeholders differ: {entry.msgid!r}"
    if path.exists() and _compiled(path) != {
        key: _texts(entry) for key, entry in entries.items() if _is_translated(entry)
    }:
        yield f"{app}: the .mo is not what the .po says; run `tools/messages.py compile {app}`"


def _placeholders_agree(entry: polib.POEntry) -> bool:
    allowed = {frozenset(PLACEHOLDER.findall(text)) for text in (entry.msgid, entry.msgid_plural) if text}
    return all(frozenset(PLACEHOLDER.findall(text)) in allowed for text in _texts(entry))


def _texts(entry: polib.POEntry) -> tuple[str, ...]:
    return tuple(entry.msgstr_plural.values()) if entry.msgid_plural else (entry.msgstr,)


def _compiled(path: Path) -> dict[tuple[str, str], tuple[str, ...]]:
    compiled = path.with_suffix(".mo")
    if not compiled.exists():
        return {}
    return {(entry.msgctxt or "", entry.msgid): _texts(entry) for entry in polib.mofile(str(compiled))}


def contradictions(apps: list[str]) -> Iterator[str]:
    """Texts with two translations: Django merges all catalogues, so only one of them is ever shown."""
    seen: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {}
    for app in apps:
        for entry in load(catalogue(app)):
            key, texts = (entry.msgctxt or "", entry.msgid), _texts(entry)
            other, known = seen.setdefault(key, (app, texts))
            if known != texts:
                yield f"{app} and {other} translate {entry.msgid!r} in two ways"


COMMANDS = {"update": update, "compile": compile_catalogues, "check": check}


def main(arguments: list[str]) -> int:
    """Run one command for the apps that are named, or for all."""
    if not arguments or arguments[0] not in COMMANDS:
        print(__doc__)
        return 2
    every = slice_names(ROOT)
    unknown = set(arguments[1:]) - set(every)
    if unknown:
        print(f"There is no app {', '.join(sorted(unknown))}; there are {', '.join(every)}.")
        return 2
    return COMMANDS[arguments[0]](arguments[1:] or every)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
