"""The app config of the campaign kernel."""

from django.utils.translation import gettext_lazy as _

from core import slices


class CampaignsConfig(slices.SliceConfig):
    """Campaigns, their versions and their rules pages."""

    name = "engagement.campaigns"
    label = "campaigns"
    verbose_name = _("Campaigns")
    kind = "kernel"
    api_prefix = ""
    admin_group = _("Campaigns")
    admin_order = 10
