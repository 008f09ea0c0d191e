"""``python -m tests.faults.serve <port> web worker beat``: those children under the product's supervisor, until TERM.

What ``manage.py up`` does once the database is ready; it also ends when the process that started it is gone.
"""

import os
import sys
import threading
import time
from pathlib import Path

from core.supervisor import Supervisor, demo_children

ROOT = Path(__file__).resolve().parents[2]


def main(port: int, *names: str) -> None:
    """Start the named children and keep them alive."""
    supervisor = Supervisor(
        environment=os.environ,
        cwd=ROOT,
        logs=Path(os.environ["HOMEGROUND_VAR"]) / "log",
        say=lambda text: print(text, flush=True),  # noqa: T201 - its log
    )
    supervisor.listen()
    specs = {spec.name: spec for spec in demo_children(port)}
    try:
        for name in names:
            supervisor.start(specs[name])
        threading.Thread(target=_stop_when_orphaned, args=(supervisor, os.getppid()), daemon=True).start()
        supervisor.run_until_stopped()
    finally:
        supervisor.stop()


def _stop_when_orphaned(supervisor: Supervisor, parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    supervisor.ask_to_stop()


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
