"""Grants and budgets, to look at: they change only through their services."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core.admin.base import ReadOnlyAdmin
from members.rewards import selectors
from members.rewards.models import Budget, Grant


@admin.register(Grant)
class GrantAdmin(ReadOnlyAdmin):
    """Who got what, why, and at what cost."""

    menu_icon = "redeem"
    menu_order = 40
    list_display = ("granted_at", "member", "kind", "amount", "label", "cost", "shown_state")
    list_filter = ("state", "kind")
    list_select_related = ("member",)
    search_fields = ("=member__member_no", "=key", "=label")
    search_help_text = _("Exact member number, key or label")
    ordering = ("-id",)
    fields = (
        ("member", "shown_state"), ("kind", "amount", "cost"), "spec", ("source", "key"), "label",
        ("campaign_id", "campaign_version_id"), "budget", ("granted_at", "business_on"),
        ("revoked_at", "revoked_label"),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Grant]:
        """With the member's name, so that a page costs no query a line."""
        return super().get_queryset(request).select_related("member")

    @admin.display(description=_("cost"))
    def cost(self, grant: Grant) -> str:
        """The cost in yuan."""
        return yuan(grant.cost_fen)

    @display(description=_("state"), label={"granted": "success", "revoked": "warning"})
    def shown_state(self, grant: Grant) -> tuple[str, str]:
        """Whether it still stands."""
        return grant.state, grant.get_state_display()


@admin.register(Budget)
class BudgetAdmin(ReadOnlyAdmin):
    """What the rewards of a campaign may cost, and what is left."""

    menu_icon = "savings"
    menu_order = 41
    list_display = ("name", "limit", "changed_at")
    search_fields = ("=name",)
    ordering = ("-id",)
    fields = ("name", "limit", "left", "changed_at")

    @admin.display(description=_("limit"))
    def limit(self, budget: Budget) -> str:
        """The limit in yuan."""
        return yuan(budget.limit_fen)

    @admin.display(description=_("left"))
    def left(self, budget: Budget) -> str:
        """What is left in yuan; on the budget's own page only, since it is a sum."""
        return yuan(selectors.budget_left(budget.name) or 0)


def yuan(fen: int) -> str:
    """``fen`` as yuan with two digits."""
    return f"¥{fen // 100:,}.{fen % 100:02d}"
