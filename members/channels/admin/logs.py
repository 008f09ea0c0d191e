"""Codes, scans, attributions and print jobs, to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from core.admin.base import ReadOnlyAdmin, badge, data
from members.channels.admin import board
from members.channels.errors import CodeMistyped
from members.channels.models import Attribution, ChannelCode, PrintJob, Scan
from members.channels.rules.codes import grouped, read


@admin.register(ChannelCode)
class ChannelCodeAdmin(ReadOnlyAdmin):
    """All codes, to find one that somebody reads out."""

    menu_icon = "pin"
    menu_order = 25
    list_display = ("shown_code", "batch", "channel", "label")
    list_select_related = ("batch__channel",)
    search_fields = ("=code",)
    search_help_text = _("The whole code, as it is printed")
    ordering = ("-id",)
    fields = ("shown_code", "batch_link", "channel", "label", "tags")

    @admin.display(description=_("code"))
    def shown_code(self, code: ChannelCode) -> Any:
        """The code in groups."""
        return data(grouped(code.code))

    @admin.display(description=_("channel"))
    def channel(self, code: ChannelCode) -> str:
        """Whose it is."""
        return str(code.batch.channel)

    @admin.display(description=_("batch"))
    def batch_link(self, code: ChannelCode) -> Any:
        """The way to the batch, where codes are printed and led elsewhere."""
        return format_html('<a class="hg-link" href="{}">{}</a>', board.batch_url(code.batch), code.batch)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ChannelCode], search_term: str
    ) -> tuple[QuerySet[ChannelCode], bool]:
        """As people write codes: any case, with hyphens, O for 0."""
        if not search_term:
            return queryset, False
        try:
            return queryset.filter(code=read(search_term)), False
        except CodeMistyped:
            return queryset.none(), False


@admin.register(PrintJob)
class PrintJobAdmin(ReadOnlyAdmin):
    """Print jobs of all batches; they are asked for and taken on a batch's page."""

    menu_icon = "print"
    menu_order = 26
    offered_verbs = ("add", "view")
    list_display = ("requested_at", "batch_link", "shown_state", "progress", "pages", "requested_by")
    list_display_links = None
    list_select_related = ("batch", "requested_by")
    list_filter = ("state",)
    ordering = ("-requested_at",)
    fields = ("batch", "state", "codes", "verified", "pages", "failure", "requested_by", "requested_at", "finished_at")

    @admin.display(description=_("batch"))
    def batch_link(self, job: PrintJob) -> Any:
        """The way to the batch."""
        return format_html('<a class="hg-link" href="{}">{}</a>', board.batch_url(job.batch), job.batch)

    @admin.display(description=_("state"))
    def shown_state(self, job: PrintJob) -> Any:
        """The state as a badge."""
        return badge(job.get_state_display(), board.JOB_TONES[job.state])

    @admin.display(description=_("verified"))
    def progress(self, job: PrintJob) -> str:
        """How many codes have been made and read back."""
        return f"{job.verified:,} / {job.codes:,}"


@admin.register(Scan)
class ScanAdmin(ReadOnlyAdmin):
    """Scans, the newest first; addresses aren't shown."""

    menu_icon = "qr_code_scanner"
    menu_order = 50
    list_display = ("scanned_at", "shown_code", "batch", "via", "member", "flags")
    list_select_related = ("code", "batch", "member")
    search_fields = ("=code__code",)
    search_help_text = _("The whole code, as it is printed")
    ordering = ("-id",)
    fields = ("scanned_at", "shown_code", "batch", "via", "member", "claimed_at", "scene", "flags")

    @admin.display(description=_("code"))
    def shown_code(self, scan: Scan) -> Any:
        """The code in groups."""
        return data(grouped(scan.code.code))

    @admin.display(description=_("left out"))
    def flags(self, scan: Scan) -> Any:
        """Why a scan isn't counted."""
        if scan.is_test:
            return badge(_("test"), "warning")
        return badge(_("staff"), "warning") if scan.is_staff else ""


@admin.register(Attribution)
class AttributionAdmin(ReadOnlyAdmin):
    """Which channel brought a member: the first touch and the last."""

    menu_icon = "conversion_path"
    menu_order = 60
    list_display = ("member", "first_channel", "first_scan_at", "last_channel", "last_scan_at", "joined_on")
    list_select_related = ("member", "first_channel", "last_channel")
    search_fields = ("=member__member_no",)
    search_help_text = _("The whole member number")
    ordering = ("-id",)
    fields = (
        "member", ("first_channel", "first_scan_at"), ("last_channel", "last_scan_at"),
        ("signed_in_on", "joined_on"), ("acted_on", "ordered_on"), "is_excluded",
    )  # fmt: skip
