"""Takes the guard away: the effect commits first, its answer later and by itself. Only the controls load this."""

import time
from collections.abc import Callable

from django.apps import AppConfig

from core import errors
from core.idempotency import Answer, Once

WINDOW = 0.05  # seconds between the two commits: what a machine under load gives by itself, now and then


def run_apart(self: Once, act: Callable[[], Answer], render_refusal: Callable[[errors.DomainError], Answer]) -> Answer:
    """``Once.run`` as it is often written: look the key up, do the act, store the answer."""
    if not is_free(self):
        return self._stored()
    try:
        answer = act()
    except errors.DomainError as refusal:
        if not refusal.is_final:
            raise
        answer = render_refusal(refusal)
    time.sleep(WINDOW)
    return self._store_refusal(answer)


def is_free(once: Once) -> bool:
    """Whether nobody has stored an answer yet; nothing holds the key meanwhile."""
    try:
        once._stored()
    except errors.Busy:
        return True
    return False


class BrokenConfig(AppConfig):
    """Replaces ``Once.run``."""

    name = "tests.faults.broken"
    label = "fault_broken"

    def ready(self) -> None:
        """Break it."""
        Once.run = run_apart  # type: ignore[method-assign]
