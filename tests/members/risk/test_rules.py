"""Counting and judging, with the time as an argument."""

from datetime import UTC, datetime, timedelta

import pytest

from members.risk import rules
from members.risk.contract import ALLOWED, Decision, Facts, Verdict
from members.risk.rules import Counters, Listed, Policy

AT = datetime(2026, 11, 22, 1, tzinfo=UTC)
THREE_A_MINUTE = Policy("*", "member", "acts", 3, 60, Decision.REFUSE)
TWO_MEMBERS = Policy("*", "device", "members", 2, 86_400, Decision.HOLD)


def facts(member: int | None = 1, device: str = "d", address: str = "1.2.3.4", after: float = 0) -> Facts:
    return Facts("test.act", member, device, address, AT + timedelta(seconds=after))


def over(counters: Counters, policy: Policy, *seconds: float) -> list[bool]:
    return [counters.is_over(policy, "1", facts(after=each)) for each in seconds]


def test_the_fourth_act_within_a_minute_is_too_many() -> None:
    assert over(Counters(), THREE_A_MINUTE, 0, 0, 0, 0) == [False, False, False, True]


def test_the_window_slides() -> None:
    counters = Counters()
    over(counters, THREE_A_MINUTE, 0, 0, 0)

    # at 60 s all three still count, at 90 s half of them do, at 120 s none
    assert over(counters, THREE_A_MINUTE, 60) == [True]
    assert over(counters, THREE_A_MINUTE, 90, 90) == [False, True]
    assert over(counters, THREE_A_MINUTE, 180, 180, 180, 180) == [False, False, False, True]


def test_who_is_refused_is_not_counted_so_that_waiting_helps() -> None:
    counters = Counters()
    over(counters, THREE_A_MINUTE, *[0] * 50)

    assert over(counters, THREE_A_MINUTE, 119) == [False]


def test_the_third_member_of_a_device_is_held_and_the_first_two_are_not() -> None:
    counters = Counters()

    found = [counters.is_over(TWO_MEMBERS, "d", facts(member)) for member in (1, 2, 3, 1, 2, 3, None)]

    assert found == [False, False, True, False, False, True, False]
    assert counters.is_over(TWO_MEMBERS, "d", facts(3, after=86_400)) is False  # another day


def test_the_oldest_counters_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_KEYS", 2)
    counters = Counters()
    for subject in ("a", "a", "a", "b", "c"):
        counters.is_over(THREE_A_MINUTE, subject, facts())

    assert counters.is_over(THREE_A_MINUTE, "a", facts()) is False


def test_a_policy_of_the_act_comes_before_one_of_all_acts_and_before_the_default() -> None:
    every = Policy("*", "member", "acts", 5, 60, Decision.HOLD)
    mine = Policy("test.act", "member", "acts", 2, 60, Decision.REFUSE)

    def of_member(own: list[tuple[Policy, bool]]) -> list[Policy]:
        return [each for each in rules.policies_for("test.act", own) if each.scope == "member"]

    assert of_member([]) == [rules.DEFAULTS[0]]
    assert of_member([(every, True)]) == [every]
    assert of_member([(mine, True), (every, True)]) == [mine]
    assert of_member([(every, True), (mine, False)]) == []
    assert of_member([(Policy("other.act", "member", "acts", 1, 1, Decision.HOLD), True)]) == [rules.DEFAULTS[0]]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("1.2.3.4", "1.2.3.4"), ("::ffff:1.2.3.4", "1.2.3.4"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"), ("", ""), ("unknown", ""), ("1.2.3.4:80", ""),
    ],
)  # fmt: skip
def test_one_customers_addresses_are_one(address: str, network: str) -> None:
    assert rules.network_of(address) == network


def test_listed_members_devices_and_addresses_are_found() -> None:
    entries = {
        ("member", "1"): Listed(Decision.HOLD, None),
        ("device", "d"): Listed(Decision.REFUSE, AT + timedelta(seconds=1)),
        ("address", "1.2.3.4"): Listed(Decision.REFUSE, AT),
    }

    assert [each.reasons for each in rules.listed(facts(), entries)] == [("listed.member",), ("listed.device",)]
    assert [each.reasons for each in rules.listed(facts(after=1), entries)] == [("listed.member",)]
    assert rules.listed(facts(2, "", ""), entries) == []


def test_the_hardest_decision_wins_with_all_reasons() -> None:
    hold, refuse = Verdict(Decision.HOLD, ("a",)), Verdict(Decision.REFUSE, ("b",))

    assert rules.worst([]) == rules.worst([ALLOWED]) == ALLOWED
    assert rules.worst([hold, ALLOWED]) == hold
    assert rules.worst([hold, refuse]) == Verdict(Decision.REFUSE, ("a", "b"))
