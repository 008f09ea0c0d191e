"""Check-in as the campaign kernel sees it."""

from engagement.campaigns.contract import mechanisms
from engagement.checkins.mechanism.kind import CheckInMechanism

mechanisms.register("checkins", CheckInMechanism())
