"""The points in the admin: ledgers to look at, corrections with a reason, and the rules by versions."""

from copy import deepcopy
from typing import Any

from django import forms
from django.contrib import admin
from django.forms.models import fields_for_model
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanSwitchWidget,
)

from core.admin.acts import Act, ReasonForm, act_page, staff_of
from core.admin.base import ReadOnlyAdmin, badge
from members.points import rules, services
from members.points.models import (
    PointsAccount,
    PointsEntry,
    PointsHold,
    PointsLot,
    PointsPending,
    PointsPolicy,
)
from members.points.selectors import statement

TONES = {
    "earn": "success", "adjust": "warning", "spend": "info", "hold": "info", "release": "plain", "expire": "plain",
    "reverse": "danger", "merge": "plain", "open": "info", "captured": "success", "settled": "success",
}  # fmt: skip
NUMBERS = (
    "months", "fixed_month", "fixed_day", "fixed_least_days", "return_days", "cost_fen_per_100",
    "offset_points_per_yuan", "offset_most_bps", "offset_least_order_fen", "offset_least_points", "offset_step",
    "adjust_alone", "adjust_alone_staff",
)  # fmt: skip


class AdjustForm(ReasonForm):
    """How many points, and why."""

    points = forms.IntegerField(
        label=_("Points"),
        min_value=-rules.MOST_POINTS,
        max_value=rules.MOST_POINTS,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Negative to take points away; never more than can be spent."),
    )
    field_order = ["points", "reason"]


POLICY_FIELDS = fields_for_model(
    PointsPolicy,
    fields=["expiry_mode", *NUMBERS],
    widgets={
        "expiry_mode": UnfoldAdminSelectWidget,
        **dict.fromkeys(NUMBERS, UnfoldAdminIntegerFieldWidget),
    },
)


class PolicyForm(ReasonForm):
    """The rules of the points as a marketer fills them in."""

    stack_multipliers = forms.BooleanField(
        label=_("multiply all multipliers"), required=False, widget=UnfoldBooleanSwitchWidget
    )
    caps = forms.CharField(
        label=_("daily caps"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("A line each: name: source, source = 100 cut. Or refuse for cut, and * for all other sources."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(deepcopy(POLICY_FIELDS))
        self.order_fields([*POLICY_FIELDS, "stack_multipliers", "caps", "reason"])


class PointsAdmin(ReadOnlyAdmin):
    """What the lists of this slice share."""

    list_select_related = ("member",)
    search_fields = ("=member__member_no",)
    search_help_text = _("The whole member number")

    @admin.display(description=_("kind"))
    def kind_label(self, row: Any) -> SafeString:
        """The kind of an entry."""
        return badge(row.get_kind_display(), TONES[row.kind])

    @admin.display(description=_("state"))
    def state_label(self, row: Any) -> SafeString:
        """The state of a hold or of pending points."""
        return badge(row.get_state_display(), TONES.get(row.state, "plain"))


@admin.register(PointsAccount)
class PointsAccountAdmin(PointsAdmin):
    """Accounts. A balance is never edited: a correction is an entry with a reason."""

    menu_icon = "account_balance_wallet"
    menu_order = 10
    list_display = ("member", "balance", "debt", "held", "seq")
    ordering = ("-member_id",)
    fields = ("member", ("balance", "debt", "held"), ("seq", "opened_at"), "lots", "statement")
    readonly_fields = ("lots", "statement")
    actions_detail = ["adjust"]

    @admin.display(description=_("Points by last usable day"))
    def lots(self, account: PointsAccount) -> SafeString:
        """Why the balance is what it is: what is left, by lot."""
        return _lots(statement.list_lots(account.pk))

    @admin.display(description=_("Statement"))
    def statement(self, account: PointsAccount) -> SafeString:
        """The way to the member's entries."""
        url = reverse("admin:points_pointsentry_changelist")
        return format_html('<a href="{}?q={}">{}</a>', url, account.member.member_no or "", _("All entries"))

    def has_adjust_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Who may correct points."""
        return request.user.has_perm("points.adjust_points")

    @action(description=_("Adjust points"), url_path="adjust", icon="exposure", permissions=["adjust"])
    def adjust(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give or take points, with a reason; beyond the daily threshold a second person decides."""
        account = self.get_object(request, object_id)
        if account is None:
            raise Http404
        waits: list[bool] = []

        def perform(data: dict[str, Any]) -> None:
            done = services.adjust(
                member=account.member, points=data["points"], reason=data["reason"], actor=staff_of(request)
            )
            waits.append(done.entry is None)

        act = Act(
            title=_("Adjust points"), button=_("Adjust"), success=lazy(_outcome, str)(waits), form_class=AdjustForm,
            lines=[(_("member"), str(account.member)), (_("balance"), account.balance), (_("debt"), account.debt)],
            note=_("Beyond your daily threshold this becomes a request that a second person decides."),
            back=reverse("admin:points_pointsaccount_change", args=[account.pk]), perform=perform,
        )  # fmt: skip
        return act_page(request, act)


def _outcome(waits: list[bool]) -> str:
    """The sentence after an adjustment: done, or waiting for a second person."""
    if waits and waits[-1]:
        return gettext("A second person has to decide this. It waits under approvals.")
    return gettext("The points are adjusted.")


@admin.register(PointsEntry)
class PointsEntryAdmin(PointsAdmin):
    """The ledger."""

    menu_icon = "receipt_long"
    menu_order = 11
    list_display = ("occurred_at", "member", "kind_label", "delta", "balance_after", "debt_after", "label")
    list_filter = ("kind",)
    ordering = ("-id",)
    fields = (
        "member", ("seq", "kind_label"), ("delta", "balance_after", "debt_after"), "label",
        ("source_kind", "source_key"), ("occurred_at", "business_on", "expires_on"), "lots",
    )  # fmt: skip
    readonly_fields = ("kind_label", "lots")

    @admin.display(description=_("Lots that it filled or drew from"))
    def lots(self, entry: PointsEntry) -> SafeString:
        """Which points exactly moved."""
        return _lots(statement.get_entry(entry.member_id, entry.seq)["lots"])


@admin.register(PointsLot)
class PointsLotAdmin(PointsAdmin):
    """What is left, by member and last usable day."""

    menu_icon = "hourglass_bottom"
    menu_order = 12
    list_display = ("expires_on", "member", "remaining", "is_open")
    ordering = ("-id",)


@admin.register(PointsHold)
class PointsHoldAdmin(PointsAdmin):
    """Points set aside for orders."""

    menu_icon = "lock_clock"
    menu_order = 13
    list_display = ("due_at", "member", "points", "captured", "state_label", "source_key")
    list_filter = ("state",)
    ordering = ("-id",)


@admin.register(PointsPending)
class PointsPendingAdmin(PointsAdmin):
    """Points on their way."""

    menu_icon = "pending_actions"
    menu_order = 14
    list_display = ("due_on", "member", "points", "state_label", "label")
    list_filter = ("state",)
    ordering = ("-id",)


@admin.register(PointsPolicy)
class PointsPolicyAdmin(ReadOnlyAdmin):
    """The rules: the newest version is in force, the others say what was."""

    menu_icon = "rule_settings"
    menu_order = 15
    list_display = ("created_at", "created_by", "expiry_mode", "months", "reason")
    list_select_related = ("created_by",)
    ordering = ("-id",)
    actions_list = ["change_rules"]

    def has_change_rules_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Who may put new rules in force."""
        return request.user.has_perm("points.add_pointspolicy")

    @action(description=_("Change the rules"), url_path="change-rules", icon="edit", permissions=["change_rules"])
    def change_rules(self, request: HttpRequest) -> HttpResponse:
        """A new version, beginning with the values in force."""
        now = services.in_force()
        initial: dict[str, Any] = {name: getattr(now, name) for name in NUMBERS}
        initial |= {
            "expiry_mode": now.expiry_mode.value, "stack_multipliers": now.stack_multipliers,
            "caps": rules.format_caps(now.caps),
        }  # fmt: skip
        act = Act(
            title=_("Change the rules of the points"), button=_("Put in force"),
            success=_("The new rules are in force."),
            note=_("They hold for what is earned from now on; points that members have keep their last usable day."),
            form_class=PolicyForm, initial=initial, back=reverse("admin:points_pointspolicy_changelist"),
            perform=lambda data: _set_policy(data, request),
        )  # fmt: skip
        return act_page(request, act)


def _set_policy(data: dict[str, Any], request: HttpRequest) -> None:
    values: dict[str, Any] = {name: data[name] for name in NUMBERS}
    policy = rules.Policy(
        expiry_mode=rules.ExpiryMode(data["expiry_mode"]), caps=rules.parse_caps(data["caps"]),
        stack_multipliers=data["stack_multipliers"], **values,
    )  # fmt: skip
    services.set_policy(policy=policy, actor=staff_of(request), reason=data["reason"])


def _lots(lots: list[dict[str, Any]]) -> SafeString:
    rows = ((lot["expires_on"] or _("never expire"), f"{lot['points']:+,}") for lot in lots)
    return format_html_join("", "<div>{}: {}</div>", rows) or format_html("{}", "—")
