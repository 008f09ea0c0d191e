"""The gate and its lists.

Judging never writes: a refusal rolls the act's transaction back, and the row about it must survive. So decisions wait
in the process and are written after the request, or before the next judgement outside a transaction.
"""

import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import DatabaseError, IntegrityError, InterfaceError, transaction

from core import audit, clock, memory, sql
from core.commands import command, in_transaction, scope
from core.models import StaffUser
from members.accounts.models import Member
from members.risk import errors, rules, selectors
from members.risk.contract import Facts, Verdict, signals
from members.risk.models import BlockEntry, RiskDecision, Scope

log = structlog.get_logger(__name__)
REFRESH = timedelta(seconds=5)
KEEP_DAYS = 90
MOST_WAITING = 1000  # decisions of one process; in a flood the oldest are dropped, the log lines stay

INSERT_DECISION = """
INSERT INTO risk_riskdecision (member_id, act, decision, reasons, device, address, at)
VALUES (%(member)s, %(act)s, %(decision)s, %(reasons)s, %(device)s, %(address)s, %(at)s)
"""
PURGE = """
DELETE FROM risk_riskdecision WHERE id IN (
  SELECT id FROM risk_riskdecision WHERE at < %(before)s ORDER BY at LIMIT %(batch)s)
"""


@dataclass
class _Gate:
    """What this process knows: counters, and lists that are at most :data:`REFRESH` old."""

    counters: rules.Counters = field(default_factory=rules.Counters)
    own: list[tuple[rules.Policy, bool]] = field(default_factory=list)
    chosen: dict[str, tuple[rules.Policy, ...]] = field(default_factory=dict)
    blocked: dict[tuple[str, str], rules.Listed] = field(default_factory=dict)
    loaded_at: datetime | None = None
    waiting: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=MOST_WAITING))
    loading: threading.Lock = field(default_factory=threading.Lock)

    def refresh(self, at: datetime) -> None:
        """Read the lists again when they are old; while one thread does, the others go on with what they have."""
        if self.loaded_at is not None and timedelta() <= at - self.loaded_at < REFRESH:
            return
        if not self.loading.acquire(blocking=self.loaded_at is None):
            return
        try:
            self.own, self.blocked = selectors.list_policies(), selectors.list_blocked()
            self.chosen = {}
            self.loaded_at = at
        finally:
            self.loading.release()

    def policies(self, act: str) -> tuple[rules.Policy, ...]:
        """What holds for ``act``."""
        found = self.chosen.get(act)
        if found is None:
            found = self.chosen[act] = rules.policies_for(act, self.own)
        return found


_gate = _Gate()


@memory.remembered
def forget() -> None:
    """Start with empty counters and lists (tests)."""
    global _gate  # noqa: PLW0603 - one per process
    _gate = _Gate()


def judge(*, act: str, member_id: int | None, device: str = "", address: str = "", at: datetime) -> Verdict:
    """What to do about ``act`` (``<slice>.<verb>``) of this member, device and address.

    Costs no SQL but two short reads each :data:`REFRESH` and process. Anything but "allow" is logged.
    """
    gate = _gate
    if gate.waiting and not in_transaction():
        flush()
    gate.refresh(at)
    facts = Facts(act, member_id, device[: rules.LONGEST_VALUE], address, at)
    verdicts = rules.listed(facts, gate.blocked) + rules.velocity(facts, gate.policies(act), gate.counters)
    verdicts += [verdict for signal in signals.values() if (verdict := signal(facts))]
    verdict = rules.worst(verdicts)
    if not verdict.is_allowed:
        _note(gate, facts, verdict)
    return verdict


def ensure_allowed(*, act: str, member_id: int | None, device: str = "", address: str = "", at: datetime) -> Verdict:
    """The verdict, unless it is a refusal: then ``Refused``. The caller looks whether it ``is_held``."""
    verdict = judge(act=act, member_id=member_id, device=device, address=address, at=at)
    if verdict.is_refused:
        raise errors.Refused
    return verdict


def _note(gate: _Gate, facts: Facts, verdict: Verdict) -> None:
    log.info("risk_decision", state=str(verdict.decision), reason=",".join(verdict.reasons), kind=facts.act)
    gate.waiting.append(
        {
            "member": facts.member_id, "act": facts.act[:40], "decision": str(verdict.decision),
            "reasons": list(verdict.reasons), "device": facts.device, "address": rules.network_of(facts.address),
            "at": facts.at,
        }
    )  # fmt: skip


def flush() -> int:
    """Write the decisions that wait in this process, in a transaction of its own; return how many.

    A member that was never committed (its first request was rolled back) is left out.
    """
    lines: list[dict[str, Any]] = []
    while _gate.waiting:
        lines.append(_gate.waiting.popleft())
    if not lines:
        return 0
    keys = {line["member"] for line in lines if line["member"] is not None}
    with scope():
        known = set(Member.objects.filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()
        sql.execute_many(
            INSERT_DECISION, [line | {"member": line["member"] if line["member"] in known else None} for line in lines]
        )
    return len(lines)


def flush_after_request(**_kwargs: Any) -> None:
    """Django's ``request_finished``: the answer is on its way, and no transaction is open any more."""
    if not _gate.waiting or in_transaction():
        return
    try:
        flush()
    except (DatabaseError, InterfaceError) as error:  # the log lines stay; nothing of value is lost
        log.warning("risk_decisions_lost", error=type(error).__name__)


@command
def block(
    *, kind: str, value: str, decision: str, reason: str, actor: StaffUser, until: datetime | None = None
) -> BlockEntry:
    """Put a member (by number), a device or an address on the list; it works everywhere within :data:`REFRESH`.

    ``UnknownSubject`` for what can't be one, ``AlreadyListed`` for what stands there.
    """
    member = _member(value) if kind == Scope.MEMBER else None
    key = str(member.pk) if member else _normal(kind, value)
    try:
        with transaction.atomic():
            entry = BlockEntry.objects.create(
                scope=kind, value=key, member=member, decision=decision, reason=reason[:200], until=until,
                created_at=clock.now(),
            )  # fmt: skip
    except IntegrityError:
        raise errors.AlreadyListed from None
    audit.record(actor=actor, action="risk.block", subject=f"{kind}:{key}"[:120], reason=reason)
    return entry


def _member(number: str) -> Member:
    member = Member.objects.filter(member_no=number.strip()).first()
    if member is None:
        raise errors.UnknownSubject
    return member


def _normal(kind: str, value: str) -> str:
    text = rules.network_of(value.strip()) if kind == Scope.ADDRESS else value.strip()
    if not text or len(text) > rules.LONGEST_VALUE or kind not in Scope.values:
        raise errors.UnknownSubject
    return text


@command
def unblock(*, entry: BlockEntry, actor: StaffUser, reason: str) -> None:
    """Take ``entry`` from the list."""
    gone, _rows = BlockEntry.objects.filter(pk=entry.pk).delete()
    if not gone:
        raise errors.NotListed
    audit.record(actor=actor, action="risk.unblock", subject=f"{entry.scope}:{entry.value}"[:120], reason=reason)


def purge_decisions(*, batch: int = 500) -> int:
    """Delete decisions older than :data:`KEEP_DAYS`, in batches; return how many."""
    before = clock.now() - timedelta(days=KEEP_DAYS)
    gone = 0
    while True:
        with scope():
            count = sql.execute(PURGE, {"before": before, "batch": batch})
        gone += count
        if count < batch:
            return gone


class RiskData:
    """The answer for the member-owned tables in merge, export and erasure."""

    tables: tuple[str, ...] = ("risk_blockentry", "risk_riskdecision")

    def merge(self, *, source_id: int, target_id: int) -> None:
        """A listed member who merges stays listed: the entry moves on, unless the other is listed too."""
        entries = BlockEntry.objects.filter(member_id=source_id)
        if not BlockEntry.objects.filter(member_id=target_id).exists():
            entries.update(member_id=target_id, value=str(target_id))

    def export(self, member_id: int) -> dict[str, Any]:
        """The decisions about the member."""
        rows = RiskDecision.objects.filter(member_id=member_id).order_by("id")
        return {"risk_decisions": [{"act": row.act, "decision": row.decision, "at": clock.iso(row.at)} for row in rows]}

    def erase(self, member_id: int) -> None:
        """Devices and addresses go; that something was refused stays under the pseudonym until it is purged."""
        RiskDecision.objects.filter(member_id=member_id).update(device="", address="")
