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
        _register_purges()
        _send_integers_as_bigint()


def _register_purges() -> None:
    from core import contract, idempotency, retention

    for name, purge in {
        "core.events": contract.Purge(_("Events"), retention.EVENT_DAYS, retention.purge_events),
        "core.inbox": contract.Purge(_("What handlers acted on"), retention.EVENT_DAYS, retention.purge_inbox),
        "core.answers": contract.Purge(
            _("Answers to idempotency keys"), idempotency.KEEP_DAYS, retention.purge_answers
        ),
    }.items():
        contract.purges.register(name, purge)


def _send_integers_as_bigint() -> None:
    """psycopg types each integer by its size: one INSERT would become four prepared statements."""
    import psycopg
    from psycopg.types.numeric import Int8Dumper

    psycopg.adapters.register_dumper(int, Int8Dumper)
