"""What other slices register with ``accounts``: acts at sign-in and joining, merge, export, erase, card panels."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.utils.functional import Promise

from core.registry import Registry


@dataclass(frozen=True)
class SignedIn:
    """A sign-in: the member's key, whether it was the first, and what the client claims about its launch."""

    member_id: int
    is_new: bool
    launch: dict[str, Any]
    at: datetime


@dataclass(frozen=True)
class Joined:
    """A visitor became a member."""

    member_id: int
    at: datetime


class MemberData(Protocol):
    """A slice with member-owned rows answers for all of its tables (a test lists those that nobody answers for)."""

    tables: tuple[str, ...]

    def merge(self, *, source_id: int, target_id: int) -> None:
        """A part: move or close what ``source_id`` owns; ledger rows never move, a pair of entries does."""
        ...

    def export(self, member_id: int) -> dict[str, Any]:
        """What is known of the member, in JSON's types."""
        ...

    def erase(self, member_id: int) -> None:
        """A part: remove or anonymise personal data; legal ledgers stay under the pseudonym."""
        ...


@dataclass(frozen=True)
class CardPanel:
    """A box on the member's card in the admin: ``read(member_key)`` gives lines of (label, value)."""

    label: str | Promise
    read: Callable[[int], list[tuple[str | Promise, str]]]
    order: int = 50


signed_in: Registry[Callable[[SignedIn], None]] = Registry("sign-in part")
joined: Registry[Callable[[Joined], None]] = Registry("joining part")
member_data: Registry[MemberData] = Registry("member data")
card_panels: Registry[CardPanel] = Registry("member card panel")
