"""Calls: repeating while WeChat is busy, one new token where the old one is refused, and refusals by their number.

A call is over within ``WECHAT_TOTAL_SECONDS``, repeats, waits and a new token included, and never in a transaction.
"""

from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import connection

from core import clock, sql
from core.commands import in_transaction
from platforms.wechat import errors
from platforms.wechat.rules import codes
from platforms.wechat.rules.answers import Answer
from platforms.wechat.rules.apps import App
from platforms.wechat.services import tokens
from platforms.wechat.services.patience import ensure_success, patiently
from platforms.wechat.services.transport import Deadline, Request

log = structlog.get_logger(__name__)
NOTE_FAULT = """
INSERT INTO wechat_fault (app_id, errcode, rid, first_at, last_at)
VALUES (%(app_id)s, %(errcode)s, %(rid)s, %(now)s, %(now)s)
ON CONFLICT (app_id, errcode) DO UPDATE SET rid = excluded.rid, last_at = excluded.last_at
 WHERE wechat_fault.last_at < %(before)s
"""


class CallInTransaction(RuntimeError):
    """WeChat was to be called while rows were locked: a programming error."""


def ensure_outside_transaction() -> None:
    """``CallInTransaction`` inside a command, a scope or any other transaction but the test runner's own."""
    blocks = getattr(connection, "atomic_blocks", ())
    if in_transaction() or any(not getattr(block, "_from_testcase", False) for block in blocks):
        raise CallInTransaction


def call(app: App, request: Request, *, with_token: bool = True) -> Answer:
    """The answer to ``request``; raises the refusal that its ``errcode`` stands for, or ``Unavailable``."""
    ensure_outside_transaction()
    deadline = Deadline(settings.WECHAT_TOTAL_SECONDS)
    try:
        answer = _with_token(app, request, deadline) if with_token else patiently(request, "", deadline)
        return ensure_success(answer)
    except errors.WeChatError as refusal:
        log.warning("wechat_refused", name=request.path, code=refusal.errcode, reason=refusal.rid, kind=refusal.code)
        if isinstance(refusal, errors.Misconfigured):
            _note_fault(app, refusal)
        raise


def call_json(app: App, request: Request, *, with_token: bool = True) -> dict[str, Any]:
    """:func:`call` where JSON is the only answer."""
    answer = call(app, request, with_token=with_token)
    if answer.data is None:
        raise errors.Unavailable
    return answer.data


def _with_token(app: App, request: Request, deadline: Deadline) -> Answer:
    token = tokens.get_token(app, deadline)
    answer = patiently(request, token, deadline)
    if codes.errcode_of(answer.data or {}) not in codes.STALE_TOKEN:
        return answer
    tokens.forget(app, token)
    return patiently(request, tokens.get_token(app, deadline), deadline)


def _note_fault(app: App, refusal: errors.WeChatError) -> None:
    """For the operator, at most once a minute."""
    now = clock.now()
    sql.execute(
        NOTE_FAULT,
        {
            "app_id": app.app_id, "errcode": refusal.errcode, "rid": refusal.rid, "now": now,
            "before": now - timedelta(minutes=1),
        },
    )  # fmt: skip
