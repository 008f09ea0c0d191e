"""A listener to what the load causes: each event that it hears becomes a row, in the order of hearing.

The product's processes load it through ``tests.faults.settings``; the rows show that an event acts once, in order
within its member, whatever was killed meanwhile.
"""

from django.apps import AppConfig

from core import sql
from core.events import Envelope, subscribe

TOPICS = ("accounts.first_seen/1", "accounts.joined/1", "checkins.checked_in/1")
TABLE = """
CREATE TABLE fault_heard (
  place BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id UUID NOT NULL, event_number BIGINT NOT NULL,
  member_id BIGINT NOT NULL, heard_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp())
"""
HEAR = """
INSERT INTO fault_heard (event_id, event_number, member_id) VALUES (%(event_id)s, %(id)s, %(member_id)s)
"""


def hear(event: Envelope) -> None:
    """Note ``event``. No key forbids a second row: that there is none is what the tests show."""
    sql.execute(HEAR, {"event_id": event.event_id, "id": event.id, "member_id": event.member_id})


class ListeningConfig(AppConfig):
    """Subscribes at start."""

    name = "tests.faults.listening"
    label = "fault_listening"

    def ready(self) -> None:
        """Listen to everything that the load causes."""
        for topic in TOPICS:
            subscribe(topic)(hear)
