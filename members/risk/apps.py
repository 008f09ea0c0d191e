"""The app config of the risk gate."""

from django.core.signals import request_finished
from django.utils.translation import gettext_lazy as _

from core import contract, slices


class RiskConfig(slices.SliceConfig):
    """Verdicts, limits, lists."""

    name = "members.risk"
    verbose_name = _("Risk control")
    admin_group = _("Risk control")
    admin_order = 80

    def register(self) -> None:
        """Decisions are written after the request, purged after 90 days, and shown on the member's card."""
        from members.accounts import contract as accounts
        from members.risk import selectors, services

        request_finished.connect(services.flush_after_request, dispatch_uid="risk.flush")
        accounts.card_panels.register("risk", accounts.CardPanel(_("Risk control"), selectors.card_lines, 80))
        accounts.member_data.register("risk", services.RiskData())
        contract.purges.register(
            "risk.decisions", contract.Purge(_("Risk decisions"), services.KEEP_DAYS, services.purge_decisions)
        )
