"""Commands and parts: who opens the transaction, and who must find one open.

A *command* is called from a door (API, admin action, task, handler) and opens the one durable transaction. A *part* is
called by other services and refuses to run outside one. When a request carries an idempotency key, or an event is
delivered, the key's or the inbox's row must commit with the effect: then that *scope* opens the transaction and exactly
one level of command joins it.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

from django.db import transaction

P = ParamSpec("P")
R = TypeVar("R")

_CLOSED, _SCOPE, _COMMAND = "closed", "scope", "command"
_state: ContextVar[str] = ContextVar("homeground_unit_of_work", default=_CLOSED)


class OutsideTransaction(RuntimeError):
    """A part was called outside a command: a programming error."""


class NestedCommand(RuntimeError):
    """A command called a command: a programming error, since each would think that it commits."""


@contextmanager
def scope() -> Iterator[None]:
    """Open the durable transaction that the commands called inside join (idempotency, event delivery, tests)."""
    if _state.get() != _CLOSED:
        raise NestedCommand("a scope was opened inside another transaction")
    with transaction.atomic(durable=True):
        token = _state.set(_SCOPE)
        try:
            yield
        finally:
            _state.reset(token)


def command(function: Callable[P, R]) -> Callable[P, R]:
    """Mark ``function`` as a command: it runs in one durable transaction, or is the act of an open scope."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        state = _state.get()
        if state == _COMMAND:
            raise NestedCommand(f"{function.__qualname__} was called inside another command")
        token = _state.set(_COMMAND)
        try:
            if state == _SCOPE:
                return function(*args, **kwargs)
            with transaction.atomic(durable=True):
                return function(*args, **kwargs)
        finally:
            _state.reset(token)

    return run


def part(function: Callable[P, R]) -> Callable[P, R]:
    """Mark ``function`` as a part: it refuses to run outside a command or scope."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if _state.get() == _CLOSED:
            raise OutsideTransaction(f"{function.__qualname__} was called outside a command")
        return function(*args, **kwargs)

    return run


def in_transaction() -> bool:
    """Whether a command or scope is open in this context."""
    return _state.get() != _CLOSED
