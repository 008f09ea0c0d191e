"""The database wrapper that Django loads for ``ENGINE = "core.postgresql"``.

``CONN_HEALTH_CHECKS`` sends ``SELECT 1`` before the first statement of each request: for a request of one statement it
doubles the round trips. A server that ended the connection (restart, fail-over, ``pg_terminate_backend``, a time limit)
has sent the end of the stream, so the socket has something to read; between two statements a healthy one has nothing.
A connection whose network went silent is noticed by neither way before the statement itself.
"""

import select

from django.db.backends.postgresql import base
from psycopg import pq

_ANYTHING = select.POLLIN | select.POLLPRI  # POLLHUP and POLLERR are always told


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL as Django speaks it."""

    def is_usable(self) -> bool:
        """Whether the connection can take a statement; only a socket with news makes it ask the server."""
        if self.connection is not None and _is_idle_and_silent(self.connection.pgconn):
            return True
        return super().is_usable()


def _is_idle_and_silent(pgconn: pq.abc.PGconn) -> bool:
    if pgconn.status != pq.ConnStatus.OK or pgconn.transaction_status != pq.TransactionStatus.IDLE:
        return False
    poll = select.poll()
    poll.register(pgconn.socket, _ANYTHING)
    return not poll.poll(0)
