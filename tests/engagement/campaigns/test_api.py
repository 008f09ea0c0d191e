"""The consumer API of campaigns and the section of the first screen."""

import hashlib
from datetime import date

import pytest

from core import ids, sql
from engagement.campaigns import errors, selectors, services
from engagement.campaigns.models import Campaign
from members.accounts.models import Member
from tests.engagement.campaigns.conftest import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(clock, draft, staff):
    """A campaign that runs, on 2026-12-05 at noon."""
    campaign = draft()
    services.publish(campaign=campaign, actor=staff)
    clock.move_to("2026-12-05 12:00")
    return campaign


def test_running_campaigns_are_listed_without_a_token(client, running, draft, staff):
    draft(name="a draft")
    services.publish(campaign=draft(name="later", starts_at=at("2027-01-01"), ends_at=at("2027-01-02")), actor=staff)

    answer = client.get("/api/v1/campaigns")

    assert answer.status_code == 200
    assert answer.json() == {
        "items": [
            {
                "id": str(running.pk),
                "mechanism": "pebbles",
                "name": "沙滩捡石子",
                "status": "running",
                "starts_at": "2026-12-01T00:00:00+08:00",
                "ends_at": "2026-12-31T00:00:00+08:00",
                "is_open": True,
            }
        ],
        "next_cursor": None,
    }


def test_pages_of_the_list_join_without_gap_or_repeat(client, clock, draft, staff, django_assert_num_queries, pebbles):
    pebbles.check = lambda *_: []  # three at once, to have pages
    for number in range(3):
        services.publish(campaign=draft(name=str(number), starts_at=at("2026-11-01")), actor=staff)
        clock.advance(seconds=1)

    with django_assert_num_queries(1):
        first = client.get("/api/v1/campaigns?limit=2&mechanism=pebbles").json()
    second = client.get(f"/api/v1/campaigns?limit=2&cursor={first['next_cursor']}").json()

    assert [item["name"] for item in first["items"] + second["items"]] == ["2", "1", "0"]
    assert second["next_cursor"] is None
    assert client.get("/api/v1/campaigns?mechanism=other").json()["items"] == []


@pytest.mark.parametrize("query", ["cursor=abc", "cursor=MTp4", "limit=0", "limit=51", "color=red"])
def test_a_query_that_makes_no_sense_is_refused(client, db, query):
    assert client.get(f"/api/v1/campaigns?{query}").status_code == 400


def test_a_campaign_says_who_stands_behind_it(client, running, django_assert_num_queries):
    answer = client.get(f"/api/v1/campaigns/{running.pk}").json()

    assert answer["organiser"] == "山野茶集"
    assert answer["contact"] == "400-000-0000"
    assert answer["audience"] == {
        "new_only": False, "adults_only": False, "exclude_staff": True, "new_days": None,
    }  # fmt: skip
    assert (answer["daily_from"], answer["daily_to"], answer["version"]) == ("08:00", "22:00", 1)


def test_the_rules_page_carries_its_fingerprint_and_old_versions_stay(client, running, staff):
    running.refresh_from_db()
    services.change_running(
        campaign=running, revision=2, reason="longer", fields={"ends_at": at("2027-01-31")}, actor=staff
    )

    newest = client.get(f"/api/v1/campaigns/{running.pk}/rules").json()
    first = client.get(f"/api/v1/campaigns/{running.pk}/rules?version=1").json()

    assert (newest["version"], first["version"]) == (2, 1)
    for page in (newest, first):
        assert hashlib.sha256(page["rules_zh"].encode()).hexdigest() == page["rules_sha256"]
    assert "2027-01-31" in newest["rules_zh"]
    assert client.get(f"/api/v1/campaigns/{running.pk}/rules?version=3").status_code == 404


@pytest.mark.parametrize("path", ["", "/rules"])
def test_a_draft_does_not_exist_for_consumers(client, clock, draft, path):
    answer = client.get(f"/api/v1/campaigns/{draft().pk}{path}")

    assert (answer.status_code, answer.json()["code"]) == (404, "core.not_found")


def test_an_ended_campaign_stays_readable(client, running, clock, staff):
    services.end(campaign=running, reason="sold out", actor=staff)
    services.archive(campaign=running, reason="old", actor=staff)

    answer = client.get(f"/api/v1/campaigns/{running.pk}").json()

    assert (answer["status"], answer["is_open"]) == ("ended", False)
    assert client.get("/api/v1/campaigns").json()["items"] == []


def make_member(number: int, **fields) -> Member:
    seen = {"first_seen_at": at("2026-11-01"), "last_seen_on": date(2026, 11, 1)}
    member_no = f"{number:012d}" if fields["joined_at"] else None
    return Member.objects.create(public_id=ids.uuid7(), member_no=member_no, **seen, **fields)


def test_the_first_screen_shows_what_is_open_to_the_member(running, django_assert_num_queries):
    member = make_member(1, joined_at=at("2026-11-01"))
    insider = make_member(2, joined_at=at("2026-11-01"), is_test=True)

    with django_assert_num_queries(1):
        items = selectors.get_home(member.pk)

    assert [(item["id"], item["is_open"]) for item in items] == [(str(running.pk), True)]
    assert selectors.get_home(insider.pk) == []


def test_a_visitor_sees_what_joining_would_open(running, staff):
    Campaign.objects.filter(pk=running.pk).update(audience={"new_only": True, "new_days": 1})

    visitor, old = make_member(1, joined_at=None), make_member(2, joined_at=at("2026-11-01"))

    assert len(selectors.get_home(visitor.pk)) == 1
    assert selectors.get_home(old.pk) == []


def test_an_open_row_gives_its_version_and_a_closed_one_says_why(running, clock):
    read = f"SELECT {selectors.CAMPAIGN_COLUMNS} FROM campaigns_campaign c WHERE c.id = %(id)s"
    (row,) = sql.fetch_all(read, {"id": running.pk}, **selectors.CAMPAIGN_KINDS)

    assert selectors.open_version(row, clock.now).config["settings"]["pebbles"] == 1
    with pytest.raises(errors.ClosedNow):
        selectors.open_version(row, clock.move_to("2026-12-05 22:00"))
    with pytest.raises(errors.Ended):
        selectors.open_version(row, clock.move_to("2026-12-31 00:00"))
