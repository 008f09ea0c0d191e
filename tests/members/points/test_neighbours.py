"""What the points do for their neighbours: a reward kind, joining, merging, export, the dashboard, the demo."""

from datetime import date, timedelta

import pytest

from core import contract as core_contract
from core.commands import scope
from members.accounts import contract as accounts
from members.points import errors, services
from members.points.selectors import figures
from members.rewards import contract as rewards
from members.rewards.contract import Source
from members.rewards.errors import InvalidReward
from members.rewards.selectors import list_grants
from members.rewards.services import grant, revoke
from tests.factories.accounts import make_member
from tests.factories.points import account, act, earn, lines, lots, spend

pytestmark = pytest.mark.django_db
SPEC = {"kind": "points", "points": 10}


def source(clock, key="1", **values):
    values = {"source": "test.reward", "label": "campaign:1", "on": clock.now.date(), "at": clock.now, **values}
    return Source(key=key, **values)


def test_points_are_a_reward(clock, member):
    with scope():
        granted = grant(member_id=member.pk, spec=SPEC, source=source(clock))

    assert (granted.kind, granted.amount, granted.detail["balance"]) == ("points", 10, 10)
    assert lines(member) == [("earn", 10, 10)]


def test_the_same_reward_is_not_given_twice(clock, member):
    with scope():
        grant(member_id=member.pk, spec=SPEC, source=source(clock))

    with pytest.raises(errors.AlreadyRecorded), scope():
        grant(member_id=member.pk, spec=SPEC, source=source(clock))

    assert lines(member) == [("earn", 10, 10)]


def test_a_reward_is_taken_back_once(clock, member):
    with scope():
        grant(member_id=member.pk, spec=SPEC, source=source(clock))
    with scope():
        revoke(member_id=member.pk, spec=SPEC, source=source(clock))

    with pytest.raises(errors.AlreadyReversed), scope():
        revoke(member_id=member.pk, spec=SPEC, source=source(clock))

    assert lines(member) == [("earn", 10, 10), ("reverse", -10, 0)]
    assert [(line.amount, line.state) for line in list_grants(member.pk)] == [(10, "revoked")]


@pytest.mark.parametrize(
    "spec", [{}, {"points": 0}, {"points": "1"}, {"points": True}, {"points": 1_000_001}, {"points": 1, "to": "me"}]
)
def test_a_reward_that_cannot_be_read(spec):
    with pytest.raises(InvalidReward):
        rewards.kinds.get("points").parse({"kind": "points", **spec})


def test_how_a_reward_reads_and_what_it_costs(db):
    kind = rewards.kinds.get("points")

    assert [kind.describe(SPEC, lang) for lang in ("zh-hans", "en")] == ["10 积分", "10 points"]
    assert (kind.cost_fen(SPEC), kind.market_value_fen(SPEC)) == (10, 10)


def test_joining_opens_an_account(clock, member):
    for _ in range(2):
        with scope():
            accounts.joined.get("points")(accounts.Joined(member.pk, clock.now))

    assert account(member) == (0, 0, 0, 0)


def merge(source, target):
    with scope():
        accounts.member_data.get("points").merge(source_id=source.pk, target_id=target.pk)


def test_a_merge_moves_lot_by_lot_by_pairs_of_entries(clock, member):
    other = make_member()
    earn(member, 3, expires_on=date(2026, 12, 31))
    earn(member, 4, expires_on=date(9999, 12, 31))
    earn(other, 5, expires_on=date(2026, 12, 31))

    merge(member, other)

    assert (account(member), lots(member)) == ((0, 0, 0, 4), {})
    assert (account(other)[0], lots(other)) == (12, {"2026-12-31": 8, "9999-12-31": 4})
    assert lines(member)[2:] == [("merge", -3, 4), ("merge", -4, 0)]


def test_a_merge_moves_debt_and_pending_points(clock, member):
    other = make_member()
    entry = earn(member, 5)
    spend(member, 5)
    act(services.reverse, member, entry_id=entry.id)
    earn(other, 8)
    act(services.add_pending, member, points=7, source_kind="p", source_key="1", label="p", due_on=date(2026, 12, 1))

    merge(member, other)

    assert account(member)[:2] == (0, 0)
    assert account(other)[:2] == (3, 0)
    clock.move_to("2026-12-01 00:00")
    services.sweep_pending()
    assert account(other)[0] == 10


def test_an_account_with_held_points_is_not_merged(clock, member):
    other = make_member()
    earn(member, 5)
    act(
        services.hold, member, points=5, source_kind="o", source_key="1", label="o",
        due_at=clock.now + timedelta(minutes=1),
    )  # fmt: skip

    with pytest.raises(errors.PointsHeld):
        merge(member, other)


def test_a_member_s_export_names_every_entry(clock, member):
    earn(member, 5)

    data = accounts.member_data.get("points").export(member.pk)

    assert data["points_balance"] == 5
    assert data["points_entries"] == [
        {"number": 1, "kind": "earn", "points": 5, "balance_after": 5, "source": "test.earn",
         "at": "2026-11-22T09:00:00+08:00"}
    ]  # fmt: skip


def test_the_dashboard_counts_by_day(clock, member):
    earn(member, 50)
    clock.move_to("2026-11-23 00:00")
    spend(member, 20)
    act(
        services.hold, member, points=8, source_kind="o", source_key="1", label="o",
        due_at=clock.now + timedelta(minutes=1),
    )  # fmt: skip
    act(services.release, member, source_kind="o", source_key="1")

    first, last = date(2026, 11, 21), date(2026, 11, 23)
    assert figures.issued_by_day(first, last) == [0, 50, 0]
    assert figures.used_by_day(first, last) == [0, 0, 20]
    assert figures.get_outstanding()[0] == "30"


def test_the_demo_s_members_have_a_history_and_a_second_start_adds_none(clock, db):
    context = {"members": [make_member(first_seen_at=clock.now - timedelta(days=50))], "today": clock.now.date()}
    seed = core_contract.demo_seeds.get("points").run

    seed(context)
    history = lines(context["members"][0])
    seed(context)

    assert lines(context["members"][0]) == history
    assert {"earn", "spend"} <= {line[0] for line in history}


def test_what_multiplies_an_earning(clock, member):
    from members.points import contract

    contract.multipliers.register("test", lambda earning: 15_000 if earning.source_kind == "test.earn" else 10_000)
    try:
        given = [earn(member, 11, multiply=True), earn(member, 11), earn(member, 11, source_kind="x", multiply=True)]
    finally:
        contract.multipliers.unregister("test")

    assert [entry.delta for entry in given] == [16, 11, 11]
