"""How printed codes open the mini-program: the steps of the prefix rule, and what is still wrong."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from core.admin.acts import Act, act_page, staff_of
from core.admin.pages import Page, page_url, pages, render
from members.channels.admin.forms import switch, text
from members.channels.models import PrefixRule, VerificationFile
from members.channels.rules import prefix as rules
from members.channels.rules.landing import FALLBACK_PATH
from members.channels.rules.prefix import Fault, Rule
from members.channels.services import planning

CHANGE = "channels.change_prefixrule"
SENTENCES = {
    Fault.NOT_HTTPS: _("The public address does not begin with https. Phones warn of it, and WeChat tells both apart."),
    Fault.LOCAL: _(
        "The public address is no domain that others can reach. Set PUBLIC_BASE_URL before printing anything."
    ),
    Fault.NO_FILE: _("WeChat's verification file has not been entered yet."),
    Fault.NO_RULE: _("No rule covers the printed codes. Add the rule in the console, then note it here."),
    Fault.UNPUBLISHED: _("The rule is not published yet: only testers get into the mini-program."),
    Fault.NO_SLASH: _("There is a rule without the slash at its end: it does not match the codes below it."),
    Fault.OTHER_PROTOCOL: _("There is a rule with the other protocol: http and https are different rules."),
    Fault.SHADOWED: _(
        "A longer rule that is not published stands in the way: codes that begin like it open nothing. Publish or "
        "delete it."
    ),
    Fault.TOO_MANY: _("A mini-program has at most 100 rules."),
}


class FileForm(forms.Form):
    """The console's verification file."""

    name = text(_("File name"), 68, _("As the console gives it, with .txt at its end."), required=True)
    content = text(_("Content"), 128, _("Open the file and copy its one line."), required=True)


class RuleForm(forms.Form):
    """A rule as it stands in the console."""

    address = text(_("Rule"), 200, _("The whole address, as it stands in the console."), required=True)
    is_published = switch(_("Published"))


def printed_prefix() -> str:
    """What every printed code begins with."""
    return f"{settings.PUBLIC_BASE_URL.rstrip('/')}/q/"


def file_url(name: str) -> str:
    """Where the verification file of that name has to be and is."""
    return printed_prefix() + name


def page(request: HttpRequest) -> HttpResponse:
    """The steps with their state."""
    known = list(PrefixRule.objects.order_by("prefix"))
    files = list(VerificationFile.objects.order_by("-created_at"))
    found = rules.findings(
        [Rule(each.prefix, each.is_published) for each in known], prefix=printed_prefix(), has_file=bool(files)
    )
    can_change = request.user.has_perm(CHANGE)
    context = {
        "title": _("WeChat prefix rule"),
        "prefix": printed_prefix(),
        "path": FALLBACK_PATH,
        "findings": [(SENTENCES[each.fault], each.about) for each in found],
        "files": [(each, file_url(each.name)) for each in files],
        "rules": [(each, page_url("channels-rule-remove", each.pk) if can_change else "") for each in known],
        "file_add": page_url("channels-file-add") if can_change else "",
        "rule_add": page_url("channels-rule-add") if can_change else "",
    }
    return render(request, "channels/setup.html", context)


def add_file(request: HttpRequest) -> HttpResponse:
    """Enter the verification file."""
    return act_page(
        request,
        Act(
            title=_("Verification file"), button=_("Save"), form_class=FileForm, back=page_url("channels-setup"),
            success=_("The file is served now. Press “verify” in the console."),
            perform=lambda data: planning.save_verification(**data, actor=staff_of(request)),
        ),
    )  # fmt: skip


def add_rule(request: HttpRequest) -> HttpResponse:
    """Note a rule, or that it is published now."""

    def perform(data: dict[str, Any]) -> None:
        planning.save_prefix_rule(text=data["address"], is_published=data["is_published"], actor=staff_of(request))

    return act_page(
        request,
        Act(
            title=_("Rule of the console"), button=_("Save"), form_class=RuleForm, back=page_url("channels-setup"),
            success=_("Noted."), initial={"address": request.GET.get("prefix") or printed_prefix()}, perform=perform,
            note=_("Note every rule of the console for our domain: one too many can block the printed codes."),
        ),
    )  # fmt: skip


def remove_rule(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Forget a rule that is gone from the console."""
    rule = get_object_or_404(PrefixRule, pk=rule_id)
    return act_page(
        request,
        Act(
            title=_("Remove this rule"), button=_("Remove"), form_class=forms.Form, back=page_url("channels-setup"),
            success=_("Removed."), lines=[(_("Rule"), rule.prefix)],
            note=_("Only when it no longer stands in the console."),
            perform=lambda _data: planning.remove_prefix_rule(rule=rule, actor=staff_of(request)),
        ),
    )  # fmt: skip


pages.register(
    "channels-setup",
    Page(
        path="channels/setup/", view=page, permission="channels.view_prefixrule", menu=_("WeChat prefix rule"),
        app_label="channels", icon="qr_code_2", order=90,
    ),
)  # fmt: skip
pages.register("channels-file-add", Page(path="channels/setup/file/", view=add_file, permission=CHANGE))
pages.register("channels-rule-add", Page(path="channels/setup/rules/", view=add_rule, permission=CHANGE))
pages.register(
    "channels-rule-remove", Page(path="channels/setup/rules/<int:rule_id>/remove/", view=remove_rule, permission=CHANGE)
)
