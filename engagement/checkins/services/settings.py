"""The editable plan of a draft."""

from uuid import UUID

from core.commands import part
from engagement.campaigns.contract import Config
from engagement.checkins.models import CheckInSettings
from engagement.checkins.rules import plan


@part
def save_plan(campaign_id: UUID, settings: Config) -> None:
    """Write the plan of a campaign in its full form; ``InvalidPlan`` for one that can't be read."""
    CheckInSettings.objects.update_or_create(
        campaign_id=campaign_id, defaults={"plan": plan.dump(plan.parse(settings))}
    )
