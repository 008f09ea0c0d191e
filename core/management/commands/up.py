"""``make run``: the demo with its web, worker and beat, until Ctrl-C. `bootstrap.py run` sets the environment."""

import os
import socket
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from core.demo import DEMO_PASSWORD, DEMO_STAFF, DemoDatabase, DemoRefusal, ensure_loopback
from core.supervisor import Supervisor, demo_children, is_healthy

START_SECONDS = 45.0
BANNER = """
Homeground (主场) is running.

  API documentation   {base}/api/docs/
  Admin               {base}/{admin}   sign in as {user} with {password}
  Health              {base}/healthz

First sign-in, to paste into another terminal:

  curl -s {base}/api/v1/sessions -H 'Content-Type: application/json' \\
       -d '{{"platform":"sandbox","code":"demo-lan"}}'

Logs are in {logs}. Ctrl-C stops everything; `make run` goes on with the same data, `make run FRESH=1` starts over.
"""


class Command(BaseCommand):
    """Prepare the database, start the children, say where they are, keep them alive."""

    help = "Run the demo (web, worker, beat) on the loopback until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
        parser.add_argument("--host", default="127.0.0.1", help="only the loopback is accepted")
        parser.add_argument("--prepare-only", action="store_true", help="make the database ready and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.HOMEGROUND_DEMO:
            raise CommandError("`up` runs the demo only; start it with `make run`. Production: docs/operations.md.")
        try:
            ensure_loopback(options["host"])
            self._ensure_port_free(options["port"])
            self.stdout.write(DemoDatabase().prepare(fresh=os.environ.get("FRESH", "") not in {"", "0"}))
        except DemoRefusal as refusal:
            raise CommandError(str(refusal)) from refusal
        except KeyboardInterrupt:
            return  # a database that was being filled is begun anew at the next start
        connections.close_all()
        if not options["prepare_only"]:
            self._serve(options["port"])

    def _ensure_port_free(self, port: int) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise DemoRefusal(
                    f"Port {port} cannot be used ({error.strerror}); choose another with PORT=."
                ) from error

    def _serve(self, port: int) -> None:
        """Web first, so that it answers early; worker and beat once it does."""
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        logs = settings.VAR_DIR / "log"
        supervisor = Supervisor(environment=os.environ, cwd=settings.BASE_DIR, logs=logs, say=self._say)
        supervisor.listen()
        web, *others = demo_children(port)
        try:
            child = supervisor.start(web)
            if not supervisor.wait_for(lambda: is_healthy(port), seconds=START_SECONDS):
                if not supervisor.is_stopping:
                    raise CommandError(f"The web server did not come up. The end of its log:\n{child.log_tail()}")
                return
            for spec in others:
                supervisor.start(spec)
            self._say(self._banner(port))
            supervisor.run_until_stopped()
            self._say("Stopping …")
        finally:
            supervisor.stop()

    def _banner(self, port: int) -> str:
        base = f"http://127.0.0.1:{port}"
        logs = settings.VAR_DIR / "log"
        return BANNER.format(base=base, admin=settings.ADMIN_PATH, user=DEMO_STAFF, password=DEMO_PASSWORD, logs=logs)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
