"""Approvals: an act prepared by one person and released by another.

Invariants: maker and approver differ (a CHECK stands behind it); an approval is decided once (guarded update); the act
runs in the transaction of the decision, so it happens once or not at all; what is approved is what was asked (hash).
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import audit, clock, errors, sql
from core.commands import command, part
from core.models import Approval, StaffUser
from core.registry import Registry


class AlreadyDecided(errors.DomainError):
    """Somebody decided it before."""

    code = "core.approval_already_decided"
    status = 409
    message = _("This was already decided.")


class SamePerson(errors.DomainError):
    """The maker can't approve."""

    code = "core.approval_same_person"
    status = 403
    message = _("A second person has to decide this.")


class NotAnApprover(errors.DomainError):
    """The approver lacks the permission of the kind."""

    code = "core.approval_not_permitted"
    status = 403
    message = _("You may not decide this kind of request.")


class AlreadyAsked(errors.DomainError):
    """The same request is open."""

    code = "core.approval_already_asked"
    status = 409
    message = _("The same request is already waiting for a decision.")


@dataclass(frozen=True)
class ApprovalKind:
    """What is approved: ``act(approval)`` is a part that does it; ``permission`` is who may decide."""

    label: str | Promise
    permission: str
    act: Callable[[Approval], None]


kinds: Registry[ApprovalKind] = Registry("approval kind")

DECIDE = """
UPDATE core_approval SET state = %(state)s, approver_id = %(approver)s, decided_at = %(now)s
 WHERE id = %(id)s AND state = 'open' AND maker_id <> %(approver)s
RETURNING id
"""


def payload_hash(payload: dict[str, Any]) -> str:
    """SHA-256 of the payload as canonical JSON."""
    text = json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@part
def ask(*, kind: str, subject: str, payload: dict[str, Any], reason: str, maker: StaffUser) -> Approval:
    """Open a request for a second person's decision."""
    kinds.get(kind)
    try:
        with transaction.atomic():
            return Approval.objects.create(
                kind=kind, subject=subject, payload=payload, payload_hash=payload_hash(payload), reason=reason[:200],
                maker=maker, created_at=clock.now(),
            )  # fmt: skip
    except IntegrityError:
        raise AlreadyAsked from None


@command
def decide(*, approval: Approval, approver: StaffUser, approve: bool, reason: str = "") -> None:
    """Approve or refuse; an approved act is done here, in the same transaction."""
    kind = kinds.get(approval.kind)
    if not approver.has_perm(kind.permission):
        raise NotAnApprover
    if approval.maker_id == approver.pk:
        raise SamePerson
    state = Approval.State.APPROVED if approve else Approval.State.REFUSED
    row = sql.fetch_one(DECIDE, {"id": approval.pk, "state": str(state), "approver": approver.pk, "now": clock.now()})
    if row is None:  # nothing updated: somebody else decided first
        raise AlreadyDecided
    approval.refresh_from_db()
    if approval.payload_hash != payload_hash(approval.payload):
        raise errors.InvalidRequest
    audit.record(
        actor=approver, action=f"approval.{state}", subject=approval.subject, reason=reason,
        detail={"kind": approval.kind, "approval": approval.pk},
    )  # fmt: skip
    if approve:
        kind.act(approval)
