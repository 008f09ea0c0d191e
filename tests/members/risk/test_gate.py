"""The gate judges without SQL, tells nobody why, and remembers what it refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from core import clock as product_clock
from core.commands import command, scope
from core.models import AuditEntry, StaffUser
from members.accounts.models import Member
from members.risk import contract, errors, selectors, services
from members.risk.contract import Decision, Verdict
from members.risk.models import BlockEntry, RiskDecision, RiskPolicy
from tests.factories.accounts import make_member, make_visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Member:
    return make_member()


@pytest.fixture
def staff() -> StaffUser:
    return StaffUser.objects.create_user("risk-officer", is_staff=True)


def judge(member: Member | None = None, device: str = "", address: str = "1.2.3.4", act: str = "test.act") -> Verdict:
    return services.judge(
        act=act, member_id=member.pk if member else None, device=device, address=address, at=product_clock.now()
    )


def test_an_ordinary_act_is_allowed_and_costs_no_sql(
    member: Member, clock: Any, django_assert_num_queries: Any
) -> None:
    judge(member)  # the first one reads the lists

    with django_assert_num_queries(0):
        verdict = judge(member, device="phone")

    assert (verdict.is_allowed, verdict.is_held, verdict.is_refused, verdict.reasons) == (True, False, False, ())
    services.flush()
    assert not RiskDecision.objects.exists()


def test_the_31st_act_in_a_minute_is_refused_and_later_ones_are_not(member: Member, clock: Any) -> None:
    verdicts = [judge(member) for _ in range(31)]

    assert [verdict.is_allowed for verdict in verdicts] == [True] * 30 + [False]
    assert verdicts[-1] == Verdict(Decision.REFUSE, ("velocity.member.acts",))
    clock.advance(minutes=2)
    assert judge(member).is_allowed


def test_the_eleventh_member_of_a_device_is_held(clock: Any) -> None:
    members = [make_visitor() for _ in range(11)]

    verdicts = [judge(member, device="phone") for member in members]

    assert [verdict.decision for verdict in verdicts] == [Decision.ALLOW] * 10 + [Decision.HOLD]
    assert judge(members[0], device="phone").is_allowed


def test_a_thousand_honest_accounts_behind_one_address_are_served(clock: Any) -> None:
    verdicts = [
        services.judge(
            act="checkins.check_in", member_id=number, device=f"phone-{number}", address="1.2.3.4", at=clock.now
        )
        for number in range(1000)
        for _tap in range(3)
    ]

    assert sum(verdict.is_allowed for verdict in verdicts) >= 0.99 * len(verdicts)


def test_ensure_allowed_refuses_without_a_reason(member: Member, clock: Any) -> None:
    RiskPolicy.objects.create(act="test.act", scope="member", most=1, seconds=60, decision="refuse")
    facts: dict[str, Any] = {"act": "test.act", "member_id": member.pk, "at": clock.now}

    assert services.ensure_allowed(**facts).is_allowed
    with pytest.raises(errors.Refused) as refused:
        services.ensure_allowed(**facts)

    assert (refused.value.status, refused.value.code, refused.value.params) == (403, "risk.refused", {})


def test_a_policy_of_the_brand_works_within_five_seconds(member: Member, clock: Any) -> None:
    judge(member)
    RiskPolicy.objects.create(act="test.act", scope="member", most=1, seconds=3600, decision="hold")

    assert judge(member).is_allowed
    clock.advance(seconds=5)
    assert [judge(member).decision for _ in range(2)] == [Decision.ALLOW, Decision.HOLD]
    assert judge(member, act="test.other").is_allowed


# ---- decisions -------------------------------------------------------------------------------------------------------


def _refuse_once(member: Member) -> None:
    contract.signals.register("test", lambda _facts: Verdict(Decision.REFUSE, ("test.signal",)))
    try:
        assert judge(member, device="phone").is_refused
    finally:
        contract.signals.unregister("test")


def test_what_is_refused_is_written_after_the_request(member: Member, clock: Any) -> None:
    _refuse_once(member)
    assert not RiskDecision.objects.exists()

    Client().get("/healthz")

    row = RiskDecision.objects.get()
    assert (row.member, row.act, row.decision, row.reasons) == (member, "test.act", "refuse", ["test.signal"])
    assert (row.device, row.address, row.at) == ("phone", "1.2.3.4", clock.now)


def test_a_decision_survives_the_act_that_it_stopped(member: Member) -> None:
    @command
    def act() -> None:
        _refuse_once(member)
        raise errors.Refused

    with pytest.raises(errors.Refused):
        act()
    judge(member)  # the next judgement outside a transaction writes it

    assert RiskDecision.objects.count() == 1


def test_a_decision_about_a_member_who_was_never_committed_is_kept_without_one() -> None:
    with transaction.atomic():
        ghost = make_visitor()
        transaction.set_rollback(True)
    _refuse_once(ghost)

    assert services.flush() == 1
    assert RiskDecision.objects.get().member is None


def test_decisions_are_kept_ninety_days(member: Member, clock: Any) -> None:
    _refuse_once(member)
    services.flush()

    clock.advance(days=90)
    assert services.purge_decisions() == 0
    clock.advance(seconds=1)
    assert services.purge_decisions() == 1


# ---- block list ------------------------------------------------------------------------------------------------------


def test_a_listed_member_is_refused_everywhere_until_lifted(member: Member, staff: StaffUser, clock: Any) -> None:
    entry = services.block(kind="member", value=str(member.member_no), decision="refuse", reason="farm", actor=staff)

    assert judge(member).reasons == ("listed.member",)
    assert judge(make_member()).is_allowed
    services.unblock(entry=entry, actor=staff, reason="sorry")
    clock.advance(seconds=5)
    assert judge(member).is_allowed
    trail = AuditEntry.objects.order_by("id").values_list("action", "reason")
    assert list(trail) == [("risk.block", "farm"), ("risk.unblock", "sorry")]


def test_devices_and_addresses_are_listed_in_normal_form_and_for_a_time(staff: StaffUser, clock: Any) -> None:
    until = clock.now + timedelta(hours=1)
    services.block(kind="address", value=" 2001:db8::1 ", decision="refuse", reason="r", actor=staff, until=until)
    services.block(kind="device", value="phone", decision="hold", reason="r", actor=staff)

    assert judge(address="2001:db8::99").is_refused
    assert judge(device="phone").is_held
    clock.advance(hours=1)
    assert judge(address="2001:db8::99").is_allowed


@pytest.mark.parametrize(
    ("kind", "value"), [("member", "000000000000"), ("address", "nowhere"), ("device", " "), ("planet", "mars")]
)
def test_what_cannot_be_is_not_listed(staff: StaffUser, kind: str, value: str) -> None:
    with pytest.raises(errors.UnknownSubject):
        services.block(kind=kind, value=value, decision="refuse", reason="r", actor=staff)

    assert not BlockEntry.objects.exists()
    assert not AuditEntry.objects.exists()


def test_an_entry_is_made_once_and_lifted_once(staff: StaffUser) -> None:
    listing: dict[str, Any] = {"kind": "device", "value": "d", "decision": "hold", "reason": "r", "actor": staff}
    entry = services.block(**listing)

    with pytest.raises(errors.AlreadyListed):
        services.block(**listing)
    services.unblock(entry=entry, actor=staff, reason="r")
    with pytest.raises(errors.NotListed):
        services.unblock(entry=entry, actor=staff, reason="r")

    assert AuditEntry.objects.count() == 2


def test_merge_export_and_erase(member: Member, staff: StaffUser, clock: Any) -> None:
    services.block(kind="member", value=str(member.member_no), decision="hold", reason="r", actor=staff)
    _refuse_once(member)
    services.flush()
    data, survivor = services.RiskData(), make_member()

    assert data.export(member.pk) == {
        "risk_decisions": [{"act": "test.act", "decision": "refuse", "at": "2026-11-22T09:00:00+08:00"}]
    }
    with scope():
        data.erase(member.pk)
        data.merge(source_id=member.pk, target_id=survivor.pk)

    assert list(RiskDecision.objects.values_list("device", "address")) == [("", "")]
    services.forget()
    assert judge(survivor).is_held


def test_the_card_says_whether_a_member_is_listed(member: Member, staff: StaffUser, clock: Any) -> None:
    services.block(kind="member", value=str(member.member_no), decision="refuse", reason="farm", actor=staff)
    _refuse_once(member)
    services.flush()

    lines = [value for _label, value in selectors.card_lines(member.pk)]

    assert lines[0].endswith(" · farm")
    assert lines[1:] == ["1", "0"]
