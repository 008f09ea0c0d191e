"""A TCP proxy on the loopback that can slow, swallow and cut what passes between the program and a server.

``FaultProxy(("127.0.0.1", port))`` is a context manager; connect to ``proxy.port``. Faults are switched while it runs:

* ``latency``: seconds added to each chunk, both ways;
* ``blackhole``: takes connections and bytes, and forwards nothing;
* ``cut_after(pattern, times)``: forwards the chunk that holds ``pattern``, waits until the server has acted on it and
  resets the client's connection without the answer: COMMIT done, answer lost;
* ``cut_before(pattern, times)``: resets without forwarding: COMMIT never seen.

``cuts`` counts the cuts that really happened, so that a test can show that its fault took place.
"""

import contextlib
import socket
import struct
import threading
import time
from typing import Self

CHUNK = 65536
ACT_SECONDS = 2.0  # the longest that a server may take to act on the chunk before the cut


class _Pair:
    """A client's connection and ours to the server."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client, self.server = client, server
        self.muted = False
        self.answered = threading.Event()

    def reset(self) -> None:
        """End both with RST, as a dying network does, not with FIN."""
        for each in (self.client, self.server):
            with contextlib.suppress(OSError):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


class FaultProxy:
    """See the module's text."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self.latency = 0.0
        self.blackhole = False
        self.cuts = 0
        self._after: tuple[bytes, int] = (b"", 0)
        self._before: tuple[bytes, int] = (b"", 0)
        self._lock = threading.Lock()
        self._pairs: set[_Pair] = set()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.reset_all()

    def cut_after(self, pattern: bytes, times: int = 1) -> None:
        """Lose the answer to the next ``times`` chunks that hold ``pattern``."""
        with self._lock:
            self._after = (pattern, times)

    def cut_before(self, pattern: bytes, times: int = 1) -> None:
        """Drop the next ``times`` chunks that hold ``pattern``, and the connection with them."""
        with self._lock:
            self._before = (pattern, times)

    def heal(self) -> None:
        """Forward everything again."""
        self.latency, self.blackhole = 0.0, False
        with self._lock:
            self._after = self._before = (b"", 0)

    def reset_all(self) -> None:
        """Reset every open connection."""
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            pair.reset()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._upstream, timeout=3)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            pair = _Pair(client, server)
            with self._lock:
                self._pairs.add(pair)
            threading.Thread(target=self._upward, args=(pair,), daemon=True).start()
            threading.Thread(target=self._downward, args=(pair,), daemon=True).start()

    def _take(self, name: str, data: bytes) -> bool:
        with self._lock:
            pattern, left = getattr(self, name)
            if not left or pattern not in data:
                return False
            setattr(self, name, (pattern, left - 1))
            self.cuts += 1
            return True

    def _upward(self, pair: _Pair) -> None:
        with contextlib.suppress(OSError):
            while data := pair.client.recv(CHUNK):
                if self._swallowed():
                    continue
                if self._take("_before", data):
                    break
                if self._take("_after", data):
                    pair.muted = True
                    pair.server.sendall(data)
                    pair.answered.wait(ACT_SECONDS)
                    break
                pair.server.sendall(data)
        self._end(pair)

    def _downward(self, pair: _Pair) -> None:
        with contextlib.suppress(OSError):
            while data := pair.server.recv(CHUNK):
                if self._swallowed():
                    continue
                if pair.muted:
                    pair.answered.set()
                    continue
                pair.client.sendall(data)
        if not pair.muted:
            self._end(pair)
        pair.answered.set()

    def _swallowed(self) -> bool:
        if self.latency:
            time.sleep(self.latency)
        return self.blackhole

    def _end(self, pair: _Pair) -> None:
        with self._lock:
            self._pairs.discard(pair)
        pair.reset()
