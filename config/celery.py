"""The Celery application. The broker carries only ticks; everything that must not be lost is a database row."""

import os

from celery import Celery
from celery.signals import beat_init, setup_logging
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def broker_options(url: str) -> dict[str, object]:
    """Transport options for ``url``: filesystem (embedded default), Redis or RabbitMQ."""
    if url.startswith("filesystem"):
        folder = settings.BROKER_DIR
        for name in ("messages", "control"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        return {
            "data_folder_in": str(folder / "messages"),
            "data_folder_out": str(folder / "messages"),
            "control_folder": str(folder / "control"),
            "polling_interval": 0.1,  # the default of 1 s makes 7.5 messages a second
        }
    if url.startswith("redis"):
        return {"visibility_timeout": 900, "socket_timeout": 5, "socket_connect_timeout": 2}
    return {"confirm_publish": True}


app = Celery("homeground")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    broker_url=settings.BROKER_URL,
    broker_transport_options=broker_options(settings.BROKER_URL),
    broker_connection_retry_on_startup=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=8 if settings.BROKER_URL.startswith("filesystem") else 1,
    task_time_limit=120,
    task_default_expires=30,
    worker_max_tasks_per_child=1000,
    worker_enable_remote_control=not settings.BROKER_URL.startswith("filesystem"),
    task_default_queue_type="quorum" if settings.BROKER_URL.startswith("amqp") else "classic",
)
app.autodiscover_tasks()


@beat_init.connect
def _write_the_schedule(**_kwargs: object) -> None:
    """The ticks that the code declares become the rows that beat reads, whatever version wrote them last."""
    from core import ticks

    ticks.sync()


@setup_logging.connect
def _keep_our_logging(**_kwargs: object) -> None:
    """Celery must not replace the log configuration: its own would print task arguments."""
