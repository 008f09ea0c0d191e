"""The mechanism: what the kernel asks about settings, costs and pages."""

from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from engagement.campaigns.contract import Config, Finding, Section, Template
from engagement.checkins import errors
from engagement.checkins.mechanism import checking, imagined, texts
from engagement.checkins.mechanism.ready import TEMPLATES
from engagement.checkins.models import CheckInSettings
from engagement.checkins.rules import favour
from engagement.checkins.rules.plan import Plan, dump, parse
from engagement.checkins.services.settings import save_plan


class CheckInMechanism:
    """Implements ``engagement.campaigns.contract.Mechanism``."""

    name = "checkins"
    label: str | Promise = gettext_lazy("Check-in")
    icon = "event_available"
    preview_template = "checkins/preview.html"

    def settings_of(self, campaign_id: UUID) -> Config:
        """The draft's plan, or the default one before anything was saved."""
        row = CheckInSettings.objects.filter(campaign_id=campaign_id).first()
        return dict(row.plan) if row else dump(Plan())

    def save_settings(self, campaign_id: UUID, settings: Config) -> None:
        """A part: keep the plan."""
        save_plan(campaign_id, settings)

    def check(self, campaign: Config, settings: Config) -> list[Finding]:
        """Shape and bounds, rewards that exist, no second check-in at the same time, what looks like a slip."""
        try:
            plan = parse(settings)
        except errors.InvalidPlan as refusal:
            return [Finding(texts.fault_text(each), field=each.pointer.strip("/")) for each in refusal.errors]
        return checking.findings(campaign, plan)

    def rules(self, campaign: Config, settings: Config, lang: str) -> list[Section]:  # noqa: ARG002 - the kernel's protocol
        """How to take part, rewards, make-ups and protection, in ``lang``."""
        return texts.sections(parse(settings), lang)

    def simulate(self, campaign: Config, settings: Config) -> list[tuple[Any, str]]:
        """What a member costs who never misses a day."""
        return texts.costs(campaign, parse(settings))

    def preview(self, campaign: Config, settings: Config) -> Config:
        """The calendar of somebody on the third day."""
        return imagined.calendar(campaign, settings)

    def templates(self) -> list[Template]:
        """Seven days, a month, and a gentle one without cycles."""
        return list(TEMPLATES)

    def is_relaxation(self, old: Config, new: Config) -> bool:
        """Whether nothing is taken from members."""
        try:
            return favour.is_relaxation(parse(old), parse(new))
        except errors.InvalidPlan:
            return False

    def form_class(self) -> type[Any]:
        """The form with which the admin edits the plan."""
        from engagement.checkins.mechanism.form import PlanForm

        return PlanForm
