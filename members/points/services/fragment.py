"""An earning as CTEs, so that an act on PostgreSQL can be one statement together with its points."""

from datetime import date, datetime

from core.commands import part
from members.points import rules
from members.points.contract import Fragment
from members.points.models import PointsEntry
from members.points.services import policy
from members.points.services.earning import usable_until

_TOTAL = "points_pointsaccount.balance - points_pointsaccount.debt + %(points_n)s"
CTES = f"""
points_account AS (
  INSERT INTO points_pointsaccount (member_id, balance, debt, held, seq, opened_at)
  SELECT %(points_member)s, %(points_n)s, 0, 0, 1, %(points_at)s FROM {{after}}
  ON CONFLICT (member_id) DO UPDATE SET
    balance = CASE WHEN {_TOTAL} > 0 THEN {_TOTAL} ELSE 0 END,
    debt = CASE WHEN {_TOTAL} < 0 THEN -({_TOTAL}) ELSE 0 END,
    seq = points_pointsaccount.seq + 1
  RETURNING seq, balance, debt),
points_entry AS (
  INSERT INTO points_pointsentry (member_id, seq, kind, delta, balance_after, debt_after, label, source_kind,
                                  source_key, expires_on, occurred_at, business_on)
  SELECT %(points_member)s, a.seq, '{PointsEntry.Kind.EARN.value}', %(points_n)s, a.balance, a.debt, %(points_label)s,
         %(points_source_kind)s, %(points_source_key)s, %(points_expires_on)s, %(points_at)s, %(points_on)s
    FROM points_account a
  RETURNING id, seq, balance_after, debt_after),
points_lot AS (
  INSERT INTO points_pointslot (member_id, expires_on, remaining, is_open)
  SELECT %(points_member)s, %(points_expires_on)s, LEAST(%(points_n)s, e.balance_after), TRUE
    FROM points_entry e WHERE e.balance_after > 0
  ON CONFLICT (member_id, expires_on)
  DO UPDATE SET remaining = points_pointslot.remaining + excluded.remaining, is_open = TRUE
  RETURNING id)
"""  # noqa: S608 - constant text


@part
def earn_fragment(
    *, member_id: int, points: int, source_kind: str, source_key: str, label: str, on: date, at: datetime, after: str,
    expires_on: date | None = None,
) -> Fragment | None:  # fmt: skip
    """The writes of :func:`earn` as CTEs that run once for the one row of the CTE called ``after``.

    ``None`` where a daily cap counts this source: then call :func:`earn`. PostgreSQL only. A source that has its entry
    already is an ``IntegrityError`` of the whole statement.
    """
    now = policy.in_force()
    if rules.cap_for(now, source_kind):
        return None
    params: dict[str, object] = {
        "points_member": member_id,
        "points_n": rules.ensure_amount(points),
        "points_label": label,
        "points_source_kind": source_kind,
        "points_source_key": source_key,
        "points_expires_on": usable_until(now, on, expires_on),
        "points_at": at,
        "points_on": on,
    }
    return Fragment(ctes=CTES.format(after=after).strip(), params=params)
