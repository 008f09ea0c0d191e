"""The app config of the ground; it also sets how integers travel to PostgreSQL."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    """Registers what Django must know before the first query."""

    name = "core"
    verbose_name = _("System")

    def ready(self) -> None:
        from core import checks, outbox, reconcile  # noqa: F401 - importing registers the system checks

        reconcile.checks.register("core.events", reconcile.Check(_("Events are delivered"), outbox.stuck))
        _send_integers_as_bigint()


def _send_integers_as_bigint() -> None:
    """psycopg types each integer by its size: one INSERT would become four prepared statements."""
    import psycopg
    from psycopg.types.numeric import Int8Dumper

    psycopg.adapters.register_dumper(int, Int8Dumper)
