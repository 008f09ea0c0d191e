"""The app config of the accounts."""

from django.utils.translation import gettext_lazy as _

from core import slices


class AccountsConfig(slices.SliceConfig):
    """Members and how they sign in."""

    name = "members.accounts"
    verbose_name = _("Accounts")
    admin_group = _("Members")
    admin_order = 10
