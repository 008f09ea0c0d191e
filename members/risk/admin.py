"""Limits to set, a block list to keep, decisions to look at."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from core.admin.acts import Act, ReasonForm, act_page, staff_of
from core.admin.base import ModelAdmin, ReadOnlyAdmin
from core.admin.pages import Page, pages
from members.risk import rules, services
from members.risk.models import BlockEntry, Hardness, RiskDecision, RiskPolicy, Scope


@admin.register(RiskPolicy)
class RiskPolicyAdmin(ModelAdmin):
    """The brand's own limits; without any, the built-in ones hold."""

    menu_icon = "speed"
    menu_order = 10
    list_display = ("act", "scope", "measure", "most", "seconds", "decision", "is_active")
    list_filter = ("scope", "is_active")
    ordering = ("act", "scope", "measure")
    fields = (("act", "is_active"), ("scope", "measure"), ("most", "seconds"), "decision")


class BlockForm(ReasonForm):
    """Whom to list, and how hard."""

    kind = forms.ChoiceField(label=_("Kind of subject"), choices=Scope.choices, widget=UnfoldAdminSelectWidget)
    value = forms.CharField(
        label=_("Which"),
        max_length=rules.LONGEST_VALUE,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("A member number, a device mark or a network address."),
    )
    decision = forms.ChoiceField(label=_("Decision"), choices=Hardness.choices, widget=UnfoldAdminSelectWidget)


@admin.register(BlockEntry)
class BlockEntryAdmin(ReadOnlyAdmin):
    """The block list; entries come and go by acts with a reason."""

    menu_icon = "block"
    menu_order = 20
    list_display = ("created_at", "scope", "subject", "shown_decision", "reason", "until")
    list_filter = ("scope", "decision")
    list_select_related = ("member",)
    search_fields = ("=value", "=member__member_no")
    search_help_text = _("Exact member number, device or address")
    ordering = ("-id",)
    fields = (("scope", "subject"), ("decision", "until"), "reason", "created_at")
    actions_detail = ("lift",)

    @admin.display(description=_("which"))
    def subject(self, entry: BlockEntry) -> str:
        """The member, or the device or address itself."""
        return str(entry.member) if entry.member else entry.value

    @display(description=_("decision"), label={"hold": "warning", "refuse": "danger"})
    def shown_decision(self, entry: BlockEntry) -> tuple[str, str]:
        """What happens to it."""
        return entry.decision, entry.get_decision_display()

    @action(description=_("Lift"), url_path="lift", icon="lock_open", permissions=["risk.list_subject"])
    def lift(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take the entry from the list."""
        entry = get_object_or_404(BlockEntry.objects.select_related("member"), pk=object_id)
        return act_page(
            request,
            Act(
                title=_("Take this from the block list"), button=_("Lift"), success=_("It is off the list."),
                lines=[(_("Entry"), str(entry))], back=reverse("admin:risk_blockentry_changelist"),
                perform=lambda data: services.unblock(entry=entry, actor=staff_of(request), reason=data["reason"]),
            ),
        )  # fmt: skip


def put_on_list(request: HttpRequest) -> HttpResponse:
    """The page that puts a member, device or address on the block list."""

    def perform(data: dict[str, Any]) -> None:
        services.block(
            kind=data["kind"], value=data["value"], decision=data["decision"], reason=data["reason"],
            actor=staff_of(request),
        )  # fmt: skip

    return act_page(
        request,
        Act(
            title=_("Put on the block list"), button=_("Put on the list"), success=_("It is on the list."), danger=True,
            note=_("It works on all servers within five seconds."), back=reverse("admin:risk_blockentry_changelist"),
            perform=perform, form_class=BlockForm,
        ),
    )  # fmt: skip


pages.register(
    "risk-block",
    Page(
        path="risk/block/", view=put_on_list, permission="risk.list_subject", menu=_("Put on the block list"),
        app_label="risk", icon="person_off", order=21,
    ),
)  # fmt: skip


@admin.register(RiskDecision)
class RiskDecisionAdmin(ReadOnlyAdmin):
    """What the gate held back or refused, and why."""

    menu_icon = "gpp_maybe"
    menu_order = 30
    list_display = ("at", "member", "act", "shown_decision", "shown_reasons", "address")
    list_filter = ("decision",)
    list_select_related = ("member",)
    search_fields = ("=member__member_no", "=device", "=address")
    search_help_text = _("Exact member number, device or address")
    ordering = ("-id",)
    fields = (("at", "member"), ("act", "shown_decision"), "shown_reasons", ("device", "address"))

    @display(description=_("decision"), label={"hold": "warning", "refuse": "danger"})
    def shown_decision(self, decision: RiskDecision) -> tuple[str, str]:
        """What was decided."""
        return decision.decision, decision.get_decision_display()

    @admin.display(description=_("reasons"))
    def shown_reasons(self, decision: RiskDecision) -> str:
        """The reasons as the gate names them."""
        return ", ".join(decision.reasons)
