"""Access tokens: one sealed row an app, fetched from ``stable_token``.

Every worker may fetch at once: while a token is valid the platform gives the same one to all (stable token,
developers.weixin.qq.com), so no lock is needed between processes. ``force_refresh`` is never sent: it is limited to 20
a day and takes the token away from the other workers.
"""

import threading
from collections import defaultdict
from datetime import datetime, timedelta

from core import clock, sql
from platforms.wechat import errors
from platforms.wechat.rules import codes
from platforms.wechat.rules.apps import App
from platforms.wechat.services import patience, sealing
from platforms.wechat.services.transport import Deadline, Request

EARLY = timedelta(seconds=300)  # from then on the platform itself gives out the next one
WRONG_SECRET = 40001  # as an answer to *this* call; elsewhere it is a token that has grown old
LONGEST_TOKEN, LONGEST_SECONDS = 512, 7200
FIND = "SELECT sealed, expires_at FROM wechat_accesstoken WHERE app_id = %(app_id)s"
# An answer that was asked for earlier never replaces a later one, however long it was on its way.
KEEP = """
INSERT INTO wechat_accesstoken (app_id, sealed, mark, asked_at, expires_at)
VALUES (%(app_id)s, %(sealed)s, %(mark)s, %(asked_at)s, %(expires_at)s)
ON CONFLICT (app_id) DO UPDATE SET sealed = excluded.sealed, mark = excluded.mark, asked_at = excluded.asked_at,
                                   expires_at = excluded.expires_at
 WHERE wechat_accesstoken.asked_at <= excluded.asked_at
"""
FORGET = "DELETE FROM wechat_accesstoken WHERE app_id = %(app_id)s AND mark = %(mark)s"
_flights: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)  # one fetch a process and app spares quota


def get_token(app: App, deadline: Deadline) -> str:
    """The app's access token; fetched where there is none or less than five minutes are left of it."""
    if token := _kept(app):
        return token
    flight = _flights[app.app_id]
    if not flight.acquire(timeout=deadline.left):
        raise errors.Unavailable
    try:
        return _kept(app) or _fetch(app, deadline)
    finally:
        flight.release()


def forget(app: App, token: str) -> bool:
    """Drop the kept token if it is ``token``, the one that was refused; another worker's newer one stays."""
    return sql.execute(FORGET, {"app_id": app.app_id, "mark": sealing.mark(token, purpose="token")}) == 1


def _kept(app: App) -> str | None:
    row = sql.fetch_one(FIND, {"app_id": app.app_id}, expires_at="datetime")
    if row is None or row["expires_at"] - EARLY <= clock.now():
        return None
    return sealing.unseal(row["sealed"], bound_to=app.app_id)


def _fetch(app: App, deadline: Deadline) -> str:
    asked_at = clock.now()
    body = {"grant_type": "client_credential", "appid": app.app_id, "secret": app.secret, "force_refresh": False}
    answer = patience.patiently(Request("POST", "/cgi-bin/stable_token", {}, body), "", deadline)
    data = answer.data or {}
    if codes.errcode_of(data) == WRONG_SECRET:
        raise errors.Misconfigured(errcode=WRONG_SECRET, rid=codes.rid_of(data))
    patience.ensure_success(answer)
    token, seconds = data.get("access_token"), data.get("expires_in")
    if not isinstance(token, str) or not 0 < len(token) <= LONGEST_TOKEN or not isinstance(seconds, int):
        raise errors.Unavailable(errcode=codes.BUSY)
    _keep(app, token, asked_at, asked_at + timedelta(seconds=max(0, min(seconds, LONGEST_SECONDS))))
    return token


def _keep(app: App, token: str, asked_at: datetime, expires_at: datetime) -> None:
    sql.execute(
        KEEP,
        {
            "app_id": app.app_id, "sealed": sealing.seal(token, bound_to=app.app_id),
            "mark": sealing.mark(token, purpose="token"), "asked_at": asked_at, "expires_at": expires_at,
        },
    )  # fmt: skip
