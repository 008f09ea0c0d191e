"""Staff sign-in: failed attempts and locks (axes), and sign-ins that worked."""

from typing import Any

from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from core import audit, clock
from core.admin.acts import Act, act_page, staff_of
from core.admin.base import ReadOnlyAdmin, badge, data
from core.commands import command
from core.models import StaffUser


@command
def unlock(*, username: str, address: str, actor: StaffUser, reason: str) -> None:
    """Forget the failed sign-ins of a name from an address, so that the person may try again."""
    reset(ip=address, username=username)
    audit.record(actor=actor, action="staff.unlock", subject=f"staff:{username}"[:120], reason=reason)


def sign_in_name(attempt: Any) -> str:
    """Who and when."""
    return f"{attempt.username} · {clock.to_local(attempt.attempt_time):%Y-%m-%d %H:%M}"


class SignInAdmin(ReadOnlyAdmin):
    """What the three tables of axes share."""

    @admin.display(description=_("Browser"))
    def agent(self, attempt: Any) -> SafeString:
        """What the browser called itself."""
        return data(attempt.user_agent)


class AccessAttemptAdmin(SignInAdmin):
    """Names and addresses with failed sign-ins; a locked one can be unlocked early."""

    menu_icon = "lock_clock"
    menu_order = 40
    list_display = ("attempt_time", "username", "ip_address", "failures_since_start", "lock")
    search_fields = ("=username", "=ip_address")
    ordering = ("-attempt_time",)
    fields = ("username", "ip_address", "attempt_time", "failures_since_start", "lock", "agent", "path_info")
    actions_detail = ["unlock"]

    @admin.display(description=_("sign-in"))
    def lock(self, attempt: AccessAttempt) -> SafeString:
        """Whether the next sign-in is refused at once."""
        locked = attempt.failures_since_start >= settings.AXES_FAILURE_LIMIT
        return badge(_("locked"), "danger") if locked else badge(_("not locked"), "success")

    @action(description=_("Unlock"), url_path="unlock", icon="lock_open", permissions=["core.change_staffuser"])
    def unlock(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let the person try again, with a reason."""
        attempt = get_object_or_404(AccessAttempt, pk=object_id)
        act = Act(
            title=_("Unlock this sign-in"),
            button=_("Unlock"),
            success=_("Unlocked: the person may sign in again."),
            lines=[(_("User name"), attempt.username), (_("Address"), attempt.ip_address)],
            back=reverse("admin:axes_accessattempt_changelist"),
            perform=lambda data: unlock(
                username=attempt.username,
                address=attempt.ip_address,
                actor=staff_of(request),
                reason=data["reason"],
            ),
        )
        return act_page(request, act)


class AccessLogAdmin(SignInAdmin):
    """Who signed in and out, from where."""

    menu_icon = "login"
    menu_order = 41
    list_display = ("attempt_time", "username", "ip_address", "logout_time")
    search_fields = ("=username", "=ip_address")
    ordering = ("-id",)
    fields = ("username", "ip_address", "attempt_time", "logout_time", "agent", "path_info")


class AccessFailureLogAdmin(SignInAdmin):
    """Each failed sign-in."""

    menu_icon = "no_accounts"
    menu_order = 42
    list_display = ("attempt_time", "username", "ip_address", "locked_out")
    list_filter = ("locked_out",)
    search_fields = ("=username", "=ip_address")
    ordering = ("-id",)
    fields = ("username", "ip_address", "attempt_time", "locked_out", "agent", "path_info")
