"""Asking for prints, watching them, and taking the files: batches as a job, single codes at once."""

import base64
from typing import Any
from uuid import UUID

from django import forms
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminImageFieldWidget,
)

from core.admin.acts import Act, act_page, staff_of
from core.admin.pages import Page, pages
from core.errors import DomainError
from members.channels.admin.forms import area, choice, number, switch, text
from members.channels.models import ChannelCode, CodeBatch, PrintJob
from members.channels.rules import printing
from members.channels.services import print_jobs

DOWNLOAD = "channels.download_printjob"
LAYOUTS = (
    ("insert", _("package insert, 54 × 86 mm")), ("a6", _("card A6, 105 × 148 mm")), ("a5", _("card A5, 148 × 210 mm")),
    ("bare", _("the code alone")),
)  # fmt: skip
FORMATS = (("pdf", _("print PDF")), ("png", "PNG"), ("svg", "SVG"))
LEVELS = (("L", _("L: 7 %")), ("M", _("M: 15 %, usual")), ("Q", _("Q: 25 %")), ("H", _("H: 30 %, for rough handling")))
INKS: dict[str, tuple[Any, tuple[int, ...]]] = {
    "none": (_("no band"), ()),
    "tea": (_("tea green"), (55, 15, 70, 25)),
    "red": (_("festive red"), (5, 95, 85, 5)),
    "gold": (_("warm gold"), (5, 25, 75, 5)),
    "ink": (_("ink black"), (0, 0, 0, 100)),
}
CONTENT_TYPES = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
SINGLE = printing.PrintSpec(layout="bare", size_mm=40.0, on_sheets=False, show_label=True, formats=("png",))


class PrintForm(forms.Form):
    """What the printer gets. The sizes are checked against each other before anything is queued."""

    layout = choice(_("Card"), LAYOUTS, initial="insert")
    headline = text(_("Headline"), 40, _("On the card; short. Empty: only the code."))
    lines = area(_("Lines"), 400, _("At most six, one a line."))
    footer = text(_("Footer"), 60)
    ink = choice(_("Colour of the band"), [(name, label) for name, (label, _parts) in INKS.items()], initial="tea")
    size_mm = forms.DecimalField(
        label=_("Size of the code (mm)"), min_value=8, max_value=200, decimal_places=1, initial=30,
        widget=UnfoldAdminDecimalFieldWidget, help_text=_("Its white margin included. At least 20 for inserts."),
    )  # fmt: skip
    level = choice(_("Error correction"), LEVELS, initial="M")
    formats = forms.MultipleChoiceField(
        label=_("Files"), choices=FORMATS, initial=["pdf"], widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("All in one ZIP, with a list of all codes for the printer."),
    )  # fmt: skip
    dpi = number(_("Resolution of PNG (dpi)"), 72, 1200, initial=300)
    on_sheets = switch(_("On A4 sheets"), _("With crop marks; off: a card a page."), initial=True)
    bleed_mm = number(_("Bleed (mm)"), 0, 10, initial=3)
    show_label = switch(_("Name of the batch below the code"))
    logo = forms.FileField(
        label=_("Logo"), required=False, widget=UnfoldAdminImageFieldWidget,
        help_text=_("In the middle of the code; PNG, JPEG or WebP, at most 200 KB. Takes the strongest correction."),
    )  # fmt: skip

    def clean_logo(self) -> Any:
        """Small enough to be kept with the job."""
        file = self.cleaned_data["logo"]
        if file and file.size > printing.MOST_LOGO_BYTES:
            raise forms.ValidationError(_("The logo may have at most 200 KB."))
        return file


def spec_of(data: dict[str, Any]) -> printing.PrintSpec:
    """The specification that a valid form asks for."""
    logo = data["logo"]
    return printing.PrintSpec(
        layout=data["layout"], size_mm=float(data["size_mm"]), dpi=data["dpi"], level=data["level"],
        formats=tuple(data["formats"]), on_sheets=data["on_sheets"], bleed_mm=float(data["bleed_mm"]),
        headline=data["headline"], footer=data["footer"], accent=INKS[data["ink"]][1],
        lines=tuple(line.strip() for line in data["lines"].splitlines() if line.strip()),
        show_label=data["show_label"], logo=base64.b64encode(logo.read()).decode() if logo else "",
    )  # fmt: skip


def print_page(request: HttpRequest, batch: CodeBatch) -> HttpResponse:
    """Ask what to print, then queue it."""
    return act_page(
        request,
        Act(
            title=_("Print sheet"), button=_("Make the files"), form_class=PrintForm,
            perform=lambda data: print_jobs.request_print(batch=batch, spec=spec_of(data), actor=staff_of(request)),
            success=_("The files are being made. You can go on meanwhile."), back=batch_url(batch),
            lines=[(_("Batch"), batch.name), (_("Codes"), f"{batch.quantity:,}")],
            note=_("Every code is read back before anything is handed out. Print one sheet and scan it first."),
        ),
    )  # fmt: skip


def cancel_page(request: HttpRequest, job: PrintJob) -> HttpResponse:
    """Cancel after a yes."""
    return act_page(
        request,
        Act(
            title=_("Cancel this print job"), button=_("Cancel the job"), danger=True, form_class=forms.Form,
            success=_("It is cancelled."), back=batch_url(job.batch),
            lines=[(_("Batch"), job.batch.name), (_("Verified"), f"{job.verified:,} / {job.codes:,}")],
            perform=lambda _data: print_jobs.cancel_print(job=job, actor=staff_of(request)),
        ),
    )  # fmt: skip


def batch_url(batch: CodeBatch) -> str:
    """The batch's page."""
    return reverse("admin:channels_codebatch_change", args=[batch.pk])


def file_view(request: HttpRequest, job_id: UUID) -> Any:
    """The finished file, for those who may; each download is noted."""
    job = get_object_or_404(PrintJob.objects.select_related("batch"), pk=job_id)
    try:
        path = print_jobs.open_file(job=job, actor=staff_of(request))
    except DomainError as refusal:
        raise Http404(refusal.text()) from None
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{job.batch.name}.zip")


def code_file_view(request: HttpRequest, code_id: int, kind: str) -> HttpResponse:
    """One code as PNG, SVG or PDF, read back before it is handed out."""
    if kind not in CONTENT_TYPES:
        raise Http404
    code = get_object_or_404(ChannelCode.objects.select_related("batch"), pk=code_id)
    response = HttpResponse(print_jobs.draw_file(code, kind=kind, spec=SINGLE), content_type=CONTENT_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{code.code}.{kind}"'
    return response


pages.register(
    "channels-print-file", Page(path="channels/prints/<uuid:job_id>/file", view=file_view, permission=DOWNLOAD)
)
pages.register(
    "channels-code-file",
    Page(
        path="channels/codes/<int:code_id>/file.<str:kind>", view=code_file_view, permission="channels.view_channelcode"
    ),
)
