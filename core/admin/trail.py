"""The audit trail and the event log, to look at."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.admin.base import ReadOnlyAdmin, badge
from core.models import AuditEntry, Event


def as_json(value: Any) -> SafeString | str:
    """``value`` as indented JSON for a page."""
    if not value:
        return "—"
    return format_html("<pre class='hg-json'>{}</pre>", json.dumps(value, ensure_ascii=False, indent=2))


class AuditEntryAdmin(ReadOnlyAdmin):
    """Who did what, when and why."""

    menu_icon = "history"
    menu_order = 21
    list_display = ("at", "actor", "action", "subject", "reason")
    list_select_related = ("actor",)
    search_fields = ("=subject", "=action", "=actor__username")
    search_help_text = _("Exact subject, action or user name")
    ordering = ("-id",)
    fields = ("at", "actor", "action", "subject", "reason", "detail_json")

    @admin.display(description=_("detail"))
    def detail_json(self, entry: AuditEntry) -> SafeString | str:
        """The detail as JSON."""
        return as_json(entry.detail)


class DeliveryFilter(admin.SimpleListFilter):
    """Events that still wait, or were given up."""

    title = _("delivery")
    parameter_name = "delivery"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The two states that somebody may want to look for."""
        return [("due", _("waiting")), ("dead", _("given up"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """Both are answered by the partial index of what is due, or by few rows."""
        if self.value() == "due":
            return queryset.filter(delivered_at__isnull=True, dead=False)
        return queryset.filter(dead=True) if self.value() == "dead" else queryset


class EventAdmin(ReadOnlyAdmin):
    """What happened, and whether its effects were delivered."""

    menu_icon = "bolt"
    menu_order = 22
    list_display = ("occurred_at", "topic_and_version", "subject", "member_id", "delivery", "attempts")
    list_filter = (DeliveryFilter,)
    search_fields = ("=event_id", "=member_id")
    search_help_text = _("Exact event id or member key")
    ordering = ("-id",)
    fields = (
        ("topic", "version"), ("event_id", "subject"), ("member_id", "campaign_id"), ("occurred_at", "business_on"),
        ("delivery", "attempts"), ("delivered_at", "available_at"), ("is_test",), "payload_json",
    )  # fmt: skip

    @admin.display(description=_("topic"))
    def topic_and_version(self, event: Event) -> str:
        """Topic and version as handlers subscribe to them."""
        return f"{event.topic}/{event.version}"

    @admin.display(description=_("delivery"))
    def delivery(self, event: Event) -> SafeString:
        """Whether all handlers have acted."""
        if event.dead:
            return badge(_("given up"), "danger")
        return badge(_("waiting"), "info") if event.delivered_at is None else badge(_("delivered"), "success")

    @admin.display(description=_("payload"))
    def payload_json(self, event: Event) -> SafeString | str:
        """The payload as JSON."""
        return as_json(event.payload)
