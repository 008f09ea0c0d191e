"""The consumer API of the points: one's own, in one statement each where it is hot."""

from datetime import date, timedelta

import pytest

from core.api.auth import open_token
from members.points import contract, services
from members.points.selectors import statement
from tests.factories.accounts import bearer, make_member, make_visitor
from tests.factories.points import act, earn, spend

pytestmark = pytest.mark.django_db


def get(client, path, member, **query):
    return client.get(f"/api/v1/me/{path}", query, **bearer(member))


def test_my_points(client, clock, member):
    earn(member, 100, expires_on=date(2026, 12, 22))
    earn(member, 50)
    spend(member, 30)
    act(
        services.hold, member, points=20, source_kind="o", source_key="1", label="o",
        due_at=clock.now + timedelta(minutes=5),
    )  # fmt: skip
    act(services.add_pending, member, points=7, source_kind="p", source_key="1", label="p", due_on=date(2026, 12, 1))

    answer = get(client, "points", member)

    assert answer.status_code == 200
    assert answer.json() == {
        "balance": 100, "debt": 0, "held": 20, "pending": 7,
        "expiring_soon": {"points": 50, "first_on": "2026-12-22"},
    }  # fmt: skip


def test_a_visitor_has_zeros(client, clock, db):
    answer = get(client, "points", make_visitor())

    assert answer.json() == {"balance": 0, "debt": 0, "held": 0, "pending": 0, "expiring_soon": None}


def test_what_has_passed_is_no_balance_before_it_is_booked(client, clock, member):
    earn(member, 5, expires_on=date(2026, 11, 30))
    earn(member, 6, expires_on=date(2026, 12, 31))
    clock.move_to("2026-12-01 00:00")

    assert get(client, "points", member).json()["balance"] == 6


def test_my_statement(client, clock, member):
    contract.entry_titles.register("test.titled", "每日签到")
    try:
        earn(member, 12, source_kind="test.titled")
        earn(member, 3, expires_on=date(9999, 12, 31))
        items = get(client, "points/entries", member).json()["items"]
    finally:
        contract.entry_titles.unregister("test.titled")

    assert items[1] == {
        "id": "1", "kind": "earn", "title": "每日签到", "points": 12, "balance_after": 12, "debt_after": 0,
        "expires_on": "2027-11-30", "occurred_at": "2026-11-22T09:00:00+08:00", "business_on": "2026-11-22",
    }  # fmt: skip
    assert (items[0]["title"], items[0]["expires_on"]) == ("获得积分", None)


def test_titles_follow_the_caller_s_language(client, clock, member):
    earn(member, 1)

    answer = client.get("/api/v1/me/points/entries", headers={"accept-language": "en"}, **bearer(member))

    assert answer.json()["items"][0]["title"] == "Earned"


def test_pages_hold_still_while_new_entries_come(client, clock, member):
    for _ in range(5):
        earn(member, 1)

    first = get(client, "points/entries", member, limit=2).json()
    earn(member, 1)
    second = get(client, "points/entries", member, limit=2, cursor=first["next_cursor"]).json()
    third = get(client, "points/entries", member, limit=2, cursor=second["next_cursor"]).json()

    numbers = [[item["id"] for item in page["items"]] for page in (first, second, third)]
    assert numbers == [["5", "4"], ["3", "2"], ["1"]]
    assert third["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"limit": "51"}, "core.invalid_request"),
        ({"limit": "0"}, "core.invalid_request"),
        ({"limit": "many"}, "core.invalid_request"),
        ({"page": "2"}, "core.invalid_request"),
        ({"cursor": "x"}, "core.invalid_cursor"),
        ({"cursor": "MTphYmM"}, "core.invalid_cursor"),
    ],
)
def test_a_query_that_cannot_be_read(client, clock, member, query, code):
    answer = get(client, "points/entries", member, **query)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize("path", ["points", "points/entries"])
def test_a_hot_read_is_one_statement(client, clock, member, path, django_assert_num_queries):
    for _ in range(25):
        earn(member, 1)

    with django_assert_num_queries(1):
        assert get(client, path, member).status_code == 200


def test_one_entry_names_its_lots(client, clock, member):
    earn(member, 3, expires_on=date(2026, 12, 31))
    earn(member, 4, expires_on=date(9999, 12, 31))
    spend(member, 5)

    assert get(client, "points/entries/3", member).json()["lots"] == [
        {"expires_on": "2026-12-31", "points": -3}, {"expires_on": None, "points": -2}
    ]  # fmt: skip
    assert get(client, "points/entries/2", member).json()["lots"] == [{"expires_on": None, "points": 4}]


def test_my_lots_add_up_to_my_balance(client, clock, member):
    earn(member, 3, expires_on=date(2026, 12, 31))
    earn(member, 4, expires_on=date(9999, 12, 31))

    assert get(client, "points/lots", member).json() == {
        "items": [{"expires_on": "2026-12-31", "points": 3}, {"expires_on": None, "points": 4}]
    }


@pytest.mark.parametrize("number", ["2", "999999999999999999999999999"])
def test_another_s_entry_is_not_found(client, clock, member, number):
    other = make_member()
    earn(other, 1)
    earn(other, 1)
    earn(member, 1)

    answer = get(client, f"points/entries/{number}", member)

    assert (answer.status_code, answer.json()["code"]) == (404, "points.entry_not_found")


@pytest.mark.parametrize("path", ["points", "points/entries", "points/entries/1", "points/lots"])
def test_a_revoked_token_dies_at_once(client, clock, member, path):
    headers = bearer(member)
    member.token_version += 1
    member.save()

    assert client.get(f"/api/v1/me/{path}", **headers).json()["code"] == "core.not_signed_in"
    assert client.get(f"/api/v1/me/{path}").status_code == 401


def test_the_first_screen_has_my_points(client, clock, member):
    earn(member, 5)

    assert client.get("/api/v1/home", **bearer(member)).json()["points"]["balance"] == 5


@pytest.mark.postgres
def test_both_forms_of_a_page_are_alike(clock, member):
    earn(member, 3, expires_on=date(2026, 12, 31), at=clock.now + timedelta(microseconds=999_999))
    earn(member, 4, expires_on=date(9999, 12, 31))
    spend(member, 5)
    caller = open_token(bearer(member)["HTTP_AUTHORIZATION"].removeprefix("Bearer "))
    params = {"member_id": member.pk, "before": 3, "limit": 20}

    as_json = statement._page_as_json(caller, params)

    assert as_json == statement._page_of_rows(caller, params)
    assert [entry["id"] for entry in as_json] == ["2", "1"]


def test_an_empty_statement(client, clock, member):
    assert get(client, "points/entries", member).json() == {"items": [], "next_cursor": None}
