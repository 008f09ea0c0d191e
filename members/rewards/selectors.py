"""Reads of the rewards: what a specification says and costs, who got what, what is left of a budget."""

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import clock, sql, stock
from members.rewards import errors, rules
from members.rewards.contract import GrantLine, RewardKind, Spec, kinds, ledgers
from members.rewards.models import Budget

BUDGET_POOL = "reward_budget"
NEWEST = """
SELECT kind, source, key, label, amount, cost_fen, state, granted_at AS at, business_on AS day
  FROM rewards_grant WHERE member_id = %(member)s ORDER BY id DESC LIMIT %(limit)s
"""


def kind_of(spec: Spec) -> RewardKind:
    """The registered kind of ``spec``, or ``InvalidReward``."""
    name = rules.kind_of(spec)
    if name not in kinds:
        raise errors.InvalidReward(reason=name[:32])
    return kinds.get(name)


def parse(spec: Spec) -> Spec:
    """``spec`` in the normal form of its kind, or ``InvalidReward``."""
    return kind_of(spec).parse(spec)


def describe(spec: Spec, lang: str = "") -> str:
    """The reward in words, in ``lang`` (``zh-hans``, ``en``) or the active language."""
    return kind_of(spec).describe(spec, lang or translation.get_language() or "zh-hans")


def cost_fen(spec: Spec) -> int:
    """What the reward costs the brand at most, in fen."""
    return rules.ensure_cost(kind_of(spec).cost_fen(spec))


def market_value_fen(spec: Spec) -> int:
    """The market price of the reward in fen, for the legal bounds on prizes."""
    return kind_of(spec).market_value_fen(spec)


def list_grants(member_id: int, *, limit: int = 20) -> list[GrantLine]:
    """The newest rewards of a member, entries of ledgers included; one query and one for each ledger."""
    rows = sql.fetch_all(NEWEST, {"member": member_id, "limit": limit}, at="datetime", day="date")
    lines = [GrantLine(on=row.pop("day"), **row) for row in rows]
    for read in ledgers.values():
        lines += read(member_id, limit)
    return sorted(lines, key=lambda line: line.at, reverse=True)[:limit]


def budget_left(name: str) -> int | None:
    """What is left of a budget in fen (a hint for display), or ``None`` when there is no such budget."""
    if not Budget.objects.filter(name=name).exists():
        return None
    return stock.remaining(kind=BUDGET_POOL, pool=name)


def card_lines(member_id: int) -> list[tuple[str | Promise, str]]:
    """The member's newest rewards for the card in the admin."""
    lines = list_grants(member_id, limit=5)
    if not lines:
        return [(_("Rewards"), str(_("none yet")))]
    return [
        (clock.to_local(line.at).strftime("%Y-%m-%d %H:%M"), f"{_kind_label(line.kind)} × {line.amount} · {line.label}")
        for line in lines
    ]


def _kind_label(name: str) -> str:
    return str(kinds.get(name).label) if name in kinds else name
