"""The app config of check-ins."""

from django.utils.translation import gettext_lazy as _

from core import slices
from core.contract import DemoSeed, HomeSection, Series, dashboard_series, demo_seeds, home_sections
from members.accounts.contract import CardPanel, card_panels, member_data
from members.points.contract import entry_titles
from members.rewards.contract import kinds


class CheckInsConfig(slices.SliceConfig):
    """Daily check-ins, make-ups and make-up cards."""

    name = "engagement.checkins"
    label = "checkins"
    verbose_name = _("Check-ins")
    kind = "mechanism"
    api_prefix = "check-ins/"
    admin_group = _("Campaigns")
    admin_order = 20

    def register(self) -> None:
        """Cards as a reward, titles in the points statement, first screen, dashboard, member card, demo."""
        from core import reconcile
        from engagement.checkins import selectors
        from engagement.checkins.api import HomeCheckInOut
        from engagement.checkins.selectors import book, pages
        from engagement.checkins.services import demo
        from engagement.checkins.services.cards import MakeUpCardKind
        from engagement.checkins.services.member_data import CheckInData

        kinds.register("make_up_card", MakeUpCardKind())
        entry_titles.register("checkins.check_in", _("Check-in"))
        entry_titles.register("checkins.make_up", _("Check-in made up"))
        entry_titles.register("checkins.make_up_cost", _("Price of a made-up day"))
        home_sections.register("check_in", HomeSection(pages.get_home, HomeCheckInOut(allow_null=True)))
        dashboard_series.register("check_ins", Series(_("Check-ins"), selectors.count_by_day, chart="bar", order=20))
        card_panels.register("check_ins", CardPanel(_("Check-ins"), pages.get_card_lines, order=40))
        member_data.register("checkins", CheckInData())
        for name, check in book.CHECKS.items():
            reconcile.checks.register(name, check)
        demo_seeds.register("checkins", DemoSeed(demo.seed, order=60))
