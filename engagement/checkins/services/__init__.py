"""Acts of check-ins: checking in, making up a day, cards, reminders, settings."""

from engagement.checkins.services.check_ins import check_in
from engagement.checkins.services.make_ups import make_up
from engagement.checkins.services.reminders import remind, set_reminder
from engagement.checkins.services.writing import Outcome

__all__ = ["Outcome", "check_in", "make_up", "remind", "set_reminder"]
