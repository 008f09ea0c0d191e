"""The reward kind ``points``: ``{"kind": "points", "points": 10}``. Its entry is its grant."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, override

from members.points import errors, rules
from members.points.services import earning, policy, reversal
from members.rewards.contract import Granted, Source, Spec
from members.rewards.errors import InvalidReward

MOST_REWARD = 1_000_000


class PointsReward:
    """Points as a reward."""

    name = "points"
    label: str | Promise = _("Points")
    writes_grant = False

    def parse(self, spec: Spec) -> Spec:
        """``points`` from 1 to 1,000,000, and nothing else."""
        points: Any = spec.get("points")
        if set(spec) - {"kind", "points"} or type(points) is not int or not 1 <= points <= MOST_REWARD:
            raise InvalidReward(reason="points")
        return {"kind": self.name, "points": points}

    def describe(self, spec: Spec, lang: str) -> str:
        """``10 points`` or ``10 积分``."""
        with override(lang):
            return ngettext("%(points)s point", "%(points)s points", spec["points"]) % {"points": spec["points"]}

    def cost_fen(self, spec: Spec) -> int:
        """By the rules of the points."""
        return rules.cost_fen(policy.in_force(), int(spec["points"]))

    def market_value_fen(self, spec: Spec) -> int:
        """What they cost: points have no other market."""
        return self.cost_fen(spec)

    def grant(self, member_id: int, spec: Spec, source: Source) -> Granted:
        """Earn them; what a daily cap cuts is not given."""
        entry = earning.earn(
            member_id=member_id, points=spec["points"], source_kind=source.source, source_key=source.key,
            label=source.label, on=source.on, at=source.at,
        )  # fmt: skip
        detail = {"points": entry.delta, "balance": entry.balance, "debt": entry.debt}
        return Granted(kind=self.name, amount=entry.delta, detail=detail)

    def revoke(self, member_id: int, spec: Spec, source: Source) -> None:  # noqa: ARG002 - the entry knows
        """Take them back, into debt if they are spent; what was never given is nothing to take back."""
        try:
            reversal.reverse_source(
                member_id=member_id, source_kind=source.source, source_key=source.key, on=source.on, at=source.at
            )
        except errors.EntryNotFound:  # a daily cap had left nothing
            return
