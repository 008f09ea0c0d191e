"""A name server that takes its time."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def slow_lookup(monkeypatch: Any, seconds: float) -> Iterator[None]:
    """Every look-up takes ``seconds``, or until the block ends."""
    released, lookup = threading.Event(), socket.getaddrinfo

    def slowly(*arguments: Any, **named: Any) -> Any:
        released.wait(seconds)
        return lookup(*arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    try:
        yield
    finally:
        released.set()
