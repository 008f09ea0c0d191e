"""Nine days of one member over HTTP: joins, checks in, misses a day, makes it up; every point is accounted for."""

from datetime import timedelta
from io import StringIO

import httpx
import pytest
from django.core.management import call_command

from core import clock as core_clock
from core import reconcile
from engagement.campaigns import services as campaigns
from members.risk import services as risk

pytestmark = pytest.mark.django_db(transaction=True)
CONSENTS = [{"purpose": "terms", "version": "1"}, {"purpose": "privacy", "version": "1"}]


@pytest.fixture
def campaign(clock):
    """The seven-day template with a make-up for 10 points that pays half of the day."""
    risk.forget()
    clock.move_to("2026-11-22 08:00")
    starts_at = core_clock.start_of(clock.now.date())
    draft = campaigns.create_from_template(
        mechanism="checkins", template_key="seven-days", name="七天签到", starts_at=starts_at,
        ends_at=starts_at + timedelta(days=30), actor=None,
    )  # fmt: skip
    make_up = {"enabled": True, "window_days": 7, "limit": 1, "pay_with": "points", "points": 10, "share_percent": 50}
    settings = draft.check_in_settings.plan | {"make_up": make_up}
    fields = {"organiser": "山野茶集", "contact": "400-820-1234"}
    draft = campaigns.edit_draft(
        campaign=draft, revision=draft.revision, fields=fields, settings=settings, actor=None
    )  # fmt: skip
    campaigns.publish(campaign=draft, actor=None)
    return draft


class Phone:
    """A mini-program: it knows its token and the API, nothing else."""

    def __init__(self, base: str, campaign_id) -> None:
        self.http = httpx.Client(base_url=f"{base}/api/v1", timeout=30)
        self.check_ins = f"/check-ins/{campaign_id}"

    def sign_in_and_join(self) -> None:
        session = self.http.post("/sessions", json={"platform": "sandbox", "code": "demo-journey"})
        assert session.status_code == 201
        self.http.headers["Authorization"] = f"Bearer {session.json()['token']}"
        joined = self.http.post("/me/membership", json={"consents": CONSENTS})
        assert joined.status_code in {200, 201}, joined.text

    def tap(self, key: str = "") -> httpx.Response:
        return self.http.post(f"{self.check_ins}/check-ins", headers={"Idempotency-Key": key} if key else {})

    def fill(self, day: str, key: str) -> httpx.Response:
        return self.http.post(
            f"{self.check_ins}/make-ups", json={"checked_on": day}, headers={"Idempotency-Key": key} if key else {}
        )

    def get(self, path: str) -> dict:
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def phone(live_server, campaign):
    made = Phone(live_server.url, campaign.pk)
    yield made
    made.http.close()


# moment, streak, place in the week, days in total, points, balance
BEFORE_THE_GAP = [
    ("2026-11-23 09:00:00", 1, 1, 1, 6, 6),  # Monday: 1, and 5 for the first time
    ("2026-11-24 12:30:00", 2, 2, 2, 1, 7),
    ("2026-11-25 23:59:59", 3, 3, 3, 2, 9),
]
AFTER_THE_GAP = [
    ("2026-11-27 00:00:00", 1, 1, 4, 1, 10),
    ("2026-11-28 09:00:00", 2, 2, 5, 1, 11),
]
HEALED = [
    ("2026-11-29 09:00:00", 7, 7, 7, 30, 32),  # Sunday: 10, and 20 for seven in a row
    ("2026-11-30 23:59:59", 8, 1, 8, 1, 33),
    ("2026-12-01 00:00:00", 9, 2, 9, 1, 34),
]


def walk(phone, clock, days):
    """Each day: the first tap, a double tap, and a retry under a key; only the first one pays."""
    for moment, streak, place, tally, points, balance in days:
        clock.move_to(moment)
        first, second, third = phone.tap(), phone.tap(), phone.tap(key=f"retry-{moment[:10]}")
        replayed = phone.tap(key=f"retry-{moment[:10]}")
        assert [first.status_code, second.status_code, third.status_code] == [201, 200, 200], first.text
        assert first.json() == second.json() == third.json() == replayed.json()
        assert replayed.headers["Idempotency-Replayed"] == "true"
        body = first.json()
        found = (body["streak"], body["day"], body["tally"], body["points"], body["balance"])
        assert found == (streak, place, tally, points, balance), moment


def make_up_thursday(phone, clock):
    clock.move_to("2026-11-28 09:05")
    refused = [phone.fill("2026-11-26", key=""), phone.fill("2026-11-22", key="too-early")]
    assert [each.json()["code"] for each in refused] == ["core.idempotency_key_required", "checkins.day_not_open"]
    done, again = phone.fill("2026-11-26", key="thursday"), phone.fill("2026-11-26", key="thursday")
    twice = phone.fill("2026-11-26", key="thursday-2")
    assert (done.status_code, again.status_code) == (201, 201)
    assert done.json() == again.json()
    body = done.json()  # it costs 10 and pays half of the fourth day's 2
    assert (body["streak"], body["day"], body["tally"], body["points"], body["balance"]) == (6, 4, 6, 1, 2)
    assert (twice.status_code, twice.json()["code"]) == (422, "checkins.day_taken")


def test_nine_days_of_a_member(phone, clock):
    clock.move_to("2026-11-23 08:59")
    phone.sign_in_and_join()

    walk(phone, clock, BEFORE_THE_GAP)
    walk(phone, clock, AFTER_THE_GAP)
    make_up_thursday(phone, clock)
    walk(phone, clock, HEALED)

    _statement_is_exact(phone)
    _calendar_is_exact(phone)
    _books_are_clean()


def _statement_is_exact(phone):
    entries = phone.get("/me/points/entries?limit=50")["items"]
    assert [entry["points"] for entry in entries] == [1, 1, 30, 1, -10, 1, 1, 2, 1, 6]
    assert [entry["balance_after"] for entry in entries] == [34, 33, 32, 2, 1, 11, 10, 9, 7, 6]
    assert phone.get("/me/points")["balance"] == 34


def _calendar_is_exact(phone):
    page = phone.get(phone.check_ins + "?month=2026-11")
    states = {each["date"][-2:]: each["state"] for each in page["days"]}
    assert (page["streak"], page["longest"], page["tally"], page["has_checked_in"]) == (9, 9, 9, True)
    assert [states[day] for day in ("22", "23", "26", "30")] == ["outside", "checked", "made_up", "checked"]
    assert phone.get("/home")["check_in"]["next"]["checked_on"] == "2026-12-02"


def _books_are_clean():
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert "The ledger is clean." in out.getvalue()
    results = reconcile.run([name for name in reconcile.checks if name.startswith("checkins.")])
    assert [result.findings for result in results] == [[], []]
