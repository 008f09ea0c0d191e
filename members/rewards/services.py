"""Granting and revoking: parts, called by the commands of whoever rewards."""

from typing import Any

from django.db import transaction

from core import clock, sql, stock
from core import errors as core_errors
from core.commands import part
from members.rewards import errors, rules, selectors
from members.rewards.contract import Granted, RewardKind, Source, Spec
from members.rewards.models import Grant
from members.rewards.selectors import BUDGET_POOL

INSERT_GRANT = """
INSERT INTO rewards_grant (member_id, source, key, label, kind, spec, amount, cost_fen, campaign_id,
                           campaign_version_id, budget, state, granted_at, business_on, revoked_label)
VALUES (%(member)s, %(source)s, %(key)s, %(label)s, %(kind)s, %(spec)s, 0, %(cost)s, %(campaign)s, %(version)s,
        %(budget)s, 'granted', %(at)s, %(day)s, '')
ON CONFLICT (source, key) DO NOTHING RETURNING id
"""
COMPLETE_GRANT = "UPDATE rewards_grant SET amount = %(amount)s, budget_shard = %(shard)s WHERE id = %(id)s"
REVOKE_GRANT = """
UPDATE rewards_grant SET state = 'revoked', revoked_at = %(at)s, revoked_label = %(label)s
 WHERE source = %(source)s AND key = %(key)s AND member_id = %(member)s AND state = 'granted'
RETURNING kind, spec, cost_fen, budget, budget_shard
"""
MAKE_BUDGET = """
INSERT INTO rewards_budget (name, limit_fen, changed_at) VALUES (%(name)s, 0, %(at)s) ON CONFLICT (name) DO NOTHING
"""
RAISE_BUDGET = """
UPDATE rewards_budget SET limit_fen = %(fen)s, changed_at = %(at)s WHERE name = %(name)s AND limit_fen = %(old)s
RETURNING name
"""


@part
def grant(*, member_id: int, spec: Spec, source: Source, budget: str = "") -> Granted:
    """Give ``member_id`` the reward ``spec``, once for ever for this ``source``; what it costs comes from ``budget``.

    Refuses with ``InvalidReward``, ``AlreadyGranted`` (of kinds with grant rows; a ledger refuses in its own way) or
    ``BudgetSpent``. With a budget the refusal has already taken back what was begun, so a caller may catch it and go
    on. The order is the house's: unique row, the member's own rows, the shared budget last.
    """
    kind = selectors.kind_of(spec)
    rules.ensure_source(source.source, source.key, source.label)
    parsed = kind.parse(spec)
    if not budget:
        return _give(member_id, kind, parsed, source, cost_fen=_cost_of_row(kind, parsed), budget="")
    with transaction.atomic():  # so that a spent budget leaves nothing behind even if the caller goes on
        return _give(member_id, kind, parsed, source, cost_fen=rules.ensure_cost(kind.cost_fen(parsed)), budget=budget)


def _cost_of_row(kind: RewardKind, spec: Spec) -> int:
    return rules.ensure_cost(kind.cost_fen(spec)) if kind.writes_grant else 0


def _give(member_id: int, kind: RewardKind, spec: Spec, source: Source, *, cost_fen: int, budget: str) -> Granted:
    grant_id = _insert(member_id, kind, spec, source, cost_fen=cost_fen, budget=budget) if kind.writes_grant else None
    granted = kind.grant(member_id, spec, source)
    shard = _spend(budget, cost_fen, member_id) if budget and cost_fen else None
    if grant_id is not None:
        sql.execute(COMPLETE_GRANT, {"id": grant_id, "amount": granted.amount, "shard": shard})
    return granted


def _insert(member_id: int, kind: RewardKind, spec: Spec, source: Source, *, cost_fen: int, budget: str) -> int:
    row = sql.fetch_one(
        INSERT_GRANT,
        {
            "member": member_id, "source": source.source, "key": source.key, "label": source.label,
            "kind": kind.name, "spec": spec, "cost": cost_fen, "campaign": source.campaign_id,
            "version": source.campaign_version_id, "budget": budget, "at": source.at, "day": source.on,
        },
    )  # fmt: skip
    if row is None:  # nothing inserted: this (source, key) was granted before, or by a faster thread
        raise errors.AlreadyGranted
    return int(row["id"])


def _spend(budget: str, cost_fen: int, member_id: int) -> int:
    try:
        return stock.take(kind=BUDGET_POOL, pool=budget, n=cost_fen, near=member_id)
    except core_errors.OutOfStock:
        raise errors.BudgetSpent from None


@part
def revoke(*, member_id: int, source: Source, spec: Spec | None = None) -> None:
    """Take back, once, what ``source`` (its source and key) gave; ``at`` and ``label`` say when and why.

    A kind without grant rows (points) is found by ``spec`` and guards itself. ``NotGranted`` when there is nothing to
    take back. A grant's cost returns to its budget; that of points doesn't.
    """
    if spec is not None and not (kind := selectors.kind_of(spec)).writes_grant:
        kind.revoke(member_id, kind.parse(spec), source)
        return
    row = sql.fetch_one(REVOKE_GRANT, _revoke_params(member_id, source), spec="json")
    if row is None:  # nothing updated: never granted to this member, or taken back before
        raise errors.NotGranted
    kind = selectors.kind_of(row["spec"])
    kind.revoke(member_id, row["spec"], source)
    if row["budget"] and row["budget_shard"] is not None:
        stock.put_back(kind=BUDGET_POOL, pool=row["budget"], n=row["cost_fen"], shard=row["budget_shard"])


def _revoke_params(member_id: int, source: Source) -> dict[str, Any]:
    return {
        "member": member_id, "source": source.source, "key": source.key, "label": source.label, "at": source.at,
    }  # fmt: skip


@part
def set_budget(*, budget: str, fen: int) -> None:
    """Set the limit of ``budget`` to ``fen``; the same figure again changes nothing, a lower one is refused.

    ``BudgetOnlyRises`` for a lower limit, ``Busy`` when two persons change it at once.
    """
    rules.ensure_cost(fen)
    params: dict[str, Any] = {"name": budget, "fen": fen, "at": clock.now()}
    sql.execute(MAKE_BUDGET, params)
    row = sql.fetch_one("SELECT limit_fen FROM rewards_budget WHERE name = %(name)s", params)
    old = int(row["limit_fen"]) if row else 0
    if fen < old:
        raise errors.BudgetOnlyRises(limit_fen=old)
    if fen == old:
        return
    if sql.fetch_one(RAISE_BUDGET, params | {"old": old}) is None:  # somebody else has changed it since it was read
        raise core_errors.Busy
    stock.top_up(kind=BUDGET_POOL, pool=budget, n=fen - old, shards=rules.shards_for(fen))


class GrantData:
    """The answer for ``rewards_grant`` in merge, export and erasure."""

    tables: tuple[str, ...] = ("rewards_grant",)

    def merge(self, *, source_id: int, target_id: int) -> None:
        """Grants stay with the account that got them: they are a ledger, and their (source, key) is used up."""

    def export(self, member_id: int) -> dict[str, Any]:
        """Every grant of the member."""
        rows = Grant.objects.filter(member_id=member_id).order_by("id")
        return {
            "grants": [
                {"kind": row.kind, "amount": row.amount, "source": row.source, "label": row.label,
                 "state": row.state, "granted_at": clock.iso(row.granted_at)}
                for row in rows
            ]
        }  # fmt: skip

    def erase(self, member_id: int) -> None:
        """Nothing: grants hold no personal data and stay under the pseudonym."""
