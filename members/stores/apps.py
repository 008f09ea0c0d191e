"""The app config of the stores."""

from django.utils.translation import gettext_lazy as _

from core import slices


class StoresConfig(slices.SliceConfig):
    """Stores and insiders."""

    name = "members.stores"
    verbose_name = _("Stores")
    admin_group = _("Channels")
    admin_order = 60
