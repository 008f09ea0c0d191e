"""The consumer API of check-ins over HTTP."""

from datetime import timedelta

import pytest

from engagement.checkins.models import CheckIn, CheckInStanding
from members.points.models import PointsEntry
from tests.factories.accounts import bearer, make_member, make_visitor
from tests.factories.checkins import cards, give_cards, make_check_in, points

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def member(clock):
    return make_member(first_seen_at=clock.now - timedelta(days=30))


@pytest.fixture
def campaign(clock):
    return make_check_in(first_time=points(5), make_up={"points": 3}, remind_at="20:00")


def post(client, member, campaign, act="check-ins", data=None, **headers):
    return client.post(
        f"/api/v1/check-ins/{campaign.pk}/{act}", data or {}, "application/json", **bearer(member), **headers
    )


def test_the_first_tap_is_a_201_and_a_repeat_the_same_with_200(client, member, campaign):
    first, second = post(client, member, campaign), post(client, member, campaign)

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert first.json() == {
        "campaign_id": str(campaign.pk), "checked_on": "2026-11-22", "kind": "daily", "streak": 1, "day": 1,
        "tally": 1, "points": 6, "balance": 6,
        "rewards": [
            {"reason": "day", "days": 1, "kind": "points", "points": 1, "text": "1 积分"},
            {"reason": "first", "days": 1, "kind": "points", "points": 5, "text": "5 积分"},
        ],
        "next": {
            "checked_on": "2026-11-23", "day": 2, "points": 2,
            "rewards": [{"reason": "day", "days": 2, "kind": "points", "points": 2, "text": "2 积分"}],
        },
    }  # fmt: skip


def test_a_key_is_accepted_and_replayed(client, member, campaign):
    first = post(client, member, campaign, HTTP_IDEMPOTENCY_KEY="a1")
    again = post(client, member, campaign, HTTP_IDEMPOTENCY_KEY="a1")
    other = post(client, member, campaign, HTTP_IDEMPOTENCY_KEY="a2")

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 200)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.json() == again.json() == other.json()
    assert PointsEntry.objects.count() == 1


def test_a_refused_tap_with_a_key_leaves_only_the_refusal(client, campaign):
    visitor = make_visitor()

    first = post(client, visitor, campaign, HTTP_IDEMPOTENCY_KEY="a1")

    assert (first.status_code, first.json()["code"]) == (403, "accounts.not_joined")
    assert not CheckIn.objects.exists()
    assert not CheckInStanding.objects.exists()


def test_unknown_fields_are_refused(client, member, campaign):
    answer = post(client, member, campaign, data={"day": "2026-11-21"})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/day")
    assert not CheckIn.objects.exists()


def test_a_make_up_needs_a_key_and_fills_the_day(client, member, campaign):
    post(client, member, campaign)
    body = {"checked_on": "2026-11-21"}

    without = post(client, member, campaign, "make-ups", body)
    done = post(client, member, campaign, "make-ups", body, HTTP_IDEMPOTENCY_KEY="m1")
    again = post(client, member, campaign, "make-ups", body, HTTP_IDEMPOTENCY_KEY="m1")

    assert (without.status_code, without.json()["code"]) == (400, "core.idempotency_key_required")
    assert (done.status_code, done.json()["streak"], done.json()["balance"]) == (201, 2, 3)
    assert again.json() == done.json()
    assert PointsEntry.objects.filter(source_kind="checkins.make_up_cost").count() == 1


def test_a_refused_make_up_says_which_days_can_be_filled(client, member, campaign):
    answer = post(
        client, member, campaign, "make-ups", {"checked_on": "2026-11-01"}, HTTP_IDEMPOTENCY_KEY="m1"
    )  # fmt: skip

    assert (answer.status_code, answer.json()["code"]) == (422, "checkins.day_not_open")
    assert answer.json()["params"] == {"first": "2026-11-15", "last": "2026-11-21"}


@pytest.mark.parametrize("body", [{}, {"checked_on": "2026-13-01"}, {"checked_on": 5}])
def test_a_make_up_without_a_readable_day_is_a_400(client, member, campaign, body):
    answer = post(client, member, campaign, "make-ups", body, HTTP_IDEMPOTENCY_KEY="m1")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/checked_on")


def calendar(client, member, campaign, query=""):
    return client.get(f"/api/v1/check-ins/{campaign.pk}{query}", **bearer(member))


def test_the_calendar_shows_the_whole_month(client, member, campaign, clock):
    clock.move_to("2026-11-20 09:00")
    post(client, member, campaign)
    clock.move_to("2026-11-22 09:00")

    page = calendar(client, member, campaign).json()

    states = {each["date"]: each["state"] for each in page["days"]}
    assert len(states) == 30
    assert [states[f"2026-11-{day}"] for day in ("01", "12", "20", "21", "22", "23")] == [
        "outside", "missed", "checked", "missed", "today", "coming",
    ]  # fmt: skip
    assert (page["streak"], page["longest"], page["tally"], page["has_checked_in"]) == (0, 1, 1, False)
    assert (page["next"]["checked_on"], page["next"]["points"]) == ("2026-11-22", 1)
    assert [each["date"] for each in page["days"] if each["can_make_up"]] == [
        f"2026-11-{day}" for day in (15, 16, 17, 18, 19, 21)
    ]
    assert page["make_up"] == {"enabled": True, "pay_with": "points", "points": 3, "cards": 0, "left": 3}


def test_another_month_can_be_asked_for(client, member, campaign):
    page = calendar(client, member, campaign, "?month=2028-02").json()

    assert (page["month"], len(page["days"])) == ("2028-02", 29)
    assert calendar(client, member, campaign, "?month=2026-13").status_code == 400


def test_the_page_promises_the_first_bonus_only_to_whom_it_is_paid(client, member, campaign):
    before = calendar(client, member, campaign).json()["next"]["points"]
    post(client, member, campaign)

    assert before == 6
    assert calendar(client, member, campaign).json()["next"]["points"] == 2


def test_cards_in_hand_are_shown_where_they_are_the_price(client, member, clock):
    campaign = make_check_in(make_up={"pay_with": "card"}, tallies=[{"days": 3, "reward": cards(1)}])
    give_cards(member, 2)

    page = calendar(client, member, campaign).json()

    assert (page["make_up"]["cards"], page["make_up"]["points"]) == (2, 0)
    assert page["tally_rewards"][0]["text"] == "1 张补签卡"


def test_a_reminder_is_wished_for_and_stopped(client, member, campaign):
    url = f"/api/v1/check-ins/{campaign.pk}/reminder"

    on = client.put(url, {"enabled": True}, "application/json", **bearer(member))
    shown = calendar(client, member, campaign).json()["reminder"]
    client.put(url, {"enabled": False}, "application/json", **bearer(member))

    assert on.json() == shown == {"enabled": True, "at": "20:00"}
    assert CheckInStanding.objects.get().reminder is False


def test_no_reminder_where_the_campaign_sends_none(client, member, clock):
    campaign = make_check_in()

    answer = client.put(
        f"/api/v1/check-ins/{campaign.pk}/reminder", {"enabled": True}, "application/json", **bearer(member)
    )

    assert answer.json()["code"] == "checkins.reminder_off"
    assert not CheckInStanding.objects.exists()


def test_the_first_screen_has_todays_check_in(client, member, campaign):
    before = client.get("/api/v1/home", **bearer(member)).json()["check_in"]
    post(client, member, campaign)
    after = client.get("/api/v1/home", **bearer(member)).json()["check_in"]

    assert (before["has_checked_in"], before["next"]["points"]) == (False, 6)
    assert (after["has_checked_in"], after["streak"], after["tally"]) == (True, 1, 1)


def test_without_a_running_check_in_the_first_screen_has_none(client, member):
    assert client.get("/api/v1/home", **bearer(member)).json()["check_in"] is None


@pytest.mark.parametrize("path", ["", "/check-ins", "/make-ups"])
def test_without_a_token_there_is_nothing_to_see(client, campaign, path):
    url = f"/api/v1/check-ins/{campaign.pk}{path}"
    answer = client.post(url, {}, "application/json") if path else client.get(url)

    assert (answer.status_code, answer.json()["code"]) == (401, "core.not_signed_in")


def test_a_campaign_of_another_kind_is_not_found(client, member, campaign):
    type(campaign).objects.filter(pk=campaign.pk).update(mechanism="draws")

    assert calendar(client, member, campaign).json()["code"] == "core.not_found"
    assert post(client, member, campaign).status_code == 404


def test_the_answer_is_in_the_callers_language(client, member, campaign):
    answer = post(client, member, campaign, HTTP_ACCEPT_LANGUAGE="en")

    assert answer.json()["rewards"][0]["text"] == "1 point"
