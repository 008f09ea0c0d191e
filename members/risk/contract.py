"""What the gate is asked and what it says, and where slices register signals of their own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.registry import Registry


class Decision(StrEnum):
    """What to do: go on; go on but hold the value back where the slice can; don't."""

    ALLOW = "allow"
    HOLD = "hold"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Verdict:
    """The decision and its reasons (``velocity.member.acts``, ``listed.device``), for the log and staff only."""

    decision: Decision
    reasons: tuple[str, ...] = ()

    @property
    def is_allowed(self) -> bool:
        """Nothing stands against it."""
        return self.decision is Decision.ALLOW

    @property
    def is_held(self) -> bool:
        """It may be done, but its value should wait (pending points) where that is possible."""
        return self.decision is Decision.HOLD

    @property
    def is_refused(self) -> bool:
        """It must not be done."""
        return self.decision is Decision.REFUSE


ALLOWED = Verdict(Decision.ALLOW)


@dataclass(frozen=True)
class Facts:
    """Who wants to do what. ``device`` is the client's own claim, ``address`` what our proxies vouch for."""

    act: str  # "<slice>.<verb>", such as "checkins.check_in"
    member_id: int | None
    device: str
    address: str
    at: datetime


# A signal is quick and reads no table on the hot path; ``None`` says that it has nothing to say.
signals: Registry[Callable[[Facts], Verdict | None]] = Registry("risk signal")
