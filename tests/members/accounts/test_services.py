"""Acts on accounts: what is called inside, what is left behind."""

from datetime import date

import pytest

from core import randomness
from core.commands import OutsideTransaction, scope
from core.errors import Busy, NotSignedIn
from core.models import AuditEntry, Event, StaffUser
from members.accounts import contract, errors, rules, selectors, services
from members.accounts.models import Consent, Identity, Member
from members.accounts.rules import ConsentGiven
from members.accounts.services.membership import enrol
from members.accounts.services.personal_data import AccountData
from platforms.protocols import LoginRefused, PlatformDown, PlatformIdentity, login_providers
from tests.factories.accounts import caller_of, make_member, make_visitor

pytestmark = pytest.mark.django_db

CONSENTS = (ConsentGiven("terms", "1"), ConsentGiven("privacy", "1"))


class Refusal(Exception):
    """What a part of a higher slice raises in a test."""


class TwoApps:
    """A login provider with two apps and the moods of a platform."""

    def app_ids(self):
        return ("wx1", "wx2")

    def exchange(self, app_id, code):
        if code in {"used", "down"}:
            raise LoginRefused if code == "used" else PlatformDown
        return PlatformIdentity("paired", app_id, code, unionid="u1", session_key="hush")


@pytest.fixture
def paired():
    login_providers.register("paired", TwoApps())
    yield
    login_providers.unregister("paired")


@pytest.fixture
def called():
    """The calls of a part registered for signing in and for joining."""
    calls: list[object] = []
    contract.signed_in.register("test", calls.append)
    contract.joined.register("test", calls.append)
    yield calls
    contract.signed_in.unregister("test")
    contract.joined.unregister("test")


def sign_in(code="demo-a", **given):
    return services.sign_in(**{"platform": "sandbox", "app_id": "", "code": code, "launch": {}} | given)


def test_parts_of_signing_in_hear_each_sign_in_with_its_launch(called, clock):
    member = sign_in(launch={"channel_code": "C1"}).member
    clock.advance(hours=1)
    sign_in()

    assert [(each.member_id, each.is_new, each.launch) for each in called] == [
        (member.pk, True, {"channel_code": "C1"}), (member.pk, False, {}),
    ]  # fmt: skip
    assert called[1].at == clock.now


def test_a_refusing_part_leaves_nobody_behind(called):
    def refuse(_signed_in):
        raise Refusal

    contract.signed_in.register("refusing", refuse)
    try:
        with pytest.raises(Refusal):
            sign_in()
    finally:
        contract.signed_in.unregister("refusing")
    assert [model.objects.count() for model in (Member, Identity, Event)] == [0, 0, 0]


def test_a_refusing_part_leaves_the_visitor_a_visitor(called):
    def refuse(_joined):
        raise Refusal

    visitor = make_visitor()
    contract.joined.register("refusing", refuse)
    try:
        with pytest.raises(Refusal):
            services.join(caller=caller_of(visitor), consents=CONSENTS)
    finally:
        contract.joined.unregister("refusing")
    visitor.refresh_from_db()
    assert (visitor.joined_at, visitor.member_no, Consent.objects.count()) == (None, None, 0)


def test_joining_calls_its_parts_once(called, clock):
    visitor = make_visitor()
    for _ in range(2):
        services.join(caller=caller_of(visitor), consents=CONSENTS)

    assert called == [contract.Joined(visitor.pk, clock.now)]


def test_joining_that_was_overtaken_changes_nothing(called):
    visitor = make_visitor()
    services.join(caller=caller_of(visitor), consents=CONSENTS)
    number = Member.objects.get().member_no
    with scope():
        enrol(member=visitor, consents=CONSENTS, place="api", at=visitor.first_seen_at)

    assert Member.objects.get().member_no == number
    assert (len(called), Consent.objects.count()) == (1, 2)


def test_a_number_that_is_taken_is_drawn_again(monkeypatch):
    make_member(member_no=rules.member_no("1" * 11))
    drawn = iter(["1" * 11, "2" * 11])
    monkeypatch.setattr(randomness, "digits", lambda _n: next(drawn))

    assert services.join(caller=caller_of(make_visitor()), consents=CONSENTS).member_no == rules.member_no("2" * 11)


def test_when_no_number_is_found_the_visitor_may_try_again(monkeypatch):
    make_member(member_no=rules.member_no("1" * 11))
    monkeypatch.setattr(randomness, "digits", lambda _n: "1" * 11)
    visitor = make_visitor()

    with pytest.raises(Busy):
        services.join(caller=caller_of(visitor), consents=CONSENTS)
    assert Consent.objects.count() == 0


def test_one_openid_in_two_apps_is_two_identities(paired):
    members = {sign_in("o1", platform="paired", app_id=app).member.pk for app in ("wx1", "wx2", "wx1")}

    assert len(members) == Identity.objects.count() == 2
    assert set(Identity.objects.values_list("openid", "unionid")) == {("o1", "u1")}


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"app_id": ""}, errors.UnknownApp),
        ({"app_id": "wx3"}, errors.UnknownApp),
        ({"app_id": "wx1", "code": "used"}, errors.LoginCodeRefused),
        ({"app_id": "wx1", "code": "down"}, errors.PlatformUnavailable),
    ],
)
def test_a_platforms_no_leaves_nobody(paired, given, refusal):
    with pytest.raises(refusal):
        sign_in(platform="paired", **given)
    assert not Member.objects.exists()


def test_the_platform_is_never_called_inside_a_transaction():
    with scope(), pytest.raises(RuntimeError, match="must not run inside a transaction"):
        sign_in()


def test_a_session_key_is_not_even_printed():
    assert "hush" not in repr(PlatformIdentity("p", "a", "o", session_key="hush"))


def test_signing_out_with_an_older_token_is_refused():
    member = make_member()
    caller = caller_of(member)
    services.sign_out_everywhere(caller=caller)

    with pytest.raises(NotSignedIn):
        services.sign_out_everywhere(caller=caller)
    member.refresh_from_db()
    assert member.token_version == 2


def test_closing_and_reopening_are_on_record(clock):
    staff, member = StaffUser.objects.create(username="lin"), make_member()

    assert services.block(member=member, actor=staff, reason=" resells coupons ")
    assert not services.block(member=member, actor=staff, reason="again")
    with pytest.raises(errors.Blocked):
        selectors.get_member(caller_of(member))
    assert services.unblock(member=member, actor=staff, reason="a mistake")
    assert not services.unblock(member=member, actor=staff, reason="again")
    assert selectors.get_joined(caller_of(member)).blocked_reason == ""
    assert list(AuditEntry.objects.order_by("id").values_list("action", "reason", "actor")) == [
        ("accounts.block", "resells coupons", staff.pk), ("accounts.unblock", "a mistake", staff.pk),
    ]  # fmt: skip


def test_closing_needs_a_reason():
    member = make_member()

    with pytest.raises(errors.ReasonRequired):
        services.block(member=member, actor=StaffUser.objects.create(username="lin"), reason="  ")
    member.refresh_from_db()
    assert (member.blocked_at, AuditEntry.objects.count()) == (None, 0)


def test_a_row_of_a_hot_request_is_checked_like_the_member():
    member, visitor = make_member(), make_visitor()
    row = selectors.read_alive(caller_of(visitor))

    with pytest.raises(errors.NotJoined):
        selectors.ensure_joined(row)
    with pytest.raises(errors.NotJoined):
        selectors.get_joined(caller_of(visitor))
    selectors.ensure_joined(selectors.read_alive(caller_of(member)))
    assert selectors.get_joined(caller_of(member)) == member


def test_merging_moves_the_sign_in_and_ends_the_tokens():
    source, target = make_member(openid="demo-old"), make_member()
    caller = caller_of(source)
    with scope():
        AccountData().merge(source_id=source.pk, target_id=target.pk)

    assert sign_in("demo-old").member == target
    with pytest.raises(NotSignedIn):
        selectors.get_member(caller)


def test_an_export_has_what_is_known_and_no_openid(clock):
    visitor = make_visitor(openid="demo-me", nickname="小满", birthday=date(1993, 5, 21), first_seen_at=clock.now)
    member = services.join(caller=caller_of(visitor), consents=CONSENTS[:2])
    consent = {"version": "1", "given": True, "at": "2026-11-22T09:00:00+08:00", "place": "api"}

    assert AccountData().export(member.pk) == {
        "member_no": member.member_no,
        "nickname": "小满",
        "avatar_url": "",
        "birthday": "1993-05-21",
        "first_seen_at": "2026-11-22T09:00:00+08:00",
        "joined_at": "2026-11-22T09:00:00+08:00",
        "platforms": ["sandbox"],
        "consents": [{"purpose": "terms", **consent}, {"purpose": "privacy", **consent}],
    }


def test_erasing_leaves_a_number_without_a_person():
    member = make_member(openid="demo-me", nickname="小满", birthday=date(1993, 5, 21))
    caller = caller_of(member)
    with scope():
        AccountData().erase(member.pk)

    member.refresh_from_db()
    assert (member.nickname, member.birthday, member.identities.count()) == ("", None, 0)
    assert member.member_no is not None
    with pytest.raises(NotSignedIn):
        selectors.get_member(caller)
    assert sign_in("demo-me").is_new


def test_consents_are_added_and_never_changed():
    member = make_member()
    assert member.joined_at is not None
    consent = Consent(member=member, purpose="terms", version="1", given=True, at=member.joined_at, place="api")
    consent.save()
    first = consent.pk
    consent.given, consent.pk = False, None
    consent.save()

    assert list(Consent.objects.order_by("id").values_list("id", "given")) == [(first, True), (first + 1, False)]


def test_parts_refuse_to_run_outside_a_command():
    with pytest.raises(OutsideTransaction):
        AccountData().erase(1)
