"""The app config of the accounts."""

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from core import slices
from core.contract import (
    DemoSeed,
    Figure,
    HomeSection,
    Series,
    dashboard_figures,
    dashboard_series,
    demo_seeds,
    home_sections,
)


class AccountsConfig(slices.SliceConfig):
    """Members and how they sign in."""

    name = "members.accounts"
    verbose_name = _("Accounts")
    admin_group = _("Members")
    admin_order = 10

    def register(self) -> None:
        """First screen, dashboard, demo, and the answer for our own rows."""
        from members.accounts import selectors
        from members.accounts.api import ProfileOut
        from members.accounts.contract import CardPanel, card_panels, member_data
        from members.accounts.services.demo import seed
        from members.accounts.services.personal_data import AccountData

        home_sections.register("member", HomeSection(selectors.get_profile_of, ProfileOut))
        dashboard_series.register("joined", Series(_("New members"), selectors.joined_by_day, chart="bar", order=10))
        dashboard_figures.register(
            "members",
            Figure(
                _("Members"),
                selectors.get_members_figure,
                link=reverse_lazy("admin:accounts_member_changelist"),
                order=10,
            ),
        )
        demo_seeds.register("accounts", DemoSeed(seed, order=10))
        card_panels.register("consents", CardPanel(_("Consents"), selectors.list_consents, order=80))
        card_panels.register("acts", CardPanel(_("By staff"), selectors.list_last_acts, order=90))
        member_data.register("accounts", AccountData())
