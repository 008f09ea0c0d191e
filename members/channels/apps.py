"""The app config of the channels."""

from django.utils.translation import gettext_lazy as _

from core import slices


class ChannelsConfig(slices.SliceConfig):
    """Channels, codes, scans, attribution."""

    name = "members.channels"
    verbose_name = _("Channels")
    admin_group = _("Channels")
    admin_order = 50
