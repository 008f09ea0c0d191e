"""Pages that ask for a reason and then do one act through a service.

In a slice's ``admin.py``::

    actions_detail = ["block"]

    @action(description=_("Block"), url_path="block", permissions=["accounts.block_member"])  # unfold.decorators
    def block(self, request, object_id):
        member = get_object_or_404(Member, pk=object_id)
        return act_page(request, Act(
            title=_("Block this member"), button=_("Block"), success=_("The member is blocked."), danger=True,
            lines=[(_("Member"), str(member))], back=reverse("admin:accounts_member_change", args=[member.pk]),
            perform=lambda data: services.block(member=member, actor=staff_of(request), reason=data["reason"]),
        ))
"""

import hashlib
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from core.errors import DomainError
from core.idempotency import Answer, Once, parse_key, request_hash
from core.models import StaffUser

Text = str | Promise
KEY_FIELD = "act_key"


class ReasonForm(forms.Form):
    """A reason, which is required; subclass it for an act that needs more. Use unfold's widgets for its fields."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("Kept in the audit trail with your name."),
    )
    field_order = ["...", "reason"]


@dataclass(frozen=True, kw_only=True)
class Act:
    """What the page says and does. ``perform(cleaned_data)`` calls one command; its refusals are shown as they read."""

    title: Text
    button: Text
    success: Text
    perform: Callable[[dict[str, Any]], object]
    back: str
    lines: Sequence[tuple[Text, object]] = ()
    note: Text = ""
    danger: bool = False
    form_class: type[forms.Form] = ReasonForm
    initial: dict[str, Any] = field(default_factory=dict)


def staff_of(request: HttpRequest) -> StaffUser:
    """The signed-in staff user; admin views are never open to anybody else."""
    if not isinstance(request.user, StaffUser):
        raise PermissionDenied
    return request.user


def act_page(request: HttpRequest, act: Act) -> HttpResponse:
    """Ask (GET), or do it once (POST) and go back. A double click does it once; a refusal changes nothing."""
    if request.method != "POST":
        return _ask(request, act, act.form_class(initial=act.initial))
    form = act.form_class(request.POST, request.FILES)
    if not form.is_valid():
        return _ask(request, act, form)
    try:
        refusal = _do_once(request, act, form.cleaned_data)
    except DomainError as error:  # not final: busy, or the key was used for something else
        refusal = error.text()
    if refusal:
        messages.error(request, refusal)
        return _ask(request, act, form)
    messages.success(request, str(act.success))
    return redirect(act.back)


def _do_once(request: HttpRequest, act: Act, data: dict[str, Any]) -> str:
    """Perform under the form's own key; the text of the refusal, or nothing."""
    key = parse_key(request.POST.get(KEY_FIELD, "")) or ""
    once = Once("staff", staff_of(request).pk, key, request_hash("POST", request.path, _sent(request)))

    def perform() -> Answer:
        act.perform(data)
        return Answer(200, "")

    answer = once.run(perform, lambda error: Answer(error.status, error.text()))
    return str(answer.body)


def _sent(request: HttpRequest) -> bytes:
    """What the form says, in one form for both encodings: a multipart body can't be read a second time."""
    fields = {name: request.POST.getlist(name) for name in sorted(request.POST) if name != "csrfmiddlewaretoken"}
    files = {}
    for name, file in sorted(request.FILES.items()):
        if isinstance(file, UploadedFile):
            files[name] = [file.name, hashlib.sha256(file.read()).hexdigest()]
            file.seek(0)
    return json.dumps([fields, files]).encode()


def _ask(request: HttpRequest, act: Act, form: forms.Form) -> HttpResponse:
    """The form, with a fresh key each time it is shown."""
    context = {
        **admin.site.each_context(request),
        "title": act.title,
        "act": act,
        "form": form,
        "key_field": KEY_FIELD,
        "key": uuid.uuid4().hex,
    }
    return TemplateResponse(request, "core/act.html", context)
