"""The app config of the rewards."""

from django.utils.translation import gettext_lazy as _

from core import slices


class RewardsConfig(slices.SliceConfig):
    """Grants and budgets."""

    name = "members.rewards"
    verbose_name = _("Rewards")
    admin_group = _("Members")
    admin_order = 40

    def register(self) -> None:
        """Grants on the member's card and in the member's data."""
        from members.accounts import contract as accounts
        from members.rewards import selectors, services

        accounts.card_panels.register("rewards", accounts.CardPanel(_("Rewards"), selectors.card_lines, 40))
        accounts.member_data.register("rewards", services.GrantData())
