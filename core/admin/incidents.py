"""Incidents of the reconciliation: what disagrees, until a person has put it right and closes it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from core import reconcile
from core.admin.acts import Act, act_page, staff_of
from core.admin.base import ReadOnlyAdmin, badge
from core.models import Incident


class IncidentAdmin(ReadOnlyAdmin):
    """What a check found; closing is an act with a reason."""

    menu_icon = "report"
    offered_verbs = ("view", "change")
    menu_order = 19
    list_display = ("opened_at", "check_label", "subject", "detail", "last_seen_at", "state")
    list_filter = (("closed_at", admin.EmptyFieldListFilter),)
    ordering = ("-id",)
    fields = (
        ("check_label", "state"), "subject", "detail", ("opened_at", "last_seen_at"), ("closed_at", "closed_by"),
        "reason",
    )  # fmt: skip
    actions_detail = ["close"]

    @admin.display(description=_("check"))
    def check_label(self, incident: Incident) -> Any:
        """What was checked, in words."""
        known = incident.check_name in reconcile.checks
        return reconcile.checks.get(incident.check_name).label if known else incident.check_name

    @admin.display(description=_("state"))
    def state(self, incident: Incident) -> SafeString:
        """Open until somebody closes it."""
        return badge(_("open"), "danger") if incident.closed_at is None else badge(_("closed"), "success")

    @action(description=_("Close"), url_path="close", icon="task_alt", permissions=["core.change_incident"])
    def close(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Close it, with a reason."""
        incident = get_object_or_404(Incident, pk=object_id)
        act = Act(
            title=_("Close this incident"),
            button=_("Close"),
            success=_("Closed. If the next check finds it again, a new one opens."),
            note=_("Closing repairs nothing: put right what is wrong first."),
            lines=[(_("Subject"), incident.subject), (_("detail"), incident.detail)],
            back=reverse("admin:core_incident_change", args=[incident.pk]),
            perform=lambda data: reconcile.close(incident=incident, actor=staff_of(request), reason=data["reason"]),
        )
        return act_page(request, act)
