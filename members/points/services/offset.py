"""Points as part of an order's price: quote, hold, capture, release. A contract for orders; no consumer endpoint.

An order asks for a quote, holds when it is placed (the number is checked again then), captures when it is paid (also
partly), releases when it is cancelled, and reverses the captured hold when it is refunded (``reverse_source``).
"""

from datetime import date, datetime

from core.commands import part
from members.points import rules
from members.points.contract import Hold, Offset
from members.points.services import holds, ledger, policy

SOURCE = "points.offset"


def quote(*, member_id: int, goods_fen: int, on: date) -> rules.Quote:
    """How many points an order of ``goods_fen`` may use now, and what they are worth. Reads only; two statements."""
    return rules.offset_quote(
        policy.in_force(), goods_fen=goods_fen, spendable=ledger.spendable(member_id=member_id, on=on)
    )


@part
def hold_for_order(
    *, member_id: int, order: str, goods_fen: int, points: int, label: str, on: date, at: datetime, due_at: datetime
) -> Offset:
    """Hold ``points`` for ``order`` and say what they take off its price.

    ``goods_fen`` is the server's own figure. Raises ``OffsetNotPossible`` beyond the quote of this moment, and what
    :func:`holds.hold` raises.
    """
    now = policy.in_force()
    offer = quote(member_id=member_id, goods_fen=goods_fen, on=on)
    discount_fen = rules.ensure_offset(offer, points=points, least=now.offset_least_points)
    held = holds.hold(
        member_id=member_id, points=points, source_kind=SOURCE, source_key=order, label=label, on=on, at=at,
        due_at=due_at,
    )  # fmt: skip
    return Offset(hold=held, discount_fen=discount_fen)


@part
def capture_for_order(*, member_id: int, order: str, on: date, at: datetime, points: int | None = None) -> Hold:
    """Use what ``order`` holds, or ``points`` of it."""
    return holds.capture(member_id=member_id, source_kind=SOURCE, source_key=order, on=on, at=at, points=points)


@part
def release_for_order(*, member_id: int, order: str, on: date, at: datetime) -> Hold:
    """Give back what ``order`` holds."""
    return holds.release(member_id=member_id, source_kind=SOURCE, source_key=order, on=on, at=at)
