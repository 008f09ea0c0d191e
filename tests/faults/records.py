"""``var/faults.json``: what the fault tests did and found, one record a case."""

import fcntl
import json
from dataclasses import asdict, dataclass
from pathlib import Path

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


def keep(record: Record) -> Record:
    """Put ``record`` into the file in place of an earlier one of the same case."""
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    with REPORT.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        known = json.loads(file.read() or "[]")
        kept = [each for each in known if each["case"] != record.case]
        file.truncate(0)
        json.dump(sorted([*kept, asdict(record)], key=lambda each: each["case"]), file, ensure_ascii=False, indent=1)
    return record
