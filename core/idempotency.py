"""Idempotency keys: one key of one subject has one effect and one answer.

Invariants: the key's row is inserted by the first statement of the transaction that has the effect, so a concurrent
duplicate waits for it and then sees the answer. A refusal rolls the effect back and is then stored by a second short
transaction; the row that committed first is the answer. Busy and broken answers (409, 429, 5xx) are not stored.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson

from core import clock, errors, sql
from core.commands import scope

KEEP_DAYS = 7
_VISIBLE = re.compile(r"[\x21\x23-\x7e]{1,64}")

CLAIM = """
INSERT INTO core_idempotencyrecord (subject_kind, subject_id, key, request_hash, status, body, created_at)
VALUES (%(kind)s, %(id)s, %(key)s, %(hash)s, %(status)s, %(body)s, %(now)s)
ON CONFLICT DO NOTHING RETURNING key
"""
READ = """
SELECT request_hash, status, body FROM core_idempotencyrecord
 WHERE subject_kind = %(kind)s AND subject_id = %(id)s AND key = %(key)s
"""
STORE = """
UPDATE core_idempotencyrecord SET status = %(status)s, body = %(body)s
 WHERE subject_kind = %(kind)s AND subject_id = %(id)s AND key = %(key)s
"""


@dataclass(frozen=True)
class Answer:
    """What the caller gets: HTTP status and JSON body; ``replayed`` when it was given before."""

    status: int
    body: Any
    replayed: bool = False


def parse_key(raw: str | None) -> str | None:
    """The key in a header value, quoted or bare (RFC 8941 string); ``None`` without a header."""
    if raw is None:
        return None
    key = raw.strip()
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not _VISIBLE.fullmatch(key):
        raise errors.KeyInvalid
    return key


def request_hash(method: str, path: str, body: bytes) -> str:
    """SHA-256 over method, path and body: a key used for another endpoint is another request."""
    return hashlib.sha256(b"\n".join((method.encode(), path.encode(), body))).hexdigest()


@dataclass(frozen=True)
class Once:
    """A key of a subject for one request; :meth:`run` does the act at most once."""

    subject_kind: str
    subject_id: int
    key: str
    hash: str

    def run(self, act: Callable[[], Answer], render_refusal: Callable[[errors.DomainError], Answer]) -> Answer:
        """Do ``act`` (it calls one command and renders its result) or give the stored answer.

        Raises ``KeyReused`` for another request under the same key, and whatever isn't a final refusal.
        """
        try:
            with scope():
                if stored := self._claim():
                    return stored
                answer = act()
                sql.execute(STORE, self._params(answer))
                return answer
        except errors.DomainError as refusal:
            if not refusal.is_final or isinstance(refusal, errors.KeyReused):
                raise
            return self._store_refusal(render_refusal(refusal))

    def _claim(self) -> Answer | None:
        if sql.fetch_one(CLAIM, self._params(Answer(0, None))):
            return None
        return self._stored()

    def _store_refusal(self, answer: Answer) -> Answer:
        with scope():
            if sql.fetch_one(CLAIM, self._params(answer)):
                return answer
            return self._stored()

    def _stored(self) -> Answer:
        row = sql.fetch_one(READ, self._params(Answer(0, None)))
        if row is None or row["status"] == 0:  # the other request rolled back, or its row is still unfinished
            raise errors.Busy
        if row["request_hash"] != self.hash:
            raise errors.KeyReused
        return Answer(row["status"], orjson.loads(row["body"]), replayed=True)

    def _params(self, answer: Answer) -> dict[str, Any]:
        return {
            "kind": self.subject_kind,
            "id": self.subject_id,
            "key": self.key,
            "hash": self.hash,
            "status": answer.status,
            "body": orjson.dumps(answer.body, default=str).decode(),
            "now": clock.now(),
        }


def purge(*, batch: int = 500) -> int:
    """Delete answers older than :data:`KEEP_DAYS`, in batches; return how many."""
    statement = """
    DELETE FROM core_idempotencyrecord WHERE (subject_kind, subject_id, key) IN (
      SELECT subject_kind, subject_id, key FROM core_idempotencyrecord WHERE created_at < %(before)s
       ORDER BY created_at LIMIT %(batch)s)
    """
    gone = 0
    while True:
        with scope():
            count = sql.execute(statement, {"before": clock.now() - timedelta(days=KEEP_DAYS), "batch": batch})
        gone += count
        if count < batch:
            return gone
