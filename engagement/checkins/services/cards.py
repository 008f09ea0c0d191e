"""Make-up cards: a small ledgered count, and the reward kind that gives them."""

from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext

from core import errors as core_errors
from core import sql
from core.commands import part
from members.rewards.contract import Granted, Source, Spec
from members.rewards.errors import InvalidReward

MOST_CARDS = 99  # of one reward

GIVE = """
INSERT INTO checkins_makeupcard (member_id, count, seq) VALUES (%(member)s, %(n)s, 1)
ON CONFLICT (member_id) DO UPDATE SET count = checkins_makeupcard.count + %(n)s, seq = checkins_makeupcard.seq + 1
RETURNING count, seq
"""
TAKE = """
UPDATE checkins_makeupcard SET count = count - %(n)s, seq = seq + 1
 WHERE member_id = %(member)s AND count >= %(n)s RETURNING count, seq
"""
ENTRY = """
INSERT INTO checkins_makeupcardentry (member_id, seq, delta, count_after, source_kind, source_key, at)
VALUES (%(member)s, %(seq)s, %(delta)s, %(count)s, %(source_kind)s, %(source_key)s, %(at)s)
"""
HELD = "SELECT count FROM checkins_makeupcard WHERE member_id = %(member)s"


@part
def give(member_id: int, n: int, *, source_kind: str, source_key: str, at: datetime) -> int:
    """Add ``n`` cards for a source, once: a second entry of it is an ``IntegrityError``. Returns the count."""
    row = sql.fetch_one(GIVE, {"member": member_id, "n": n})
    assert row is not None  # noqa: S101 - the upsert has no condition
    return _enter(member_id, n, row, source_kind=source_kind, source_key=source_key, at=at)


@part
def take(member_id: int, *, source_kind: str, source_key: str, at: datetime, n: int = 1) -> bool:
    """Take ``n`` cards, or nothing when there are fewer."""
    row = sql.fetch_one(TAKE, {"member": member_id, "n": n})
    if row is None:  # nothing updated: the last card went to a faster act, or there was none
        return False
    _enter(member_id, -n, row, source_kind=source_kind, source_key=source_key, at=at)
    return True


def _enter(member_id: int, delta: int, row: dict[str, Any], *, source_kind: str, source_key: str, at: datetime) -> int:
    params = {"member": member_id, "delta": delta, "source_kind": source_kind, "source_key": source_key, "at": at}
    sql.execute(ENTRY, params | row)
    return int(row["count"])


@part
def take_up_to(member_id: int, n: int, *, source_kind: str, source_key: str, at: datetime) -> int:
    """Take ``n`` cards or as many as are left; how many it were. ``Busy`` when they move at the same time."""
    row = sql.fetch_one(HELD, {"member": member_id})
    most = min(n, int(row["count"])) if row else 0
    if most and not take(member_id, n=most, source_kind=source_kind, source_key=source_key, at=at):
        raise core_errors.Busy
    return most


class MakeUpCardKind:
    """The reward ``{"kind": "make_up_card", "count": n}``: n cards, each fills one missed day."""

    name = "make_up_card"
    label: str | Promise = gettext_lazy("make-up card")
    writes_grant = True

    def parse(self, spec: Spec) -> Spec:
        """1 to 99 cards and nothing else."""
        count = spec.get("count")
        if set(spec) != {"kind", "count"} or type(count) is not int or not 1 <= count <= MOST_CARDS:
            raise InvalidReward(reason="count")
        return {"kind": self.name, "count": count}

    def describe(self, spec: Spec, lang: str) -> str:
        """As in “2 make-up cards”."""
        with translation.override(lang):
            return ngettext("%(n)d make-up card", "%(n)d make-up cards", spec["count"]) % {"n": spec["count"]}

    def cost_fen(self, spec: Spec) -> int:  # noqa: ARG002 - the protocol's signature
        """Nothing by itself: what a made-up day pays is a cost of its campaign."""
        return 0

    def market_value_fen(self, spec: Spec) -> int:  # noqa: ARG002 - the protocol's signature
        """Nothing: a card has no price and can't be sold."""
        return 0

    def grant(self, member_id: int, spec: Spec, source: Source) -> Granted:
        """A part: add the cards."""
        held = give(member_id, spec["count"], source_kind=source.source, source_key=source.key, at=source.at)
        return Granted(kind=self.name, amount=spec["count"], detail={"cards": held})

    def revoke(self, member_id: int, spec: Spec, source: Source) -> None:
        """A part: take back as many of them as are left."""
        key = f"revoke:{source.key}"
        take_up_to(member_id, spec["count"], source_kind=source.source, source_key=key, at=source.at)
