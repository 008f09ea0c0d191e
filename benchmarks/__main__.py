"""``python -m benchmarks [--soak] [case …]``: run the cases and keep their records in ``var/bench.json``.

Each module of this package may declare ``CASES`` (and ``SOAK`` for what takes long): a name and a callable that
measures and returns one record or several. ``make bench CASE=check-in`` runs one.
"""

import importlib
import json
import os
import pkgutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import benchmarks
from benchmarks.servers import NotMeasured

VAR = Path(os.environ.get("HOMEGROUND_VAR", "var"))
Case = Callable[[], "dict[str, Any] | list[dict[str, Any]]"]


def cases(attribute: str) -> dict[str, Case]:
    """All declared cases, by name. A module that declares none is not imported: some set Django up their own way."""
    found: dict[str, Case] = {}
    for module in pkgutil.iter_modules(benchmarks.__path__):
        source = Path(benchmarks.__path__[0]) / f"{module.name}.py"
        if module.name != "__main__" and f"\n{attribute} = " in source.read_text(encoding="utf-8"):
            found |= getattr(importlib.import_module(f"benchmarks.{module.name}"), attribute, {})
    return found


def keep(records: list[dict[str, Any]], path: Path) -> None:
    """Add ``records`` to the file, in place of older ones of the same case."""
    old = json.loads(path.read_text()) if path.exists() else []
    new = {record["case"] for record in records}
    path.parent.mkdir(parents=True, exist_ok=True)
    merged = [record for record in old if record["case"] not in new] + records
    path.write_text(json.dumps(sorted(merged, key=lambda record: record["case"]), indent=1) + "\n")


def main(arguments: list[str]) -> int:
    """Run what is asked; 1 when a case could not be measured."""
    soak = "--soak" in arguments
    available = cases("SOAK" if soak else "CASES")
    wanted = [name for name in arguments if not name.startswith("--")]
    wanted = wanted or [name for name in os.environ.get("CASE", "").split(",") if name] or sorted(available)
    unknown = [name for name in wanted if name not in available]
    if unknown:
        print(f"There is no case {', '.join(unknown)}; choose from {', '.join(sorted(available))}.")
        return 2
    failed = 0
    for name in wanted:
        try:
            records = available[name]()
        except NotMeasured as reason:
            print(f"{name}: not measured. {reason}", file=sys.stderr)
            failed += 1
        else:
            records = records if isinstance(records, list) else [records]
            keep(records, VAR / ("soak.json" if soak else "bench.json"))
            for record in records:
                print(json.dumps(record, ensure_ascii=False))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
