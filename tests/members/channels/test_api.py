"""The consumer API: what a code leads to, recording scans, and what guessing wins."""

import uuid
from collections import Counter
from datetime import timedelta

import pytest

from core import clock as core_clock
from core.commands import scope
from core.errors import TooManyRequests
from members.accounts.models import Member
from members.channels import errors, services
from members.channels.models import Attribution, Scan
from members.channels.rules import codes
from members.channels.services.codes import draw
from tests.factories.accounts import bearer, make_member, make_visitor
from tests.factories.channels import make_channel, make_code, make_kit, scan

pytestmark = pytest.mark.django_db


def get(client, code, **headers):
    return client.get(f"/api/v1/codes/{code}", **headers)


def post(client, code, scan_id=None, **body):
    headers = {name: body.pop(name) for name in list(body) if name.startswith("HTTP_")}
    body = {"scan_id": str(scan_id or uuid.uuid4()), "code": code} | body
    return client.post("/api/v1/scans", body, content_type="application/json", **headers)


def test_a_code_leads_to_its_landing_and_tells_of_the_gift(client, clock, django_assert_num_queries):
    code = make_code(welcome_kit=make_kit(100))
    services.set_landing(
        channel=code.batch.channel, path="pages/gift/index", params={"from": "insert"},
        texts={"title_zh": "谢谢", "title_en": "Thank you"},
    )  # fmt: skip
    with django_assert_num_queries(1):
        answer = get(client, codes.grouped(code.code).lower(), HTTP_ACCEPT_LANGUAGE="en")

    assert answer.status_code == 200
    assert answer.json() == {
        "code": code.code,
        "type": "insert",
        "landing": {
            "target": "mini_program", "path": "pages/gift/index", "params": {"from": "insert"}, "title": "Thank you",
            "text": "",
        },
        "gift": {"rewards": ["100 points"], "state": "available"},
    }  # fmt: skip


def test_without_a_rule_the_fallback_holds(client):
    answer = get(client, make_code().code).json()

    assert answer["landing"]["path"] == "pages/index/index"
    assert answer["gift"] is None


def test_a_printed_code_follows_its_landing_by_time_and_level(client, clock):
    top = make_channel(kind="platform")
    code = make_code(make_channel(parent=top))
    path = lambda: get(client, code.code).json()["landing"]["path"]  # noqa: E731
    services.set_landing(channel=top, path="pages/top")
    assert path() == "pages/top"
    services.set_landing(channel=code.batch.channel, path="pages/own", priority=5)
    services.set_landing(channel=code.batch.channel, path="pages/less")
    services.set_landing(code=code, path="pages/sale", starts_at=clock.now + timedelta(days=1),
                         ends_at=clock.now + timedelta(days=2))  # fmt: skip
    assert path() == "pages/own"
    clock.advance(days=1)
    assert path() == "pages/sale"
    clock.advance(days=1)
    assert path() == "pages/own"


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [({"state": "draft"}, 404, "channels.code_unknown"), ({"state": "paused"}, 410, "channels.code_ended"),
     ({"state": "closed"}, 410, "channels.code_ended"),
     ({"starts_at": core_clock.now() + timedelta(days=900)}, 422, "channels.code_not_started"),
     ({"ends_at": core_clock.now() - timedelta(days=900)}, 410, "channels.code_ended")],
)  # fmt: skip
def test_a_code_out_of_its_time_says_so(client, fields, status, code):
    answer = get(client, make_code(**fields).code)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_mistyped_code_is_told_from_an_unknown_one(client):
    code = draw()
    wrong = code[:-1] + codes.ALPHABET[codes.ALPHABET.index(code[-1]) - 1]

    assert (get(client, wrong).status_code, get(client, wrong).json()["code"]) == (422, "channels.code_mistyped")
    assert (get(client, code).status_code, get(client, code).json()["code"]) == (404, "channels.code_unknown")


@pytest.mark.parametrize(
    ("joined", "received", "state"), [(False, False, "available"), (True, False, "missed"), (True, True, "received")]
)
def test_a_signed_in_person_learns_whether_the_gift_is_for_them(client, joined, received, state):
    kit = make_kit()
    code = make_code(welcome_kit=kit)
    member = make_member() if joined else make_visitor()
    if received:
        kit_id, channel_id = kit.pk, code.batch.channel_id
        member_welcome(member, kit_id, channel_id)

    assert get(client, code.code, **bearer(member)).json()["gift"]["state"] == state


def member_welcome(member, kit_id, channel_id):
    with scope():
        services.welcome(member_id=member.pk, kit_id=kit_id, specs=[], channel_id=channel_id, at=core_clock.now())


def test_a_scan_is_recorded_once(client, clock, django_assert_num_queries):
    code, scan_id = make_code(), uuid.uuid4()
    with django_assert_num_queries(1):
        first = post(
            client, code.code, scan_id, scancode_time=1_795_309_200, launch_scene=1011, HTTP_X_DEVICE_ID="phone"
        )
    clock.advance(minutes=1)
    again = post(client, codes.grouped(code.code), scan_id)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == {
        "scan_id": str(scan_id), "code": code.code, "scanned_at": "2026-11-22T09:00:00+08:00",
    }  # fmt: skip
    made = Scan.objects.get()
    assert made.claimed_at is not None
    assert (made.scene, made.claimed_at.timestamp(), made.address, made.member) == (
        1011,
        1_795_309_200,
        "127.0.0.1",
        None,
    )
    assert len(made.device) == 32


def test_one_scan_id_is_not_for_two_codes(client):
    scan_id = scan(make_code())
    answer = post(client, make_code().code, scan_id)

    assert (answer.status_code, answer.json()["code"]) == (422, "channels.scan_reused")
    assert Scan.objects.count() == 1


def test_with_a_token_the_scan_is_the_callers_also_when_repeated(client):
    code, member = make_code(), make_visitor()
    post(client, code.code, **bearer(member))
    second = scan(code)
    post(client, code.code, second, **bearer(member))

    assert list(Scan.objects.values_list("member_id", flat=True)) == [member.pk, member.pk]
    assert Attribution.objects.get().member == member


@pytest.mark.parametrize("change", [{"token_version": 2}, {"blocked_at": core_clock.now()}])
def test_a_token_that_no_longer_holds_makes_the_scan_nobodys(client, change):
    code, member = make_code(), make_visitor()
    headers = bearer(member)
    Member.objects.filter(pk=member.pk).update(**change)

    assert post(client, code.code, **headers).status_code == 201
    assert post(client, code.code, HTTP_AUTHORIZATION="Bearer nonsense").status_code == 201
    assert list(Scan.objects.values_list("member_id", flat=True)) == [None, None]
    assert not Attribution.objects.exists()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"scan_id": "x"}, "/scan_id"), ({"wrong": 1}, "/wrong"), ({"launch_scene": -1}, ""),
     ({"scancode_time": 1e30}, "/scancode_time"),
     ({"scancode_time": 10**15}, ""), ({"code": "x" * 65}, "")],
)  # fmt: skip
def test_a_malformed_scan_leaves_nothing(client, body, pointer):
    answer = client.post(
        "/api/v1/scans",
        {"scan_id": str(uuid.uuid4()), "code": make_code().code} | body,
        content_type="application/json",
    )

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    assert not Scan.objects.exists()


@pytest.mark.parametrize(("state", "status"), [("draft", 404), ("paused", 201), ("closed", 201)])
def test_scans_of_ended_channels_are_counted_but_not_of_drafts(client, state, status):
    assert post(client, make_code(state=state).code).status_code == status


def guess(code, address):
    """What the door answers: found, unknown or wait."""
    try:
        services.look_up(code, subjects={"address": address, "device": "", "member": ""})
    except errors.CodeUnknown:
        return "unknown"
    except TooManyRequests:
        return "wait"
    return "found"


def test_ten_thousand_guesses_are_slowed_down_and_learn_nothing():
    """Right guesses wait like wrong ones; what few answers there are say only that a code does not exist."""
    live = services.create_batch(channel=make_channel(), name="一批", quantity=1000).codes.all()[0].code

    answers = Counter(guess(draw(), f"198.51.100.{number % 4}") for number in range(10_000))

    assert set(answers) == {"unknown", "wait"}
    assert answers["unknown"] < 4 * 120 + 4 * 60  # 120 at once from each address, then one a second
    assert guess(live, "198.51.100.0") == "wait"
    assert guess(live, "203.0.113.9") == "found"
    assert not Scan.objects.exists()


def test_an_honest_typing_mistake_costs_no_waiting(client):
    code = make_code()
    wrong = ("1" if code.code[0] != "1" else "2") + code.code[1:]
    for _ in range(30):
        assert get(client, wrong, HTTP_X_DEVICE_ID="phone").status_code == 422

    assert get(client, code.code, HTTP_X_DEVICE_ID="phone").status_code == 200


def test_the_scan_endpoint_tells_guessers_no_more(client):
    statuses = [post(client, draw(), HTTP_X_DEVICE_ID="phone").status_code for _ in range(20)]

    assert statuses == [404] * 12 + [429] * 8
    assert post(client, make_code().code, HTTP_X_DEVICE_ID="phone").status_code == 429
