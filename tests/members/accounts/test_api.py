"""The consumer API of the accounts."""

from datetime import date

import pytest

from core.models import Event
from members.accounts.models import Consent, Identity, Member
from members.accounts.rules import is_member_no
from tests.factories.accounts import bearer, make_member, make_visitor

pytestmark = pytest.mark.django_db

AGREED = {"consents": [{"purpose": "terms", "version": "1"}, {"purpose": "privacy", "version": "1"}]}


def post(client, path, body, member=None, **headers):
    headers |= bearer(member) if member else {}
    return client.post(f"/api/v1/{path}", body, content_type="application/json", **headers)


def put_me(client, member, body):
    return client.put("/api/v1/me", body, content_type="application/json", **bearer(member))


def sign_in(client, code="demo-xiaoman", **body):
    return post(client, "sessions", {"platform": "sandbox", "code": code, **body})


def test_the_first_sign_in_makes_a_visitor(client, clock):
    answer = sign_in(client)

    assert answer.status_code == 201
    assert answer.json()["expires_at"] == "2026-12-22T09:00:00+08:00"
    assert answer.json()["member"] == {
        "public_id": str(Member.objects.get().public_id),
        "member_no": None,
        "is_member": False,
        "joined_at": None,
        "nickname": "",
        "avatar_url": "",
        "birthday": None,
        "birthday_changeable_on": None,
        "first_seen_at": "2026-11-22T09:00:00+08:00",
    }


def test_a_later_sign_in_is_the_same_person(client, clock):
    first = sign_in(client).json()
    clock.advance(days=3)
    again = sign_in(client)

    assert again.status_code == 200
    assert again.json()["member"] == first["member"]
    assert again.json()["token"] != first["token"]
    assert Member.objects.get().last_seen_on == date(2026, 11, 25)
    assert list(Event.objects.order_by("id").values_list("topic", "payload__is_first")) == [
        ("accounts.first_seen", None), ("accounts.signed_in", True), ("accounts.signed_in", False),
    ]  # fmt: skip


def test_the_token_of_a_sign_in_opens_the_profile(client):
    session = sign_in(client).json()
    me = client.get("/api/v1/me", HTTP_AUTHORIZATION=f"Bearer {session['token']}")

    assert me.status_code == 200
    assert me.json() == session["member"]
    assert me.headers["Cache-Control"] == "no-store"


def test_openid_and_key_stay_on_the_server(client):
    answer = sign_in(client, "demo-hidden")

    assert b"demo-hidden" not in answer.content
    assert str(Member.objects.get().pk) not in answer.json()["member"].values()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"platform": "sandbox", "code": "xiaoman"}, 422, "accounts.login_code_refused"),
        ({"platform": "sandbox", "code": "demo-"}, 422, "accounts.login_code_refused"),
        ({"platform": "sandbox", "code": "demo-a b"}, 422, "accounts.login_code_refused"),
        ({"platform": "nowhere", "code": "demo-a"}, 400, "accounts.unknown_platform"),
        ({"platform": "sandbox", "app_id": "wx1", "code": "demo-a"}, 400, "accounts.unknown_app"),
        ({"platform": "sandbox"}, 400, "core.invalid_request"),
        ({"platform": "sandbox", "code": "demo-a", "member_id": 1}, 400, "core.invalid_request"),
        ({"platform": "sandbox", "code": "demo-a", "launch": {"scene": 1}}, 400, "core.invalid_request"),
        ({"platform": "sandbox", "code": "demo-a", "launch": {"scan_id": "x"}}, 400, "core.invalid_request"),
    ],
)
def test_a_refused_sign_in_leaves_nothing(client, body, status, code):
    answer = post(client, "sessions", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [model.objects.count() for model in (Member, Identity, Event)] == [0, 0, 0]


def test_a_damaged_token_does_not_stand_in_the_way_of_signing_in(client):
    answer = post(
        client, "sessions", {"platform": "sandbox", "code": "demo-a"}, HTTP_AUTHORIZATION="Bearer t1.gone"
    )  # fmt: skip

    assert answer.status_code == 201


def test_a_closed_account_cannot_sign_in(client, clock):
    make_member(openid="demo-closed", blocked_at=clock.now)
    answer = sign_in(client, "demo-closed")

    assert (answer.status_code, answer.json()["code"]) == (403, "accounts.blocked")
    assert not Event.objects.exists()


def test_an_identity_of_a_merged_account_signs_in_to_the_survivor(client):
    survivor = make_member()
    make_member(openid="demo-old", merged_into=survivor)

    assert sign_in(client, "demo-old").json()["member"]["public_id"] == str(survivor.public_id)


def test_signing_out_ends_every_token(client):
    one, other = (sign_in(client).json()["token"] for _ in range(2))
    answer = client.delete("/api/v1/sessions", HTTP_AUTHORIZATION=f"Bearer {one}")

    assert (answer.status_code, answer.content) == (204, b"")
    for token in (one, other):
        refused = client.get("/api/v1/me", HTTP_AUTHORIZATION=f"Bearer {token}")
        assert (refused.status_code, refused.json()["code"]) == (401, "core.not_signed_in")
    assert sign_in(client).status_code == 200


def test_signing_out_needs_a_token(client):
    assert client.delete("/api/v1/sessions").status_code == 401


def test_joining_gives_a_number_and_keeps_the_consents(client, clock):
    visitor = make_visitor()
    body = {"consents": [*AGREED["consents"], {"purpose": "marketing", "version": "2", "given": False}]}
    answer = post(client, "me/membership", body, visitor)

    assert answer.status_code == 200
    assert is_member_no(answer.json()["member_no"])
    assert (answer.json()["is_member"], answer.json()["joined_at"]) == (True, "2026-11-22T09:00:00+08:00")
    assert list(Consent.objects.order_by("id").values_list("member", "purpose", "version", "given", "place")) == [
        (visitor.pk, "terms", "1", True, "api"),
        (visitor.pk, "privacy", "1", True, "api"),
        (visitor.pk, "marketing", "2", False, "api"),
    ]


def test_joining_again_answers_the_same(client, clock):
    visitor = make_visitor()
    first = post(client, "me/membership", AGREED, visitor)
    clock.advance(days=1)
    again = post(client, "me/membership", AGREED, visitor)

    assert (again.status_code, again.json()) == (200, first.json())
    assert Consent.objects.count() == 2
    assert Event.objects.filter(topic="accounts.joined").count() == 1


def test_joining_twice_under_one_key_replays(client):
    visitor = make_visitor()
    first, again = (
        post(client, "me/membership", AGREED, visitor, HTTP_IDEMPOTENCY_KEY="join-1") for _ in range(2)
    )  # fmt: skip

    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(
    ("consents", "status", "code"),
    [
        ([], 422, "accounts.consent_required"),
        ([{"purpose": "terms", "version": "1"}], 422, "accounts.consent_required"),
        ([*AGREED["consents"][:1], {"purpose": "privacy", "version": "1", "given": False}], 422,
         "accounts.consent_required"),
        ([{"purpose": "anything", "version": "1"}], 400, "core.invalid_request"),
        ([{"purpose": "terms"}], 400, "core.invalid_request"),
        (AGREED["consents"] * 2, 400, "core.invalid_request"),
    ],
)  # fmt: skip
def test_joining_without_the_consents_leaves_nothing(client, consents, status, code):
    visitor = make_visitor()
    answer = post(client, "me/membership", {"consents": consents}, visitor)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    visitor.refresh_from_db()
    assert (visitor.member_no, visitor.joined_at) == (None, None)
    assert [model.objects.count() for model in (Consent, Event)] == [0, 0]


def test_the_profile_is_one_statement(client, django_assert_num_queries):
    member = make_member(nickname="小满")
    with django_assert_num_queries(1):
        assert client.get("/api/v1/me", **bearer(member)).json()["nickname"] == "小满"


def test_the_profile_changes_what_is_sent_and_nothing_else(client, clock):
    member = make_member(nickname="小满", avatar_url="https://thirdwx.qlogo.cn/a/132")
    answer = put_me(client, member, {"nickname": "  大满 ", "birthday": "1993-05-21"})

    assert answer.status_code == 200
    assert answer.json() == client.get("/api/v1/me", **bearer(member)).json()
    assert {name: answer.json()[name] for name in ("nickname", "avatar_url", "birthday", "birthday_changeable_on")} == {
        "nickname": "大满",
        "avatar_url": "https://thirdwx.qlogo.cn/a/132",
        "birthday": "1993-05-21",
        "birthday_changeable_on": "2027-11-22",
    }


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"nickname": "x" * 33}, 422, "accounts.invalid_nickname"),
        ({"nickname": "a\u202eb"}, 422, "accounts.invalid_nickname"),
        ({"avatar_url": "https://evil.example/a.png"}, 422, "accounts.invalid_avatar"),
        ({"avatar_url": "http://thirdwx.qlogo.cn/a.png"}, 422, "accounts.invalid_avatar"),
        ({"birthday": "2027-01-01"}, 422, "accounts.invalid_birthday"),
        ({"birthday": "2012-11-23"}, 422, "accounts.too_young"),
        ({"birthday": "1993-02-30"}, 400, "core.invalid_request"),
        ({"member_no": "1"}, 400, "core.invalid_request"),
        ({"nickname": None}, 400, "core.invalid_request"),
    ],
)
def test_a_refused_change_leaves_all_as_it_was(client, clock, change, status, code):
    member = make_member(nickname="小满")
    answer = put_me(client, member, {"nickname": "大满", "birthday": "1990-01-01"} | change)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    member.refresh_from_db()
    assert (member.nickname, member.birthday, member.birthday_changed_on) == ("小满", None, None)


def test_the_birthday_changes_once_a_year(client, clock):
    member = make_member(birthday=date(1993, 5, 21), birthday_changed_on=date(2025, 11, 23))
    refused = put_me(client, member, {"birthday": "1993-05-22", "nickname": "大满"})
    clock.advance(days=1)
    changed = put_me(client, member, {"birthday": "1993-05-22"})

    assert (refused.status_code, refused.json()["code"]) == (422, "accounts.birthday_changed_recently")
    assert refused.json()["params"] == {"on": "2026-11-23"}
    assert (changed.status_code, changed.json()["birthday"]) == (200, "1993-05-22")
    assert changed.json()["nickname"] == ""


def test_sending_the_same_birthday_again_is_no_change(client, clock):
    member = make_member(birthday=date(1993, 5, 21), birthday_changed_on=date(2026, 11, 1))

    assert put_me(client, member, {"birthday": "1993-05-21", "nickname": "大满"}).status_code == 200
    member.refresh_from_db()
    assert member.birthday_changed_on == date(2026, 11, 1)


def test_a_birthday_can_be_taken_away_but_not_set_anew_before_the_year_is_over(client, clock):
    member = make_member(birthday=date(1993, 5, 21), birthday_changed_on=date(2026, 11, 1))

    assert put_me(client, member, {"birthday": None}).json()["birthday"] is None
    assert put_me(client, member, {"birthday": "1993-05-22"}).json()["code"] == "accounts.birthday_changed_recently"


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"blocked_at": "2026-11-01T00:00:00+08:00"}, 403, "accounts.blocked"),
        ({"merged": True}, 401, "core.not_signed_in"),
        ({"token_version": 2}, 401, "core.not_signed_in"),
    ],
)
def test_a_dead_token_opens_nothing(client, fields, status, code):
    member = make_member()
    headers = bearer(member)
    fields = {"merged_into": make_member()} if "merged" in fields else fields
    Member.objects.filter(pk=member.pk).update(**fields)

    for answer in (
        client.get("/api/v1/me", **headers),
        client.get("/api/v1/home", **headers),
        client.put("/api/v1/me", {"nickname": "x"}, content_type="application/json", **headers),
        client.post("/api/v1/me/membership", AGREED, content_type="application/json", **headers),
        client.delete("/api/v1/sessions", **headers),
    ):
        assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_member_that_is_gone_is_not_signed_in(client):
    member = make_member()
    headers = bearer(member)
    member.delete()

    assert client.get("/api/v1/me", **headers).status_code == 401


def test_the_first_screen_begins_with_the_member(client):
    member = make_member(nickname="小满")
    home = client.get("/api/v1/home", **bearer(member)).json()

    assert next(iter(home)) == "member"
    assert home["member"] == client.get("/api/v1/me", **bearer(member)).json()


def test_refusals_speak_the_callers_language(client):
    chinese = sign_in(client, "wrong").json()["message"]
    english = post(
        client, "sessions", {"platform": "sandbox", "code": "wrong"}, HTTP_ACCEPT_LANGUAGE="en"
    ).json()["message"]  # fmt: skip

    assert chinese == "登录没有成功，请重新打开页面。"
    assert english == "Signing in did not work. Please open the page again."
