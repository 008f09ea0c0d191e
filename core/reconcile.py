"""Reconciliation: each slice registers checks; a run opens an incident for each finding. Nothing heals by itself.

A check reads with one statement (or a few) and yields its findings; it never writes. An incident stays open until a
person closes it with a reason; if the next run finds the same again, a new one is opened.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import structlog
from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import audit, clock, errors, sql
from core.commands import command
from core.models import Incident, StaffUser
from core.registry import Registry

log = structlog.get_logger(__name__)
FETCH = 2000
MOST_FINDINGS = 1000  # of one check and run: a broken rule breaks everywhere, and a thousand rows say it as well


class IncidentClosed(errors.DomainError):
    """Somebody closed it before."""

    code = "core.incident_already_closed"
    status = 409
    message = _("This incident is already closed.")


@dataclass(frozen=True)
class Finding:
    """One disagreement: what it is about (``points:42``, no personal data) and the numbers that differ."""

    subject: str
    detail: str


@dataclass(frozen=True)
class Check:
    """A check of a slice: ``run()`` yields what is wrong."""

    label: str | Promise
    run: Callable[[], Iterable[Finding]]


@dataclass(frozen=True)
class Result:
    """What a check found, and how long it took (s)."""

    name: str
    findings: list[Finding]
    seconds: float


checks: Registry[Check] = Registry("reconciliation check")

OPEN = """
INSERT INTO core_incident (check_name, subject, detail, opened_at, last_seen_at, reason)
VALUES (%(check)s, %(subject)s, %(detail)s, %(now)s, %(now)s, '')
ON CONFLICT (check_name, subject) WHERE closed_at IS NULL
DO UPDATE SET last_seen_at = excluded.last_seen_at, detail = excluded.detail
"""
CLOSE = """
UPDATE core_incident SET closed_at = %(now)s, closed_by_id = %(actor)s, reason = %(reason)s
 WHERE id = %(id)s AND closed_at IS NULL RETURNING id
"""


def stream(statement: str, params: sql.Params | None = None) -> Iterator[tuple[object, ...]]:
    """The rows of a reading statement without holding them all: a million rows cost no memory."""
    if sql.is_postgres():
        connection.ensure_connection()
        with connection.connection.cursor(name="homeground_reconcile", withhold=True) as cursor:
            cursor.itersize = FETCH
            cursor.execute(statement, sql.adapt(params))
            yield from cursor
        return
    with connection.cursor() as cursor:
        cursor.execute(statement, sql.adapt(params))
        while rows := cursor.fetchmany(FETCH):
            yield from rows


def run(names: Iterable[str] | None = None) -> list[Result]:
    """Run the named checks, or all; open or refresh an incident for each finding."""
    return [_run(name, checks.get(name)) for name in (names or list(checks))]


def _run(name: str, check: Check) -> Result:
    started = time.monotonic()
    findings: list[Finding] = []
    for finding in check.run():
        findings.append(finding)
        if len(findings) >= MOST_FINDINGS:
            break
    if findings:
        _open(name, findings)
        log.error("reconciliation_found", check=name, findings=len(findings))
    return Result(name, findings, time.monotonic() - started)


@command
def _open(name: str, findings: list[Finding]) -> None:
    now = clock.now()
    for finding in findings:
        sql.execute(OPEN, {"check": name, "subject": finding.subject[:120], "detail": finding.detail[:400], "now": now})


@command
def close(*, incident: Incident, actor: StaffUser, reason: str) -> None:
    """Close ``incident``; what is wrong was put right by an adjustment of its own, never here."""
    params = {"id": incident.pk, "actor": actor.pk, "reason": reason[:200], "now": clock.now()}
    if sql.fetch_one(CLOSE, params) is None:
        raise IncidentClosed
    audit.record(actor=actor, action="incident.close", subject=f"incident:{incident.pk}", reason=reason)
