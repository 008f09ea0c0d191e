"""``var/faults.json``: what the fault tests did and found, one record a case."""

import fcntl
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

REPORT = Path(__file__).resolve().parents[2] / "var" / "faults.json"


@dataclass(frozen=True)
class Record:
    """``faults`` that were inflicted during ``operations``; ``control`` is what a broken build shows instead."""

    case: str
    operations: int
    faults: int
    violations: int
    lost: int
    doubled: int
    recovery_s_max: float
    control: int | None = None


def keep(record: Record) -> None:
    """Put ``record`` into ``var/faults.json``."""
    keep_line(REPORT, asdict(record))


def keep_line(report: Path, line: dict[str, Any]) -> None:
    """Put ``line`` into a file of records in place of an earlier one of the same case; others may write it too."""
    report.parent.mkdir(parents=True, exist_ok=True)
    with report.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        known = json.loads(file.read() or "[]")
        kept = [each for each in known if each["case"] != line["case"]]
        file.truncate(0)
        json.dump(sorted([*kept, line], key=lambda each: each["case"]), file, ensure_ascii=False, indent=1)
