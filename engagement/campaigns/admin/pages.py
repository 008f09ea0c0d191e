"""The campaign's own pages: create from a template, edit with checklist and preview, improve, read the rules."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit, clock
from core.admin.acts import staff_of
from core.errors import DomainError, NotFound
from core.idempotency import Answer, Once, parse_key, request_hash
from engagement.campaigns import selectors, services
from engagement.campaigns.admin.forms import CampaignForm, ImproveForm, TemplateForm, templates
from engagement.campaigns.contract import FieldGroup, mechanisms
from engagement.campaigns.models import Campaign

ACTIONS = {
    "campaigns.create": gettext_lazy("made from a template"),
    "campaigns.clone": gettext_lazy("made as a copy"),
    "campaigns.edit": gettext_lazy("edited"),
    "campaigns.publish": gettext_lazy("published"),
    "campaigns.change": gettext_lazy("improved"),
    "campaigns.pause": gettext_lazy("paused"),
    "campaigns.resume": gettext_lazy("resumed"),
    "campaigns.end": gettext_lazy("ended early"),
    "campaigns.archive": gettext_lazy("archived"),
}


def campaign_url(campaign: Campaign) -> str:
    """The campaign's page."""
    return reverse("admin:campaigns_campaign_change", args=[campaign.pk])


def period_of(campaign: Campaign) -> str:
    """From when until when, in Shanghai."""
    start, end = clock.to_local(campaign.starts_at), clock.to_local(campaign.ends_at)
    return f"{start:%Y-%m-%d %H:%M} – {end:%Y-%m-%d %H:%M}"


def find(model_admin: Any, request: HttpRequest, object_id: str, permission: str = "view") -> Campaign:
    """The campaign, or 403 / 404."""
    if not getattr(model_admin, f"has_{permission}_permission")(request):
        raise PermissionDenied
    try:
        return selectors.get_campaign(object_id)
    except NotFound:
        raise Http404 from None


# ---- create --------------------------------------------------------------------------------------------------------
def create_page(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Choose a template, a name and a period: one POST makes the draft, however often it is sent."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    form = TemplateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            answer = _create_once(request, form)
        except DomainError as refusal:
            form.add_error(None, refusal.text())
        else:
            if answer.status == 201:
                messages.success(request, _("The draft is made. Look through it, then publish."))
                return redirect(reverse("admin:campaigns_campaign_change", args=[answer.body]))
            form.add_error(None, str(answer.body))
    context = {"form": form, "templates": templates(), "key": uuid.uuid4().hex, "title": _("New campaign")}
    return _render(model_admin, request, "campaigns/create.html", context)


def _create_once(request: HttpRequest, form: TemplateForm) -> Answer:
    mechanism, _sep, key = form.cleaned_data["template"].partition(":")

    def act() -> Answer:
        campaign = services.create_from_template(
            mechanism=mechanism,
            template_key=key,
            name=form.cleaned_data["name"],
            starts_at=form.cleaned_data["starts_at"],
            ends_at=form.cleaned_data["ends_at"],
            actor=staff_of(request),
        )
        return Answer(201, str(campaign.pk))

    digest = request_hash("POST", request.path, request.POST.urlencode().encode())
    once = Once("staff", staff_of(request).pk, parse_key(request.POST.get("act_key", "")) or "", digest)
    return once.run(act, lambda refusal: Answer(refusal.status, refusal.text()))


# ---- edit, improve -------------------------------------------------------------------------------------------------
def campaign_page(model_admin: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    """A draft's form beside its checklist, preview and cost; what is published is shown, not edited."""
    campaign = find(model_admin, request, object_id)
    can_edit = campaign.is_draft and model_admin.has_change_permission(request)
    if request.method == "POST" and not can_edit:
        raise PermissionDenied
    forms_ = _forms(request, campaign)
    if request.method == "POST" and _all_valid(forms_):
        done = _save(request, forms_, lambda: _edit(request, campaign, forms_), _("Saved."))
        if done:
            return redirect(campaign_url(campaign))
    if not can_edit:
        for form in forms_:
            for field in form.fields.values():
                field.disabled = True
    context = {"forms": forms_, "can_edit": can_edit, "action": ""}
    return _workbench(model_admin, request, campaign, context)


def improve_page(model_admin: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    """Change a published campaign in the members' favour, with a reason."""
    campaign = find(model_admin, request, object_id, "publish")
    if not campaign.is_live:
        messages.error(request, _("Only a published campaign that is not over can be improved."))
        return redirect(campaign_url(campaign))
    forms_ = [*_forms(request, campaign, improving=True), ImproveForm(request.POST or None, prefix="improve")]
    if request.method == "POST" and _all_valid(forms_):
        done = _save(request, forms_, lambda: _improve(request, campaign, forms_), _("The new version is published."))
        if done:
            return redirect(campaign_url(campaign))
    context = {"forms": forms_, "can_edit": True, "action": "improve"}
    return _workbench(model_admin, request, campaign, context)


def _forms(request: HttpRequest, campaign: Campaign, *, improving: bool = False) -> list[Any]:
    mechanism = mechanisms.get(campaign.mechanism)
    data = request.POST if request.method == "POST" else None
    own = mechanism.form_class()(data, prefix="settings", settings=mechanism.settings_of(campaign.pk))
    return [CampaignForm(data, campaign=campaign, improving=improving), own]


def _all_valid(forms_: list[Any]) -> bool:
    valid = [form.is_valid() for form in forms_]  # each form looks at its own data, whatever the others say
    return all(valid)


def _edit(request: HttpRequest, campaign: Campaign, forms_: list[Any]) -> None:
    services.edit_draft(
        campaign=campaign,
        revision=_revision(request),
        fields=forms_[0].campaign_fields(),
        settings=forms_[1].settings(),
        actor=staff_of(request),
    )


def _improve(request: HttpRequest, campaign: Campaign, forms_: list[Any]) -> None:
    services.change_running(
        campaign=campaign,
        revision=_revision(request),
        reason=forms_[2].cleaned_data["reason"],
        fields=forms_[0].campaign_fields(),
        settings=forms_[1].settings(),
        actor=staff_of(request),
    )


def _revision(request: HttpRequest) -> int:
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def _save(request: HttpRequest, forms_: list[Any], act: Callable[[], None], success: str) -> bool:
    """Do ``act``; a refusal goes to the fields that it names, or above the form."""
    try:
        act()
    except DomainError as refusal:
        form, placed = forms_[0], 0
        for each in getattr(refusal, "errors", []):
            name = each.pointer.strip("/").split("/")[-1]
            if name in form.fields:
                form.add_error(name, each.message or refusal.text())
                placed += 1
        if not placed:
            form.add_error(None, refusal.text())
        return False
    messages.success(request, success)
    return True


def _workbench(model_admin: Any, request: HttpRequest, campaign: Campaign, context: dict[str, Any]) -> HttpResponse:
    mechanism = mechanisms.get(campaign.mechanism)
    kernel, settings = campaign.as_config(), mechanism.settings_of(campaign.pk)
    findings = services.checklist(campaign) if campaign.is_draft else []
    boxes = [box for form in context["forms"][:2] for box in _boxes(form, form.groups)]
    actions = model_admin.get_actions_detail(request, str(campaign.pk))
    context |= {
        "title": campaign.name,
        "campaign": campaign,
        "status": Campaign.Status(campaign.status_now).label,
        "mechanism": mechanism,
        "boxes": boxes,
        "reason_form": context["forms"][2] if len(context["forms"]) > 2 else None,
        "findings": findings,
        "is_ready": campaign.is_draft and not any(each.blocks for each in findings),
        "costs": mechanism.simulate(kernel, settings),
        "preview": mechanism.preview(kernel, settings),
        "preview_template": getattr(mechanism, "preview_template", "") or "campaigns/preview.html",
        "trail": [(each, ACTIONS.get(each.action, each.action)) for each in audit.trail(campaign.subject, limit=10)],
        "back": campaign_url(campaign),
        "actions_detail": model_admin._get_actions_navigation(  # noqa: SLF001 - unfold's own way to its buttons
            model_admin.actions_detail, actions, str(campaign.pk)
        ),
    }
    return _render(model_admin, request, "campaigns/workbench.html", context)


def _boxes(form: Any, groups: list[FieldGroup]) -> list[dict[str, Any]]:
    return [
        {"title": group.title, "hint": group.hint, "fields": [form[name] for name in group.fields]} for group in groups
    ]


# ---- rules page ----------------------------------------------------------------------------------------------------
def rules_page(model_admin: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    """The rules page: of a draft as it would be, of a published campaign each version with its fingerprint."""
    campaign = find(model_admin, request, object_id)
    versions = list(campaign.versions.select_related("published_by").order_by("-number")[:20])
    if not versions:
        versions = [_draft_rules(campaign)]
    context = {"title": _("Rules page"), "campaign": campaign, "versions": versions, "back": campaign_url(campaign)}
    return _render(model_admin, request, "campaigns/rules.html", context)


def _draft_rules(campaign: Campaign) -> Any:
    mechanism = mechanisms.get(campaign.mechanism)
    arguments = (mechanism, campaign.as_config(), mechanism.settings_of(campaign.pk))
    return {
        "rules_zh": services.rules_text(*arguments, services.CHINESE),
        "rules_en": services.rules_text(*arguments, services.ENGLISH),
    }


def _render(model_admin: Any, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    frame = model_admin.admin_site.each_context(request)
    return TemplateResponse(request, template, frame | {"model_admin": model_admin} | context)
