"""The app config of the channels."""

from django.utils.translation import gettext_lazy as _

from core import contract as core_contract
from core import slices


class ChannelsConfig(slices.SliceConfig):
    """Channels, codes, scans, attribution."""

    name = "members.channels"
    verbose_name = _("Channels")
    admin_group = _("Channels")
    admin_order = 50

    def register(self) -> None:
        """Sign-in and joining, our own rows, checks of the sums, the purge of addresses, the dashboard, the demo."""
        from core import reconcile
        from members.accounts import contract as accounts
        from members.channels import services
        from members.channels.rules.printing import FILES_KEPT_DAYS
        from members.channels.selectors import book, figures
        from members.channels.services import attribution, demo, member_data, print_jobs, welcoming
        from members.stores.contract import insider_changed

        accounts.signed_in.register("channels", attribution.on_signed_in)
        accounts.joined.register("channels", welcoming.on_joined)
        accounts.member_data.register("channels", member_data.ChannelData())
        insider_changed.register("channels", member_data.flag_insider)
        accounts.card_panels.register("channels", accounts.CardPanel(_("Came through"), figures.card_lines, order=15))
        core_contract.purges.register(
            "channels.addresses",
            core_contract.Purge(_("Addresses of scans"), services.KEEP_ADDRESS_DAYS, services.forget_addresses),
        )
        core_contract.purges.register(
            "channels.print_files",
            core_contract.Purge(_("Files for the printer"), FILES_KEPT_DAYS, print_jobs.purge_files),
        )
        core_contract.dashboard_series.register(
            "scans", core_contract.Series(_("Scans"), figures.scans_by_day, chart="bar", order=15)
        )
        core_contract.demo_seeds.register("channels", core_contract.DemoSeed(demo.seed, order=15))
        for name, check in book.CHECKS.items():
            reconcile.checks.register(name, check)
