"""The app config of the campaign kernel."""

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from core import slices
from core.contract import Figure, HomeSection, dashboard_figures, home_sections


class CampaignsConfig(slices.SliceConfig):
    """Campaigns, their versions and their rules pages."""

    name = "engagement.campaigns"
    label = "campaigns"
    verbose_name = _("Campaigns")
    kind = "kernel"
    api_prefix = ""
    admin_group = _("Campaigns")
    admin_order = 10

    def register(self) -> None:
        """The running campaigns on the first screen, and how many they are on the dashboard."""
        from engagement.campaigns import selectors
        from engagement.campaigns.api import CampaignBrief

        home_sections.register("campaigns", HomeSection(selectors.get_home, CampaignBrief(many=True)))
        dashboard_figures.register(
            "campaigns",
            Figure(
                _("Campaigns running"),
                selectors.get_running_figure,
                link=reverse_lazy("admin:campaigns_campaign_changelist"),
                order=30,
            ),
        )
