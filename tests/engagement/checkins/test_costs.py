"""How many statements each act and page costs, once the process has seen the campaign."""

import pytest
from django.db import connection

from core import sql
from engagement.checkins import services
from engagement.checkins.selectors import pages
from tests.factories.accounts import caller_of, make_member
from tests.factories.checkins import make_check_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def warm(clock):
    """A campaign that this process has served before, and a member who was here yesterday."""
    member, campaign = make_member(first_seen_at=clock.now), make_check_in()
    for each in (make_member(), member):
        services.check_in(caller=caller_of(each), campaign_id=campaign.pk)
    clock.advance(days=1)
    other = make_member()
    services.check_in(caller=caller_of(other), campaign_id=campaign.pk)
    return caller_of(member), campaign


def test_a_check_in_costs_nine_statements_with_begin_and_commit(warm, django_assert_num_queries):
    caller, campaign = warm

    with django_assert_num_queries(4 if sql.is_postgres() else 9) as seen:
        services.check_in(caller=caller, campaign_id=campaign.pk)

    assert [query["sql"].split()[0] for query in seen.captured_queries][-1] == "COMMIT"


def test_a_repeat_costs_one(warm, django_assert_num_queries):
    caller, campaign = warm
    services.check_in(caller=caller, campaign_id=campaign.pk)

    with django_assert_num_queries(1):
        services.check_in(caller=caller, campaign_id=campaign.pk)


def test_the_calendar_costs_three(warm, django_assert_num_queries):
    caller, campaign = warm

    with django_assert_num_queries(3):
        pages.get_calendar(caller, campaign.pk)


def test_the_first_screen_costs_two(warm, django_assert_num_queries):
    caller, _campaign = warm

    with django_assert_num_queries(2):
        pages.get_home(caller.member_id)


def test_the_hot_read_uses_indexes_only(warm):
    caller, campaign = warm
    from engagement.checkins.selectors import facts

    if not sql.is_postgres():
        with connection.cursor() as cursor:
            params = {"member": caller.member_id, "campaign": campaign.pk.hex}
            cursor.execute("EXPLAIN QUERY PLAN " + facts.READ_FACTS, params)
            plan = [row[3] for row in cursor.fetchall()]
        assert not [line for line in plan if line.startswith("SCAN")]
