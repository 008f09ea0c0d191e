"""``python -m benchmarks.seed <members> <entries>``: fill an empty, migrated database and print ``member token`` lines.

Each member has joined, has checked in yesterday in the one running campaign (daily points only) and has an account with
``entries`` entries. The rows that a measurement changes are copied to tables ``bench_…``, from which it starts again.
"""

import sys
import uuid
from datetime import timedelta
from typing import Any
from unittest import mock

import django

django.setup()

from django.db import connection  # noqa: E402 - models need the loaded apps above

from benchmarks import statements  # noqa: E402
from benchmarks.seed_tables import KEEP  # noqa: E402
from core import clock  # noqa: E402
from core.api.auth import seal  # noqa: E402
from engagement.campaigns import services  # noqa: E402
from engagement.campaigns.models import Campaign  # noqa: E402

MEMBERS = """
INSERT INTO accounts_member (id, public_id, member_no, joined_at, nickname, avatar_url, token_version, blocked_reason,
                             is_test, first_seen_at, last_seen_on)
SELECT n, gen_random_uuid(), lpad(CAST(n AS text), 12, '0'), now() - interval '40 days', 'member ' || n, '', 1, '',
       FALSE, now() - interval '40 days', current_date
  FROM generate_series(0, %(most)s) n
"""
ACCOUNTS = """
INSERT INTO points_pointsaccount (member_id, balance, debt, held, seq, opened_at)
SELECT id, %(entries)s, 0, 0, %(entries)s, first_seen_at FROM accounts_member
"""
ENTRIES = """
INSERT INTO points_pointsentry (member_id, seq, kind, delta, balance_after, debt_after, label, source_kind, source_key,
                                expires_on, occurred_at, business_on)
SELECT m.id, s, 'earn', 1, s, 0, 'campaign:' || %(campaign)s, 'checkins.day', 'seed:' || s, DATE '2027-11-30',
       now() - interval '1 day' * (%(entries)s - s), current_date
  FROM generate_series(1, %(entries)s) s, accounts_member m
"""
LOTS = """
INSERT INTO points_pointslot (member_id, expires_on, remaining, is_open)
SELECT id, DATE '2027-11-30', %(entries)s, TRUE FROM accounts_member WHERE %(entries)s > 0
"""
CHECK_INS = """
INSERT INTO checkins_checkin (member_id, campaign_id, checked_on, kind, streak, day, tally, points, rewards, version_id,
                              at)
SELECT id, CAST(%(campaign)s AS uuid), CAST(%(yesterday)s AS date), 'daily', 1, 1, 1, 5,
       '[{"kind": "points", "amount": 5}]', 1, now() - interval '1 day' FROM accounts_member
"""
STANDINGS = """
INSERT INTO checkins_checkinstanding (member_id, campaign_id, streak, longest, tally, last_on, reminder)
SELECT id, CAST(%(campaign)s AS uuid), 1, 1, 1, CAST(%(yesterday)s AS date), FALSE FROM accounts_member
"""
FIRSTS = """
INSERT INTO checkins_firstcheckin (member_id, campaign_id, checked_on)
SELECT id, CAST(%(campaign)s AS uuid), CAST(%(yesterday)s AS date) FROM accounts_member
"""


def make_campaign() -> None:
    """A running check-in that pays 5 points a day and nothing else, under the id that the plain statements know."""
    now = clock.now()
    with mock.patch("core.ids.uuid7", return_value=uuid.UUID(statements.CAMPAIGN)):
        campaign = services.create_from_template(
            mechanism="checkins", template_key=_first_template(), name="bench", starts_at=now - timedelta(days=30),
            ends_at=now + timedelta(days=300), actor=None,
        )  # fmt: skip
    settings = {**_settings(campaign), "daily": [{"kind": "points", "points": 5}], "streaks": [], "tallies": [],
                "increment": 0, "first_time": None, "cycle": {"mode": "none", "days": 7}}  # fmt: skip
    services.edit_draft(
        campaign=campaign, revision=campaign.revision, actor=None, settings=settings,
        fields={"organiser": "bench", "contact": "bench@example.com"},
    )  # fmt: skip
    services.publish(campaign=Campaign.objects.get(), actor=None)


def _first_template() -> str:
    from engagement.campaigns.contract import mechanisms

    return mechanisms.get("checkins").templates()[0].key


def _settings(campaign: Campaign) -> dict[str, object]:
    from engagement.campaigns.contract import mechanisms

    return mechanisms.get("checkins").settings_of(campaign.pk)


def main(members: int, entries: int) -> None:
    """Fill the tables with set statements, keep copies, print the tokens."""
    make_campaign()
    values: dict[str, Any] = {
        "most": members, "entries": entries, "campaign": statements.CAMPAIGN,
        "yesterday": clock.today() - timedelta(days=1),
    }  # fmt: skip
    with connection.cursor() as cursor:
        for statement in (MEMBERS, ACCOUNTS, ENTRIES, LOTS, CHECK_INS, STANDINGS, FIRSTS):
            needed = {name: value for name, value in values.items() if f"%({name})s" in statement}
            cursor.execute(statement, needed or None)
        for table in KEEP:
            cursor.execute(f"CREATE TABLE bench_{table} AS SELECT * FROM {table}")
        cursor.execute("ANALYZE")
    for member in range(1, members):
        print(member, seal(member, 1)[0])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
