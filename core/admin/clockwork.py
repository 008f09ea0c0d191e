"""The schedule that beat reads: the code declares the ticks (``core.ticks``), here they can be paused."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin.base import ModelAdmin


class PeriodicTaskAdmin(ModelAdmin):
    """A tick and its time, which the code declares; here it can be switched off and on."""

    menu_icon = "schedule"
    menu_order = 30
    list_display = ("name", "enabled", "interval", "crontab", "last_run_at", "total_run_count")
    list_filter = ("enabled",)
    list_select_related = ("interval", "crontab")
    search_fields = ("name",)
    fieldsets = (
        (None, {"fields": ("name", "enabled")}),
        (_("Schedule"), {"fields": ("interval", "crontab", "last_run_at", "total_run_count")}),
    )
    readonly_fields = ("name", "interval", "crontab", "last_run_at", "total_run_count")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The code declares what there is."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The next start would bring it back: switch it off instead."""
        return False
