"""The app config of the stores."""

from django.utils.translation import gettext_lazy as _

from core import slices
from core.contract import role_permissions

PERMISSIONS = {
    "marketer": ["stores.view_store", "stores.add_store", "stores.change_store", "stores.view_staffmember"],
    "support": ["stores.view_store"],
    "auditor": ["stores.view_store", "stores.view_staffmember"],
}


class StoresConfig(slices.SliceConfig):
    """Stores and insiders."""

    name = "members.stores"
    verbose_name = _("Stores")
    admin_group = _("Channels")
    admin_order = 60

    def register(self) -> None:
        """The answer for our own rows, and who may do what."""
        from members.accounts.contract import member_data
        from members.stores import services

        member_data.register("stores", services.StaffMemberData())
        role_permissions.register("stores", PERMISSIONS)
