"""The screens of check-ins: what happened, to look at. Settings are edited on the campaign's own page."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin.base import ReadOnlyAdmin
from engagement.checkins.models import CheckIn, CheckInStanding, MakeUpCardEntry


@admin.register(CheckIn)
class CheckInAdmin(ReadOnlyAdmin):
    """Every day that counts."""

    menu_icon = "event_available"
    menu_order = 30
    list_display = ("checked_on", "member", "campaign", "kind", "streak", "tally", "points", "at")
    list_select_related = ("member", "campaign")
    list_filter = ("kind",)
    search_fields = ("=member__member_no",)
    search_help_text = _("Member number")
    ordering = ("-id",)


@admin.register(CheckInStanding)
class CheckInStandingAdmin(ReadOnlyAdmin):
    """Where members stand."""

    menu_icon = "leaderboard"
    menu_order = 31
    list_display = ("member", "campaign", "streak", "longest", "tally", "last_on", "reminder")
    list_select_related = ("member", "campaign")
    search_fields = ("=member__member_no",)
    search_help_text = _("Member number")
    ordering = ("-id",)


@admin.register(MakeUpCardEntry)
class MakeUpCardEntryAdmin(ReadOnlyAdmin):
    """The ledger of make-up cards."""

    menu_icon = "style"
    menu_order = 32
    list_display = ("id", "member", "delta", "count_after", "source_kind", "at")
    list_select_related = ("member",)
    search_fields = ("=member__member_no",)
    search_help_text = _("Member number")
    ordering = ("-id",)
