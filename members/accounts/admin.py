"""The members in the admin: a list with exact search, and each member's card."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from core.admin.acts import Act, act_page, staff_of
from core.admin.base import ReadOnlyAdmin, badge
from members.accounts import selectors, services
from members.accounts.models import Member

TONES = {"member": "success", "visitor": "info", "closed": "danger", "merged": "warning"}


class StateFilter(admin.SimpleListFilter):
    """Members, visitors, closed accounts, test accounts."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The choices."""
        return [(name, label) for name, (label, _conditions) in selectors.STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Member]) -> QuerySet[Member]:
        """The rows of the choice."""
        chosen = selectors.STATES.get(self.value() or "")
        return queryset.filter(**chosen[1]) if chosen else queryset


@admin.register(Member)
class MemberAdmin(ReadOnlyAdmin):
    """Who the brand knows. The profile is the member's own; staff close and reopen accounts, with a reason."""

    menu_icon = "group"
    menu_order = 10
    list_display = ("number", "nickname", "state", "joined_at", "last_seen_on")
    list_display_links = ("number", "nickname")
    list_filter = (StateFilter,)
    search_fields = ("member_no",)
    search_help_text = _("The whole member number")
    ordering = ("-id",)
    fields = (
        ("number", "state"), ("nickname", "birthday"), ("first_seen_at", "joined_at", "last_seen_on"), "blocked_reason",
    )  # fmt: skip
    readonly_fields = ("number", "state")
    actions_detail = ["close", "reopen", "end_sessions"]
    change_form_after_template = "accounts/card.html"

    @admin.display(description=_("member number"), ordering="member_no", empty_value="–")
    def number(self, member: Member) -> str | None:
        """In groups of four, as on the card."""
        return selectors.grouped(member.member_no) if member.member_no else None

    @admin.display(description=_("state"))
    def state(self, member: Member) -> SafeString:
        """Visitor, member, closed or merged."""
        return badge(selectors.STATE_LABELS[member.state], TONES[member.state])

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Member], search_term: str
    ) -> tuple[QuerySet[Member], bool]:
        """By the whole member number, with or without spaces: an exact match, so that nobody trawls."""
        number = "".join(search_term.split())
        return (queryset.filter(member_no=number) if number else queryset), False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The card: the member's own fields, then a panel of each slice."""
        member = self.get_object(request, object_id) if object_id else None
        panels = selectors.list_panels(member.pk) if member and self.has_view_permission(request) else []
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), "panels": panels})

    def has_close_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Who may close and reopen accounts and end their sessions."""
        return request.user.has_perm("accounts.close_member")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Closing what is open, reopening what is closed."""
        member = self.get_object(request, object_id)
        hidden = "close" if member and member.blocked_at else "reopen"
        return [
            each for each in super().get_actions_detail(request, object_id) if not each.action_name.endswith(hidden)
        ]

    @action(description=_("Close account"), url_path="close", icon="block", permissions=["close"])
    def close(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Refuse everything to the member from now on."""
        member = self._member(request, object_id)
        act = self._act(
            member,
            title=_("Close this account"),
            button=_("Close account"),
            success=_("The account is closed."),
            danger=True,
            perform=lambda data: services.block(member=member, actor=staff_of(request), reason=data["reason"]),
        )
        return act_page(request, act)

    @action(description=_("Reopen account"), url_path="reopen", icon="lock_open", permissions=["close"])
    def reopen(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let the member in again."""
        member = self._member(request, object_id)
        act = self._act(
            member,
            title=_("Reopen this account"),
            button=_("Reopen account"),
            success=_("The account is open again."),
            perform=lambda data: services.unblock(member=member, actor=staff_of(request), reason=data["reason"]),
        )
        return act_page(request, act)

    @action(description=_("Sign out everywhere"), url_path="end-sessions", icon="logout", permissions=["close"])
    def end_sessions(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """End every token, such as after a lost phone."""
        member = self._member(request, object_id)
        act = self._act(
            member,
            title=_("Sign this member out on all devices"),
            button=_("Sign out everywhere"),
            success=_("The member is signed out on all devices."),
            perform=lambda data: services.end_sessions(member=member, actor=staff_of(request), reason=data["reason"]),
        )
        return act_page(request, act)

    def _member(self, request: HttpRequest, object_id: str) -> Member:
        """The member of an act's page; anything that isn't a key is nobody's."""
        member = self.get_object(request, object_id)
        if member is None:
            raise Http404
        return member

    def _act(self, member: Member, **settings: Any) -> Act:
        lines = [(_("member"), str(member)), (_("member number"), self.number(member) or "–")]
        return Act(lines=lines, back=reverse("admin:accounts_member_change", args=[member.pk]), **settings)
