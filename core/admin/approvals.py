"""Requests that wait for a second person."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from core import approvals
from core.admin.acts import Act, act_page, staff_of
from core.admin.base import ReadOnlyAdmin, badge
from core.admin.trail import as_json
from core.models import Approval

TONES: dict[str, str] = {
    Approval.State.OPEN: "info",
    Approval.State.APPROVED: "success",
    Approval.State.REFUSED: "danger",
}


class ApprovalAdmin(ReadOnlyAdmin):
    """What is asked, by whom and why; approving and refusing are acts of another person."""

    menu_icon = "approval"
    menu_order = 20
    list_display = ("created_at", "kind_label", "subject", "maker", "reason", "state_label")
    list_select_related = ("maker", "approver")
    list_filter = ("state",)
    ordering = ("-id",)
    fields = (
        ("kind_label", "state_label"), "subject", "reason", "payload_json", ("maker", "created_at"),
        ("approver", "decided_at"),
    )  # fmt: skip
    actions_detail = ["approve", "refuse"]

    @admin.display(description=_("kind"))
    def kind_label(self, approval: Approval) -> Any:
        """What is asked, in words."""
        return approvals.kinds.get(approval.kind).label if approval.kind in approvals.kinds else approval.kind

    @admin.display(description=_("state"))
    def state_label(self, approval: Approval) -> SafeString:
        """Open or decided."""
        return badge(approval.get_state_display(), TONES[approval.state])

    @admin.display(description=_("what is asked"))
    def payload_json(self, approval: Approval) -> SafeString | str:
        """What would be done."""
        return as_json(approval.payload)

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the two buttons show; ``core.approvals.decide`` is what guards."""
        approval = Approval.objects.filter(pk=object_id, state=Approval.State.OPEN).first()
        if approval is None or approval.kind not in approvals.kinds or approval.maker_id == request.user.pk:
            return False
        return request.user.has_perm(approvals.kinds.get(approval.kind).permission)

    @action(description=_("Approve"), url_path="approve", icon="check", permissions=["view"])
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Say yes: the act is done."""
        return self._decide(request, object_id, approve=True)

    @action(description=_("Refuse"), url_path="refuse", icon="close", permissions=["view"])
    def refuse(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Say no: nothing is done."""
        return self._decide(request, object_id, approve=False)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only who may decide sees the buttons."""
        if not self.has_decide_permission(request, object_id):
            return []
        return list(super().get_actions_detail(request, object_id))

    def _decide(self, request: HttpRequest, object_id: str, *, approve: bool) -> HttpResponse:
        approval = get_object_or_404(Approval.objects.select_related("maker"), pk=object_id)
        act = Act(
            title=_("Approve this request") if approve else _("Refuse this request"),
            button=_("Approve") if approve else _("Refuse"),
            success=_("Approved, and done.") if approve else _("Refused. Nothing was changed."),
            danger=not approve,
            lines=[
                (_("What"), self.kind_label(approval)),
                (_("Subject"), approval.subject),
                (_("Asked by"), approval.maker),
                (_("Reason"), approval.reason),
                (_("Details"), as_json(approval.payload)),
            ],
            back=reverse("admin:core_approval_change", args=[approval.pk]),
            perform=lambda data: approvals.decide(
                approval=approval,
                approver=staff_of(request),
                approve=approve,
                reason=data["reason"],
            ),
        )
        return act_page(request, act)
