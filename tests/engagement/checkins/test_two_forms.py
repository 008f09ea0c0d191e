"""The one-statement form on PostgreSQL writes the same rows as the portable form."""

from datetime import timedelta

import pytest
from django.db import connection

from core.commands import scope
from engagement.checkins import selectors
from engagement.checkins.services import check_ins
from tests.factories.accounts import caller_of, make_member
from tests.factories.checkins import make_check_in, points

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
TABLES = {
    "checkins_checkin": "member_id",
    "checkins_checkinstanding": "member_id",
    "points_pointsaccount": "member_id",
    "points_pointsentry": "member_id",
    "points_pointslot": "member_id",
    "core_event": "member_id",
}
OWN = {"id", "member_id", "event_id", "subject"}  # what tells two members apart


def rows_of(member):
    found = {}
    with connection.cursor() as cursor:
        for table, key in TABLES.items():
            cursor.execute(f"SELECT * FROM {table} WHERE {key} = %s ORDER BY 1", [member.pk])
            names = [column.name for column in cursor.description]
            found[table] = [
                {name: value for name, value in zip(names, row, strict=True) if name not in OWN}
                for row in cursor.fetchall()
            ]
    return found


def act_of(member, campaign):
    return check_ins.plan(selectors.get_facts(caller_of(member), campaign.pk))


def at_once(act):
    statement = check_ins.one_statement(act)
    assert statement is not None
    return check_ins.write_at_once(act, *statement)


@pytest.mark.parametrize("days", [1, 2, 3, 9])
def test_both_forms_write_the_same_rows(clock, days):
    since = clock.now - timedelta(days=2)
    first, second = make_member(first_seen_at=since), make_member(first_seen_at=since)
    campaign = make_check_in(streaks=[{"days": 2, "reward": points(30)}])

    for _ in range(days):
        with scope():
            answers = [check_ins.write_in_steps(act_of(first, campaign)), at_once(act_of(second, campaign))]
        assert answers[0] == answers[1]
        clock.advance(days=1)

    assert rows_of(first) == rows_of(second)
    assert len(rows_of(first)["core_event"]) == days


def test_a_lost_race_writes_nothing_in_either_form(clock):
    member, campaign = make_member(), make_check_in()
    late = act_of(member, campaign)
    with scope():
        check_ins.write_in_steps(act_of(member, campaign))
        before = rows_of(member)

        assert check_ins.write_in_steps(late) is None
        assert at_once(late) is None

    assert rows_of(member) == before


def test_the_hot_path_takes_the_one_statement(clock):
    member, campaign = make_member(), make_check_in()

    assert check_ins.is_plain(act_of(member, campaign))
