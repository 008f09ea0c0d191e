"""``python -m tests.faults.seed <regulars>``: the demo's data, that many regulars, and the listener's table.

A regular joined ten days ago, has 500 points, has not checked in yet and signs in with ``demo-regular-<n>``: so days
can be made up. Prints the campaign's id.
"""

import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - models need the loaded apps above
from django.db import connection, transaction  # noqa: E402

from core import outbox  # noqa: E402
from engagement.campaigns.models import Campaign  # noqa: E402
from tests.faults.listening import TABLE  # noqa: E402

MEMBERS = """
INSERT INTO accounts_member (public_id, member_no, joined_at, nickname, avatar_url, token_version, blocked_reason,
                             is_test, first_seen_at, last_seen_on)
SELECT gen_random_uuid(), '9' || lpad(CAST(n AS text), 11, '0'), now() - interval '10 days', 'regular-' || n, '', 1, '',
       FALSE, now() - interval '10 days', current_date - 10
  FROM generate_series(1, %s) n
"""
REGULARS = "FROM accounts_member m WHERE m.nickname LIKE 'regular-%'"
AFTER = (
    f"""INSERT INTO accounts_identity (member_id, platform, app_id, openid)
        SELECT m.id, 'sandbox', 'sandbox', 'demo-' || m.nickname {REGULARS}""",
    f"""INSERT INTO points_pointsaccount (member_id, balance, debt, held, seq, opened_at)
        SELECT m.id, 500, 0, 0, 1, m.first_seen_at {REGULARS}""",
    f"""INSERT INTO points_pointsentry (member_id, seq, kind, delta, balance_after, debt_after, label, source_kind,
                                        source_key, expires_on, occurred_at, business_on)
        SELECT m.id, 1, 'earn', 500, 500, 0, 'demo:shop', 'demo.purchase', 'first', current_date + 365,
               m.first_seen_at, current_date - 10 {REGULARS}""",
    f"""INSERT INTO points_pointslot (member_id, expires_on, remaining, is_open)
        SELECT m.id, current_date + 365, 500, TRUE {REGULARS}""",
)


def main(regulars: int) -> None:
    """Fill an empty, migrated PostgreSQL."""
    call_command("seed_demo", verbosity=0)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(MEMBERS, [regulars])
        for statement in (*AFTER, TABLE):
            cursor.execute(statement, None)
    while outbox.drain():  # a copy starts without a backlog
        pass
    print(Campaign.objects.get(mechanism="checkins", name="七天签到").pk)  # noqa: T201 - for whoever started it


if __name__ == "__main__":
    main(int(sys.argv[1]))
