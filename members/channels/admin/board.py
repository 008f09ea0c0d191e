"""The pages of one channel and one batch, and the buttons on them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy as _

from core import clock
from core.admin.acts import Act, ReasonForm, act_page, staff_of
from core.admin.base import badge
from core.admin.pages import Page, page_url, pages, render
from members.channels.admin.formats import count, percent, yuan
from members.channels.admin.forms import BatchForm, ChannelForm, CostForm, LandingForm
from members.channels.admin.printing import DOWNLOAD, batch_url, cancel_page
from members.channels.errors import artwork_reason
from members.channels.models import Channel, ChannelCode, ChannelCost, CodeBatch, LandingRule, PrintJob
from members.channels.rules import funnel, landing
from members.channels.rules.codes import grouped
from members.channels.selectors import funnel as funnels
from members.channels.services import codes, planning, tree

STATE_TONES = {"draft": "info", "active": "success", "paused": "warning", "closed": "plain"}
JOB_TONES = {"queued": "info", "running": "info", "finished": "success", "failed": "danger", "cancelled": "plain"}
SHOWN_CODES = 100
REFRESH_SECONDS = 3
CHANGE = "channels.change_channel"
PRINT = "channels.add_printjob"


class _Later:
    """An address that is known after the act; the list before."""

    def __init__(self, made: list[Any], url: Callable[[Any], str], before: str) -> None:
        self._made, self._url, self._before = made, url, before

    def __str__(self) -> str:
        return self._url(self._made[0]) if self._made else self._before


def later(made: list[Any], url: Callable[[Any], str], before: str) -> str:
    """Where an act leads back to: to what it made, or to ``before`` when it made nothing (a double click)."""
    return cast("str", lazystr(_Later(made, url, before)))


def channel_url(channel: Channel) -> str:
    """The channel's page."""
    return reverse("admin:channels_channel_change", args=[channel.pk])


# ---- a channel -----------------------------------------------------------------------------------------------------
def channel_page(request: HttpRequest, channel: Channel, frame: dict[str, Any]) -> HttpResponse:
    """What the channel is, where it leads, what it costs, its batches, and its last thirty days."""
    today = clock.today()
    period = funnels.Period(today - timedelta(days=29), today, funnels.get_tree(), channel.pk)
    sums = funnel.total(line.sums for line in funnels.by_channel(period))
    costs = channel.costs.order_by("-first_on", "-id")[:50]
    batches = channel.batches.select_related("variant").order_by("-created_at")[:50]
    rules = LandingRule.objects.filter(channel=channel).order_by("-priority", "-id")
    can_change = request.user.has_perm(CHANGE)
    context = {
        "title": channel.name,
        "channel": channel,
        "path": period.tree.path_to(channel.pk)[:-1],
        "state": badge(channel.get_state_display(), STATE_TONES[channel.state]),
        "lines": _about(channel),
        "figures": [
            (_("scans"), count(sums.scans)), (_("unique"), count(sums.unique)), (_("joined"), count(sums.joined)),
            (_("joined of unique"), percent(funnel.bps(sums.joined, sums.unique))),
            (_("cost with gifts"), yuan(sums.spent_fen)), (_("cost per new member"), yuan(sums.cac_fen)),
        ],
        "funnel": page_url("channels-funnel") + f"?channel={channel.pk}",
        "landings": [(rule, *_landing(rule), page_url("channels-landing-remove", rule.pk)) for rule in rules],
        "fallback": landing.FALLBACK_PATH,
        "costs": [_cost(cost) for cost in costs],
        "batches": [(each, count(each.quantity), count(each.print_quantity)) for each in batches],
        "can_change": can_change,
        "links": {name: page_url(f"channels-{name}-add", channel.pk) for name in ("landing", "cost", "batch")},
    }  # fmt: skip
    return render(request, "channels/channel.html", frame | context)


def _cost(cost: ChannelCost) -> tuple[ChannelCost, str, str, str]:
    return cost, yuan(cost.amount_fen), count(cost.quantity), page_url("channels-cost-remove", cost.pk)


def _about(channel: Channel) -> list[tuple[Any, Any]]:
    return [
        (_("Level"), channel.get_kind_display()),
        (_("Type"), f"{channel.get_type_display()} · {channel.get_traffic_display()}"),
        (_("Runs"), window(channel.starts_at, channel.ends_at)),
        (_("Welcome kit"), channel.welcome_kit or _("as the channel above")),
        *([(_("Store"), channel.store)] if channel.store else []),
        *([(_("Owner"), channel.owner)] if channel.owner else []),
    ]


def window(starts_at: Any, ends_at: Any) -> str:
    """From when until when, in Shanghai; an open end is left out."""
    ends = [f"{clock.to_local(each):%Y-%m-%d %H:%M}" if each else "" for each in (starts_at, ends_at)]
    return f"{ends[0]} – {ends[1]}" if any(ends) else str(_("always"))


def _landing(rule: LandingRule) -> tuple[str, Any]:
    """When a landing holds, and how that stands now."""
    now = clock.now()
    if rule.ends_at and rule.ends_at <= now:
        state = badge(_("over"), "plain")
    elif rule.starts_at and rule.starts_at > now:
        state = badge(_("later"), "info")
    else:
        state = badge(_("in force"), "success")
    return window(rule.starts_at, rule.ends_at), state


def channel_form(request: HttpRequest, channel: Channel | None) -> HttpResponse:
    """Make a channel, or change one."""
    made: list[Channel] = []

    def perform(data: dict[str, Any]) -> None:
        row = channel or Channel()
        for name, value in _values(data).items():
            setattr(row, name, value)
        made.append(tree.save_channel(channel=row, actor=staff_of(request)))

    before = channel_url(channel) if channel else reverse("admin:channels_channel_changelist")
    return act_page(
        request,
        Act(
            title=_("Change the channel") if channel else _("New channel"), button=_("Save"), success=_("Saved."),
            form_class=ChannelForm, perform=perform, back=later(made, channel_url, before),
            initial=_initial(channel) if channel else {"parent": request.GET.get("parent", "")},
        ),
    )  # fmt: skip


def _values(data: dict[str, Any]) -> dict[str, Any]:
    values = dict(data)
    parent = values.pop("parent")
    return values | {"parent": get_object_or_404(Channel, pk=parent) if parent else None}


def _initial(channel: Channel) -> dict[str, Any]:
    names = ("name", "kind", "type", "traffic", "state", "owner", "starts_at", "ends_at", "welcome_kit", "store")
    return {name: getattr(channel, name) for name in names} | {"parent": str(channel.parent_id or "")}


def add_batch(request: HttpRequest, channel_id: Any) -> HttpResponse:
    """New codes."""
    channel, made = get_object_or_404(Channel, pk=channel_id), cast("list[CodeBatch]", [])
    return act_page(
        request,
        Act(
            title=_("New batch of codes"), button=_("Make the codes"), form_class=BatchForm,
            success=_("The codes are made. Have them printed from here."), lines=[(_("Channel"), channel.name)],
            back=later(made, batch_url, channel_url(channel)),
            perform=lambda data: made.append(codes.create_batch(channel=channel, actor=staff_of(request), **data)),
        ),
    )  # fmt: skip


def add_landing(request: HttpRequest, channel_id: Any) -> HttpResponse:
    """A new landing for all codes of a channel and below."""
    channel = get_object_or_404(Channel, pk=channel_id)
    return _landing_form(request, {"channel": channel}, channel.name, channel_url(channel))


def add_code_landing(request: HttpRequest, code_id: int) -> HttpResponse:
    """A landing of one code."""
    code = get_object_or_404(ChannelCode.objects.select_related("batch"), pk=code_id)
    return _landing_form(request, {"code": code}, grouped(code.code), batch_url(code.batch))


def _landing_form(request: HttpRequest, about: dict[str, Any], name: str, back: str) -> HttpResponse:
    def perform(data: dict[str, Any]) -> None:
        texts = {each: data.pop(each) for each in ("title_zh", "title_en", "text_zh", "text_en")}
        tree.set_landing(**about, **data, texts=texts, actor=staff_of(request))

    return act_page(
        request,
        Act(
            title=_("New landing"), button=_("Save"), form_class=LandingForm, back=back, perform=perform,
            success=_("Saved. Printed codes follow at once."), lines=[(_("For"), name)],
        ),
    )  # fmt: skip


def remove_landing(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Take a landing back, with a reason."""
    rule = get_object_or_404(LandingRule.objects.select_related("channel", "code__batch"), pk=rule_id)
    back = channel_url(rule.channel) if rule.channel else batch_url(cast("ChannelCode", rule.code).batch)
    return act_page(
        request,
        Act(
            title=_("Remove this landing"), button=_("Remove"), danger=True, form_class=ReasonForm, back=back,
            success=_("Removed."), lines=[(_("Landing"), str(rule))],
            perform=lambda data: planning.remove_landing(rule=rule, reason=data["reason"], actor=staff_of(request)),
        ),
    )  # fmt: skip


def add_cost(request: HttpRequest, channel_id: Any) -> HttpResponse:
    """What the channel costs."""
    channel = get_object_or_404(Channel, pk=channel_id)

    def perform(data: dict[str, Any]) -> None:
        fen = int(data.pop("amount_yuan") * 100)
        planning.add_cost(channel=channel, amount_fen=fen, **data, actor=staff_of(request))

    return act_page(
        request,
        Act(
            title=_("New cost"), button=_("Save"), success=_("Saved."), form_class=CostForm, perform=perform,
            back=channel_url(channel), lines=[(_("Channel"), channel.name)],
        ),
    )  # fmt: skip


def remove_cost(request: HttpRequest, cost_id: int) -> HttpResponse:
    """Take a wrong cost back, with a reason."""
    cost = get_object_or_404(ChannelCost.objects.select_related("channel"), pk=cost_id)
    return act_page(
        request,
        Act(
            title=_("Remove this cost"), button=_("Remove"), danger=True, form_class=ReasonForm,
            back=channel_url(cost.channel), success=_("Removed."),
            lines=[(_("Cost"), f"{cost} · {yuan(cost.amount_fen)}")],
            perform=lambda data: planning.remove_cost(cost=cost, reason=data["reason"], actor=staff_of(request)),
        ),
    )  # fmt: skip


def to_funnel(channel_id: str) -> HttpResponse:
    """On to the channel's funnel."""
    return redirect(page_url("channels-funnel") + "?" + urlencode({"channel": channel_id}))


# ---- a batch -------------------------------------------------------------------------------------------------------
def batch_page(request: HttpRequest, batch: CodeBatch, frame: dict[str, Any]) -> HttpResponse:
    """Its codes, and its print jobs as they stand; while one is being made the page looks again by itself."""
    jobs = list(batch.print_jobs.select_related("requested_by").order_by("-requested_at")[:20])
    can_take, can_print = request.user.has_perm(DOWNLOAD), request.user.has_perm(PRINT)
    shown = batch.codes.order_by("id")[:SHOWN_CODES]
    context = {
        "title": batch.name,
        "batch": batch,
        "channel_link": channel_url(batch.channel),
        "lines": [
            (_("Different codes"), count(batch.quantity)), (_("Printed pieces"), count(batch.print_quantity)),
            *([(_("Variant"), f"{batch.variant.experiment} · {batch.variant}")] if batch.variant else []),
        ],
        "jobs": [_job(job, can_take=can_take, can_print=can_print) for job in jobs],
        "codes": [(grouped(code.code), code, [(kind, _file(code, kind)) for kind in ("png", "svg", "pdf")],
                   page_url("channels-code-landing", code.pk)) for code in shown],
        "can_change": request.user.has_perm(CHANGE),
        "more": max(0, batch.quantity - SHOWN_CODES),
    }  # fmt: skip
    response = render(request, "channels/batch.html", frame | context)
    if any(job.state in {"queued", "running"} for job in jobs):
        response["Refresh"] = str(REFRESH_SECONDS)
    return response


def _file(code: ChannelCode, kind: str) -> str:
    return page_url("channels-code-file", code.pk, kind)


def _job(job: PrintJob, *, can_take: bool, can_print: bool) -> dict[str, Any]:
    is_open = job.state in {"queued", "running"}
    return {
        "job": job,
        "state": badge(_("is being cancelled"), "warning") if is_open and job.is_cancel_requested
        else badge(job.get_state_display(), JOB_TONES[job.state]),
        "verified": f"{job.verified:,} / {job.codes:,}",
        "is_open": is_open,
        "failure": artwork_reason(job.failure) if job.failure else "",
        "file": page_url("channels-print-file", job.pk) if can_take and job.file else "",
        "cancel": page_url("channels-print-cancel", job.pk) if can_print and is_open else "",
    }  # fmt: skip


def cancel(request: HttpRequest, job_id: Any) -> HttpResponse:
    """Cancel a print job."""
    return cancel_page(request, get_object_or_404(PrintJob.objects.select_related("batch"), pk=job_id))


OWN_PAGES = {
    "batch-add": ("channel/<uuid:channel_id>/batch/", add_batch, "channels.add_codebatch"),
    "landing-add": ("channel/<uuid:channel_id>/landing/", add_landing, CHANGE),
    "code-landing": ("codes/<int:code_id>/landing/", add_code_landing, CHANGE),
    "landing-remove": ("landings/<int:rule_id>/remove/", remove_landing, CHANGE),
    "cost-add": ("channel/<uuid:channel_id>/cost/", add_cost, CHANGE),
    "cost-remove": ("costs/<int:cost_id>/remove/", remove_cost, CHANGE),
    "print-cancel": ("prints/<uuid:job_id>/cancel/", cancel, PRINT),
}
for _name, (_path, _view, _permission) in OWN_PAGES.items():
    pages.register(f"channels-{_name}", Page(path=f"channels/{_path}", view=_view, permission=_permission))
