"""The members in the admin."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils.html import escape

from core.models import AuditEntry, StaffUser
from members.accounts import contract, rules, services
from members.accounts.rules import ConsentGiven
from tests.factories.accounts import caller_of, make_member, make_visitor

pytestmark = pytest.mark.django_db

LIST = "admin:accounts_member_changelist"
HOSTILE = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>', "{{ 7*7 }}", "{% debug %}",
    "javascript:alert(1)", "'--", "%s%(x)s", "&lt;b&gt;", "<!--",
)  # fmt: skip


def card(member):
    return reverse("admin:accounts_member_change", args=[member.pk])


def act(member, name):
    return reverse(f"admin:accounts_member_{name}", args=[member.pk])


@pytest.fixture
def staff(client, settings):
    """A signed-in member of staff who may look at members."""
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
    user = StaffUser.objects.create_user("lin", password="x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_member"))
    client.force_login(user)
    return user


@pytest.fixture
def closer(staff):
    """One who may also close accounts."""
    staff.user_permissions.add(Permission.objects.get(codename="close_member"))
    return staff


def test_a_member_is_found_by_the_whole_number_only(client, staff):
    wanted, other = make_member(nickname="小满"), make_member(nickname="木木")
    assert wanted.member_no is not None
    number = f"{wanted.member_no[:4]} {wanted.member_no[4:8]} {wanted.member_no[8:]}"

    for term, found in [(number, True), (wanted.member_no, True), (wanted.member_no[:11], False), ("小满", False)]:
        page = client.get(reverse(LIST), {"q": term}).content.decode()
        assert (card(wanted) in page, card(other) in page) == (found, False)


@pytest.mark.parametrize("chosen", ["member", "visitor", "closed", "test", "nonsense"])
def test_the_list_can_be_narrowed(client, staff, clock, chosen):
    people = {
        "member": make_member(),
        "visitor": make_visitor(),
        "closed": make_member(blocked_at=clock.now),
        "test": make_visitor(is_test=True, blocked_at=clock.now),
    }
    page = client.get(reverse(LIST), {"state": chosen}).content.decode()
    shown = {name for name, member in people.items() if card(member) in page}

    assert shown == {"closed": {"closed", "test"}, "nonsense": set(people)}.get(chosen, {chosen})


def test_the_list_costs_the_same_for_many(client, staff, django_assert_max_num_queries):
    for _ in range(30):
        make_member()
    with django_assert_max_num_queries(6):
        assert client.get(reverse(LIST)).status_code == 200


def test_the_card_shows_the_panels_that_slices_registered(client, staff):
    contract.card_panels.register("test", contract.CardPanel("Points <b>", lambda _key: [("Balance", "<i>12")]))
    visitor = make_visitor(nickname="小满")
    services.join(caller=caller_of(visitor), consents=[ConsentGiven("terms", "1"), ConsentGiven("privacy", "1")])
    try:
        page = client.get(card(visitor)).content.decode()
    finally:
        contract.card_panels.unregister("test")

    assert "Points &lt;b&gt;" in page
    assert "&lt;i&gt;12" in page
    assert "会员协议" in page


@pytest.mark.parametrize("nickname", HOSTILE)
def test_a_hostile_nickname_is_shown_as_it_reads(client, staff, nickname):
    member = make_member(nickname=rules.clean_nickname(nickname))
    for page in (client.get(reverse(LIST)), client.get(card(member))):
        text = page.content.decode()
        assert escape(nickname) in text
        assert nickname == escape(nickname) or nickname not in text


def test_closing_asks_for_a_reason_and_closes_once(client, closer):
    member = make_member()
    form = client.get(act(member, "close"))
    key = form.context["key"]

    assert client.post(act(member, "close"), {"act_key": key, "reason": ""}).status_code == 200
    member.refresh_from_db()
    assert member.blocked_at is None
    for _ in range(2):
        done = client.post(act(member, "close"), {"act_key": key, "reason": "resells"})
        assert (done.status_code, done.url) == (302, card(member))
    member.refresh_from_db()
    assert (member.state, member.blocked_reason) == ("closed", "resells")
    assert AuditEntry.objects.filter(action="accounts.block", actor=closer).count() == 1


def test_a_closed_account_can_be_reopened(client, closer, clock):
    member = make_member(blocked_at=clock.now, blocked_reason="resells")
    page = client.get(card(member)).content.decode()

    assert act(member, "reopen") in page
    assert act(member, "close") not in page
    client.post(act(member, "reopen"), {"act_key": "k1", "reason": "a mistake"})
    member.refresh_from_db()
    assert (member.state, member.blocked_reason) == ("member", "")


def test_sessions_can_be_ended_for_a_lost_phone(client, closer):
    member = make_member()
    client.post(act(member, "end_sessions"), {"act_key": "k1", "reason": "lost phone"})

    member.refresh_from_db()
    assert member.token_version == 2


@pytest.mark.parametrize("name", ["close", "reopen", "end_sessions"])
def test_who_may_only_look_cannot_act(client, staff, name):
    member = make_member()

    assert act(member, name) not in client.get(card(member)).content.decode()
    assert client.post(act(member, name), {"act_key": "k1", "reason": "x"}).status_code == 403
    member.refresh_from_db()
    assert (member.blocked_at, member.token_version, AuditEntry.objects.count()) == (None, 1, 0)


def test_nobody_writes_a_member_by_hand(client, closer):
    member = make_member(nickname="小满")

    assert client.post(card(member), {"nickname": "x"}).status_code == 403
    assert client.get(reverse("admin:accounts_member_add")).status_code == 403
    assert client.post(reverse("admin:accounts_member_delete", args=[member.pk]), {"post": "yes"}).status_code == 403
    member.refresh_from_db()
    assert member.nickname == "小满"


@pytest.mark.parametrize("key", ["0", "999999999", "x", "1/../2"])
def test_a_card_of_nobody_is_not_there(client, staff, key):
    answer = client.get(f"/admin/accounts/member/{key}/change/")

    assert answer.status_code in {302, 404}


@pytest.mark.parametrize("name", ["close", "reopen", "end-sessions"])
def test_an_act_on_nobody_is_not_there(client, closer, name):
    assert client.get(f"/admin/accounts/member/0/{name}/").status_code == 404
    assert client.get(f"/admin/accounts/member/x/{name}/").status_code == 404
