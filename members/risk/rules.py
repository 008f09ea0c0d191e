"""How fast is too fast, and who is listed: counters and lists as plain Python, with the time as an argument."""

import ipaddress
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from members.risk.contract import ALLOWED, Decision, Facts, Verdict

V = TypeVar("V")
ANY_ACT = "*"
MEMBER, DEVICE, ADDRESS = "member", "device", "address"
ACTS, MEMBERS = "acts", "members"
MOST_KEYS = 100_000  # counters of one process, about 30 MB; the least recently used go first
LONGEST_VALUE = 64


@dataclass(frozen=True)
class Policy:
    """At most ``most`` acts, or different members, of one subject in ``seconds``; beyond that comes ``decision``."""

    act: str
    scope: str
    measure: str
    most: int
    seconds: int
    decision: Decision


# A person's finger makes 30 acts a minute at most. A phone has a handful of owners a day. Behind one address may be an
# office or a campus: a thousand honest members must not notice each other.
DEFAULTS = (
    Policy(ANY_ACT, MEMBER, ACTS, 30, 60, Decision.REFUSE),
    Policy(ANY_ACT, DEVICE, ACTS, 120, 60, Decision.REFUSE),
    Policy(ANY_ACT, DEVICE, MEMBERS, 10, 86_400, Decision.HOLD),
    Policy(ANY_ACT, ADDRESS, ACTS, 6_000, 60, Decision.REFUSE),
    Policy(ANY_ACT, ADDRESS, MEMBERS, 3_000, 3_600, Decision.HOLD),
)


def policies_for(act: str, own: Iterable[tuple[Policy, bool]]) -> tuple[Policy, ...]:
    """The policies that hold for ``act``: one for each (scope, measure).

    ``own`` are the brand's with a mark whether they are in force: one for the act comes before one for all acts, which
    comes before the default; one that isn't in force switches off what it stands before.
    """
    chosen: dict[tuple[str, str], tuple[Policy, bool]] = {(each.scope, each.measure): (each, True) for each in DEFAULTS}
    ranked = sorted((pair for pair in own if pair[0].act in {act, ANY_ACT}), key=lambda pair: pair[0].act != ANY_ACT)
    for policy, is_active in ranked:
        chosen[policy.scope, policy.measure] = policy, is_active
    return tuple(policy for policy, is_active in chosen.values() if is_active)


def network_of(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 that one IPv6 customer gets; empty if it is neither."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((int(ip) >> 64 << 64, 64)))
    return str(ip)


def subject_of(facts: Facts, scope: str) -> str:
    """The subject of ``scope``, or an empty text when the request has none."""
    if scope == MEMBER:
        return "" if facts.member_id is None else str(facts.member_id)
    return facts.device if scope == DEVICE else network_of(facts.address)


class Counters:
    """Sliding windows of this process; an act that is over its limit isn't counted, so that waiting helps."""

    def __init__(self) -> None:
        self._acts: OrderedDict[tuple[Policy, str], tuple[int, int, int]] = OrderedDict()
        self._members: OrderedDict[tuple[Policy, str], tuple[int, set[int]]] = OrderedDict()
        self._lock = threading.Lock()

    def is_over(self, policy: Policy, subject: str, facts: Facts) -> bool:
        """Count ``facts`` under ``policy``; whether that was too much."""
        with self._lock:
            if policy.measure == MEMBERS:
                return self._one_member_too_many(policy, subject, facts)
            return self._one_act_too_many(policy, subject, facts.at.timestamp())

    def _one_act_too_many(self, policy: Policy, subject: str, now: float) -> bool:
        """Two fixed windows weighed by how much of the earlier one is still within ``seconds``."""
        key = (policy, subject)
        number, passed = divmod(now, policy.seconds)
        window, before, current = self._acts.pop(key, (int(number), 0, 0))
        if window != int(number):
            window, before, current = int(number), current if window == int(number) - 1 else 0, 0
        over = before * (1 - passed / policy.seconds) + current + 1 > policy.most
        _remember(self._acts, key, (window, before, current if over else current + 1))
        return over

    def _one_member_too_many(self, policy: Policy, subject: str, facts: Facts) -> bool:
        """A set of the members of this window, never larger than the limit."""
        if facts.member_id is None:
            return False
        key = (policy, subject)
        number = int(facts.at.timestamp() // policy.seconds)
        window, members = self._members.pop(key, (number, set()))
        if window != number:
            window, members = number, set()
        over = facts.member_id not in members and len(members) >= policy.most
        if not over:
            members.add(facts.member_id)
        _remember(self._members, key, (window, members))
        return over


def _remember(counts: "OrderedDict[tuple[Policy, str], V]", key: tuple[Policy, str], value: V) -> None:
    counts[key] = value
    if len(counts) > MOST_KEYS:
        counts.popitem(last=False)


def velocity(facts: Facts, policies: Iterable[Policy], counters: Counters) -> list[Verdict]:
    """One verdict for each policy that ``facts`` go beyond."""
    found = []
    for policy in policies:
        subject = subject_of(facts, policy.scope)
        if subject and counters.is_over(policy, subject, facts):
            found.append(Verdict(policy.decision, (f"velocity.{policy.scope}.{policy.measure}",)))
    return found


@dataclass(frozen=True)
class Listed:
    """A line of the block list: the decision, and until when it holds (``None``: until it is lifted)."""

    decision: Decision
    until: datetime | None


def listed(facts: Facts, entries: Mapping[tuple[str, str], Listed]) -> list[Verdict]:
    """One verdict for each of the member, device and address that is on the list at ``facts.at``."""
    if not entries:
        return []
    found = []
    for scope in (MEMBER, DEVICE, ADDRESS):
        entry = entries.get((scope, subject_of(facts, scope)))
        if entry and (entry.until is None or entry.until > facts.at):
            found.append(Verdict(entry.decision, (f"listed.{scope}",)))
    return found


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The hardest decision with the reasons of all; allowed when nobody says anything."""
    hard = [verdict for verdict in verdicts if verdict.decision is not Decision.ALLOW]
    if not hard:
        return ALLOWED
    refused = any(verdict.decision is Decision.REFUSE for verdict in hard)
    reasons = tuple(reason for verdict in hard for reason in verdict.reasons)
    return Verdict(Decision.REFUSE if refused else Decision.HOLD, reasons)
