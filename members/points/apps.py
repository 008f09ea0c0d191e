"""The app config of the points."""

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from core import contract as core_contract
from core import slices

PERMISSIONS = {
    "marketer": ["points.view_pointspolicy"],
    "support": ["points.view_pointsaccount", "points.view_pointsentry", "points.adjust_points"],
    "approver": ["points.view_pointsaccount", "points.view_pointsentry", "points.approve_adjustment"],
    "auditor": ["points.view_pointsaccount", "points.view_pointsentry", "points.view_pointslot"],
}


class PointsConfig(slices.SliceConfig):
    """Points: accounts, lots, entries."""

    name = "members.points"
    verbose_name = _("Points")
    api_prefix = "me/"
    admin_group = _("Members")
    admin_order = 30

    def register(self) -> None:
        """First screen, dashboard, demo, checks of the book, the reward kind, and the answer for our own rows."""
        self._register_with_core()
        self._register_with_neighbours()

    def _register_with_core(self) -> None:
        from core import approvals, reconcile
        from members.points.api import PointsOut
        from members.points.selectors import book, figures, statement
        from members.points.services import adjusting
        from members.points.services.demo import seed

        core_contract.home_sections.register("points", core_contract.HomeSection(statement.get_summary_of, PointsOut))
        core_contract.dashboard_series.register(
            "points-issued", core_contract.Series(_("Points issued"), figures.issued_by_day, chart="bar", order=30)
        )
        core_contract.dashboard_series.register(
            "points-used", core_contract.Series(_("Points used"), figures.used_by_day, chart="bar", order=31)
        )
        core_contract.dashboard_figures.register(
            "points",
            core_contract.Figure(
                _("Points outstanding"),
                figures.get_outstanding,
                link=reverse_lazy("admin:points_pointsaccount_changelist"),
                order=30,
            ),
        )
        core_contract.demo_seeds.register("points", core_contract.DemoSeed(seed, order=20))
        approvals.kinds.register(
            adjusting.KIND,
            approvals.ApprovalKind(_("Adjustment of points"), adjusting.MAY_APPROVE, adjusting.act_on),
        )
        core_contract.role_permissions.register("points", PERMISSIONS)
        for name, check in book.CHECKS.items():
            reconcile.checks.register(name, check)

    def _register_with_neighbours(self) -> None:
        from members.accounts import contract as accounts
        from members.points import contract
        from members.points.selectors import figures
        from members.points.services import demo, members, reward
        from members.rewards import contract as rewards

        accounts.joined.register("points", members.open_on_joining)
        accounts.member_data.register("points", members.PointsData())
        accounts.card_panels.register("points", accounts.CardPanel(_("Points"), figures.card_lines, order=20))
        rewards.kinds.register("points", reward.PointsReward())
        rewards.ledgers.register("points", figures.reward_lines)
        for source_kind, title in demo.TITLES.items():
            contract.entry_titles.register(source_kind, title)
