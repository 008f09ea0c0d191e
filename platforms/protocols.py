"""What the product asks of the outside world, and the registries in which platforms offer it.

Platforms raise the plain exceptions below; the slice that called turns them into refusals with a sentence for members.
"""

from dataclasses import dataclass, field
from typing import Protocol

from core.registry import Registry


class LoginRefused(Exception):
    """The platform does not accept the login code: wrong, used before or too old."""


class PlatformDown(Exception):
    """The platform did not answer, or not in a way that can be read; the same code may work later."""


@dataclass(frozen=True)
class PlatformIdentity:
    """Who somebody is to a platform: the openid of one app, and the unionid where the platform gives one.

    ``session_key`` decrypts what the client sends later; it stays in memory, is never stored, logged or shown.
    """

    platform: str
    app_id: str
    openid: str
    unionid: str | None = None
    session_key: str | None = field(default=None, repr=False)


class LoginProvider(Protocol):
    """Turns a mini-program's login code into an identity; an outside call, so never inside a transaction."""

    def app_ids(self) -> tuple[str, ...]:
        """The configured apps; with exactly one a client may leave ``app_id`` out."""
        ...

    def exchange(self, app_id: str, code: str) -> PlatformIdentity:
        """The identity behind ``code``; ``LoginRefused`` or ``PlatformDown``."""
        ...


login_providers: Registry[LoginProvider] = Registry("login provider")
