"""Corrections by staff: with a reason, alone up to a daily threshold, beyond it with a second person.

What one person does alone is summed by member and by staff user for the day, each sum in one guarded statement: many
small corrections meet the same threshold as a large one, also when they come at once. An approved correction does not
count, since two people have seen it.
"""

from datetime import date

from core import approvals, audit, clock, ids, sql
from core import errors as core_errors
from core.commands import command, part
from core.events import publish
from core.models import Approval, StaffUser
from members.accounts.models import Member
from members.points import errors, rules
from members.points.contract import Adjustment, Entry
from members.points.events import Adjusted
from members.points.models import PointsEntry
from members.points.services import earning, ledger, policy

KIND = "points.adjust"
MAY_ADJUST = "points.adjust_points"
MAY_APPROVE = "points.approve_adjustment"

COUNT = """
INSERT INTO points_pointsadjusttotal (subject, day, points)
SELECT %(subject)s, %(day)s, %(points)s WHERE %(points)s <= %(most)s
ON CONFLICT (subject, day) DO UPDATE SET points = points_pointsadjusttotal.points + excluded.points
 WHERE points_pointsadjusttotal.points + excluded.points <= %(most)s
RETURNING points
"""
UNCOUNT = """
UPDATE points_pointsadjusttotal SET points = points - %(points)s WHERE subject = %(subject)s AND day = %(day)s
"""


@command
def adjust(*, member: Member, points: int, reason: str, actor: StaffUser) -> Adjustment:
    """Give (or take, when negative) ``points``; beyond what ``actor`` may do alone today, ask a second person.

    Points are taken only as far as they can be spent: a correction never makes debt. Raises ``Forbidden``,
    ``ReasonRequired``, ``InvalidAmount``, ``Insufficient``, ``InDebt``, ``approvals.AlreadyAsked``.
    """
    if not actor.has_perm(MAY_ADJUST):
        raise core_errors.Forbidden
    if not reason.strip():
        raise errors.ReasonRequired
    rules.ensure_amount(abs(points))
    if count_alone(member_id=member.pk, actor_id=actor.pk, points=abs(points), day=clock.today()):
        entry = write(member_id=member.pk, points=points, key=str(ids.uuid7()), actor=actor, reason=reason)
        return Adjustment(entry=entry, approval_id=None)
    payload = {"member_id": member.pk, "points": points}
    asked = approvals.ask(kind=KIND, subject=f"member:{member.pk}", payload=payload, reason=reason, maker=actor)
    return Adjustment(entry=None, approval_id=asked.pk)


@part
def count_alone(*, member_id: int, actor_id: int, points: int, day: date) -> bool:
    """Count ``points`` towards both sums of the day if they fit; whether they did."""
    now = policy.in_force()
    member = {"subject": f"member:{member_id}", "day": day, "points": points, "most": now.adjust_alone}
    staff = {"subject": f"staff:{actor_id}", "day": day, "points": points, "most": now.adjust_alone_staff}
    if sql.fetch_one(COUNT, member) is None:
        return False
    if sql.fetch_one(COUNT, staff) is None:
        sql.execute(UNCOUNT, {name: member[name] for name in ("subject", "day", "points")})
        return False
    return True


@part
def act_on(approval: Approval) -> None:
    """What an approval of this kind does; the label names who asked, the trail who approved."""
    payload = approval.payload
    write(
        member_id=int(payload["member_id"]), points=int(payload["points"]), key=f"approval:{approval.pk}",
        actor=approval.maker, reason=approval.reason,
    )  # fmt: skip


@part
def write(*, member_id: int, points: int, key: str, actor: StaffUser, reason: str) -> Entry:
    """The entry of a correction, its audit row and its event."""
    at = clock.now()
    on = clock.business_date(at)
    line = ledger.Line(
        member_id=member_id, kind=PointsEntry.Kind.ADJUST.value, source_kind=KIND, source_key=key,
        label=f"staff:{actor.pk}", at=at, on=on,
        expires_on=rules.expires_on(policy.in_force(), on) if points > 0 else None,
    )  # fmt: skip
    entry = earning.credit(line, points) if points > 0 else earning.debit(line, -points)
    assert entry.id is not None  # noqa: S101 - for the type checker
    detail = {"points": points, "entry": entry.id, "key": key}
    audit.record(actor=actor, action=KIND, subject=f"member:{member_id}", reason=reason, detail=detail)
    publish(Adjusted(member_id=member_id, entry_id=entry.id, points=points), occurred_at=at, on=on)
    return entry
