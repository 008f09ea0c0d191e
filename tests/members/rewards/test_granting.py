"""A grant happens once, within its budget, or leaves nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core import ids
from core.commands import OutsideTransaction, scope
from core.models import AuditEntry, StockShard
from members.accounts.models import Member
from members.rewards import contract, errors, rules, selectors, services
from members.rewards.contract import GrantLine
from members.rewards.models import Budget, Grant
from tests.factories.accounts import make_member
from tests.factories.rewards import Pebbles, pebble_spec, pebbles, source_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kind() -> Iterator[Pebbles]:
    with pebbles() as kind:
        yield kind


@pytest.fixture
def member() -> Member:
    return make_member()


def grant(member: Member, key: str = "k", n: Any = 3, budget: str = "", **source: Any) -> contract.Granted:
    with scope():
        return services.grant(member_id=member.pk, spec=pebble_spec(n), source=source_of(key, **source), budget=budget)


def revoke(member: Member, key: str = "k") -> None:
    with scope():
        services.revoke(member_id=member.pk, source=source_of(key, label="returned goods"))


def set_budget(fen: int) -> None:
    with scope():
        services.set_budget(budget="b", fen=fen)


def given() -> int:
    return AuditEntry.objects.filter(action="test.given").count()


def test_a_grant_is_given_and_written_down(member: Member) -> None:
    campaign = ids.uuid7()

    granted = grant(member, campaign_id=campaign, campaign_version_id=4)

    assert (granted.kind, granted.amount) == ("test.pebbles", 3)
    row = Grant.objects.get()
    assert (row.member, row.source, row.key, row.label) == (member, "test.reason", "k", "campaign:1")
    assert (row.kind, row.spec, row.amount, row.cost_fen) == ("test.pebbles", pebble_spec(3), 3, 300)
    assert (row.campaign_id, row.campaign_version_id, row.state, row.revoked_at) == (campaign, 4, "granted", None)
    assert (row.granted_at, row.business_on) == (source_of().at, source_of().on)
    assert given() == 1


def test_a_second_grant_of_the_same_source_is_refused_for_any_member(member: Member) -> None:
    grant(member)

    for who in (member, make_member()):
        with pytest.raises(errors.AlreadyGranted):
            grant(who)

    assert (Grant.objects.count(), given()) == (1, 1)


def test_another_key_or_source_is_another_grant(member: Member) -> None:
    grant(member), grant(member, key="k2"), grant(member, source="test.other")

    assert given() == 3


@pytest.mark.parametrize(
    "spec", [{}, {"kind": "test.nothing"}, {"kind": 5}, {"kind": "test.pebbles"}, pebble_spec(0), pebble_spec("3"), "x"]
)
def test_what_cannot_be_read_is_refused(member: Member, spec: Any) -> None:
    with pytest.raises(errors.InvalidReward), scope():
        services.grant(member_id=member.pk, spec=spec, source=source_of())

    assert not Grant.objects.exists()
    assert given() == 0


@pytest.mark.parametrize(
    "wrong", [{"source": "nodot"}, {"source": "A.b"}, {"key": ""}, {"key": "x" * 121}, {"label": "x" * 81}]
)
def test_a_source_that_does_not_fit_is_a_fault(member: Member, wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"fit|source"):
        grant(member, **{"key": "k"} | wrong)

    assert not Grant.objects.exists()


def test_granting_needs_a_transaction(member: Member) -> None:
    with pytest.raises(OutsideTransaction):
        services.grant(member_id=member.pk, spec=pebble_spec(), source=source_of())


def test_a_kind_that_is_its_own_ledger_has_no_row_here(member: Member, kind: Pebbles) -> None:
    kind.writes_grant = False

    grant(member)

    assert not Grant.objects.exists()
    assert given() == 1


# ---- budget ----------------------------------------------------------------------------------------------------------


def test_a_budget_is_spent_to_the_last_fen_it_covers(member: Member) -> None:
    set_budget(700)

    grant(member, "k1", budget="b")
    grant(member, "k2", budget="b")

    with pytest.raises(errors.BudgetSpent):
        grant(member, "k3", budget="b")
    assert selectors.budget_left("b") == 100
    grant(member, "k4", n=1, budget="b")
    assert selectors.budget_left("b") == 0


def test_a_spent_budget_leaves_nothing_even_if_the_caller_goes_on(member: Member) -> None:
    set_budget(100)

    with scope():
        with pytest.raises(errors.BudgetSpent):
            services.grant(member_id=member.pk, spec=pebble_spec(), source=source_of(), budget="b")
        services.grant(member_id=member.pk, spec=pebble_spec(1), source=source_of(), budget="b")

    assert Grant.objects.get().amount == 1
    assert (given(), selectors.budget_left("b")) == (1, 0)


def test_a_ledger_kind_spends_the_budget_too(member: Member, kind: Pebbles) -> None:
    kind.writes_grant = False
    set_budget(300)
    grant(member, "k1", budget="b")

    with pytest.raises(errors.BudgetSpent):
        grant(member, "k2", budget="b")

    assert (given(), selectors.budget_left("b")) == (1, 0)


def test_a_budget_that_nobody_set_is_spent(member: Member) -> None:
    with pytest.raises(errors.BudgetSpent):
        grant(member, budget="never set")

    assert selectors.budget_left("never set") is None


def test_the_same_budget_again_changes_nothing_and_a_higher_one_adds(member: Member) -> None:
    set_budget(300)
    grant(member, budget="b")

    set_budget(300)
    assert selectors.budget_left("b") == 0
    set_budget(1000)

    assert (selectors.budget_left("b"), Budget.objects.get().limit_fen) == (700, 1000)


def test_a_budget_in_use_is_not_lowered() -> None:
    set_budget(1000)

    with pytest.raises(errors.BudgetOnlyRises):
        set_budget(999)

    assert (selectors.budget_left("b"), Budget.objects.get().limit_fen) == (1000, 1000)


@pytest.mark.parametrize("fen", [-1, rules.MOST_COST_FEN + 1])
def test_a_budget_beyond_all_bounds_is_refused(fen: int) -> None:
    with pytest.raises(errors.InvalidReward):
        set_budget(fen)

    assert not Budget.objects.exists()


def test_a_large_budget_is_spread_over_rows() -> None:
    set_budget(1_000_000)

    assert StockShard.objects.filter(pool_kind="reward_budget", pool_id="b").count() == 16
    assert selectors.budget_left("b") == 1_000_000


# ---- taking back -----------------------------------------------------------------------------------------------------


def test_a_grant_is_taken_back_once_and_its_cost_returns(member: Member) -> None:
    set_budget(300)
    grant(member, budget="b")

    revoke(member)

    row = Grant.objects.get()
    assert (row.state, row.revoked_at, row.revoked_label) == ("revoked", source_of().at, "returned goods")
    assert selectors.budget_left("b") == 300
    with pytest.raises(errors.NotGranted):
        revoke(member)
    assert AuditEntry.objects.filter(action="test.taken_back").count() == 1
    assert selectors.budget_left("b") == 300


def test_nothing_is_taken_back_from_who_did_not_get_it(member: Member) -> None:
    grant(member)

    with pytest.raises(errors.NotGranted):
        revoke(make_member())
    with pytest.raises(errors.NotGranted):
        revoke(member, key="other")

    assert Grant.objects.get().state == "granted"


def test_what_was_taken_back_is_not_granted_again(member: Member) -> None:
    grant(member)
    revoke(member)

    with pytest.raises(errors.AlreadyGranted):
        grant(member)


def test_a_ledger_kind_takes_back_by_its_own_rules(member: Member, kind: Pebbles) -> None:
    kind.writes_grant = False
    grant(member)

    with scope():
        services.revoke(member_id=member.pk, source=source_of(), spec=pebble_spec())

    assert AuditEntry.objects.filter(action="test.taken_back").count() == 1


@pytest.mark.parametrize("change", [{"cost_fen": -1}, {"state": "revoked"}, {"revoked_at": source_of().at}])
def test_the_database_itself_refuses_odd_rows(member: Member, change: dict[str, Any]) -> None:
    grant(member)

    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.update(**change)


# ---- reading ---------------------------------------------------------------------------------------------------------


def test_a_specification_says_and_costs_what_its_kind_says() -> None:
    spec = selectors.parse(pebble_spec(2) | {"note": "dropped"})

    assert spec == pebble_spec(2)
    assert (selectors.describe(spec, "zh-hans"), selectors.describe(spec, "en")) == ("2 颗石子", "2 pebbles")
    assert (selectors.cost_fen(spec), selectors.market_value_fen(spec)) == (200, 300)


def test_the_list_joins_grants_and_ledgers_newest_first(member: Member, django_assert_num_queries: Any) -> None:
    at = datetime(2026, 11, 22, 2, tzinfo=UTC)
    line = GrantLine(
        kind="ledger", source="a.b", key="x", label="l", amount=9, cost_fen=None, state="granted", at=at, on=at.date()
    )
    others = contract.ledgers.items()
    contract.ledgers.register("test", lambda _member_id, _limit: [line])
    grant(member, "old")
    grant(member, "new", at=at.replace(hour=3))

    with django_assert_num_queries(1 + len(others)):
        lines = selectors.list_grants(member.pk, limit=2)
    contract.ledgers.unregister("test")

    assert [(each.kind, each.key) for each in lines] == [("test.pebbles", "new"), ("ledger", "x")]


def test_the_card_names_the_newest(member: Member) -> None:
    assert len(selectors.card_lines(member.pk)) == 1
    grant(member)

    assert selectors.card_lines(member.pk) == [("2026-11-22 09:00", "pebbles × 3 · campaign:1")]


def test_a_members_grants_are_exported_and_stay_when_accounts_merge(member: Member) -> None:
    grant(member)
    data, other = services.GrantData(), make_member()

    with scope():
        data.merge(source_id=member.pk, target_id=other.pk)
        data.erase(member.pk)

    exported = data.export(member.pk)["grants"]
    assert [(each["kind"], each["amount"], each["granted_at"]) for each in exported] == [
        ("test.pebbles", 3, "2026-11-22T09:00:00+08:00")
    ]
    assert data.export(other.pk) == {"grants": []}
