"""The app config of WeChat."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core import contract, slices
from platforms.protocols import login_providers


class WeChatConfig(slices.SliceConfig):
    """WeChat mini-programs."""

    name = "platforms.wechat"
    verbose_name = _("WeChat")
    kind = "platform"

    def register(self) -> None:
        """Offer signing in where apps are configured; say what is kept how long and what an operator must know."""
        from core import reconcile
        from platforms.wechat import checks, selectors  # noqa: F401 - importing registers the system check
        from platforms.wechat.services import login, purging

        if settings.WECHAT_APPS:
            login_providers.register(login.PLATFORM, login.WeChatLogin())
        reconcile.checks.register("wechat.faults", reconcile.Check(_("WeChat accepts our set-up"), selectors.faults))
        contract.purges.register(
            "wechat.login-codes", contract.Purge(_("Used login codes"), purging.CODE_DAYS, purging.purge_login_codes)
        )
        contract.purges.register(
            "wechat.pushes", contract.Purge(_("Messages pushed by WeChat"), purging.PUSH_DAYS, purging.purge_pushes)
        )
