"""Reads: the configured apps, whom a pushed message is about, and what an operator must mend."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings

from core import clock
from core.reconcile import Finding
from platforms.wechat import errors
from platforms.wechat.models import Fault, PushMessage
from platforms.wechat.rules import apps

FAULT_AGE = timedelta(hours=24)


@dataclass(frozen=True)
class PushSubject:
    """Whom a pushed message is about: the app, the person's openid there, and when WeChat sent it."""

    app_id: str
    openid: str = field(repr=False)
    sent_at: datetime


def configured() -> dict[str, apps.App]:
    """The apps of ``WECHAT_APPS`` by id."""
    return apps.parse(settings.WECHAT_APPS)


def get_app(app_id: str) -> apps.App:
    """The configured app; ``UnknownApp``."""
    try:
        return configured()[app_id]
    except KeyError:
        raise errors.UnknownApp from None


def subject_of(push_id: int) -> PushSubject | None:
    """Whom the message behind an event (its ``push_id``) is about; ``None`` after 30 days, when its row is purged."""
    row = PushMessage.objects.filter(pk=push_id).values("app_id", "openid", "sent_at").first()
    return PushSubject(**row) if row else None


def faults() -> Iterator[Finding]:
    """What WeChat refused in the last day for a reason that only an operator can mend (a reconciliation check)."""
    for fault in Fault.objects.filter(last_at__gt=clock.now() - FAULT_AGE).order_by("id"):
        rid = f", rid {fault.rid}" if fault.rid else ""
        yield Finding(f"wechat:{fault.app_id}:{fault.errcode}", f"WeChat answers {fault.errcode}{rid}")
