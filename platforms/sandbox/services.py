"""The sandbox as a login provider."""

from dataclasses import dataclass

from platforms.protocols import LoginRefused, PlatformIdentity
from platforms.sandbox import rules

PLATFORM = "sandbox"
APP_ID = "sandbox"


@dataclass(frozen=True)
class SandboxLogin:
    """Signs in whoever a ``demo-<name>`` code names, any number of times."""

    def app_ids(self) -> tuple[str, ...]:
        """The sandbox is one app."""
        return (APP_ID,)

    def exchange(self, app_id: str, code: str) -> PlatformIdentity:
        """The person of the code; ``LoginRefused`` for any other code."""
        openid = rules.openid_of(code)
        if openid is None:
            raise LoginRefused
        return PlatformIdentity(platform=PLATFORM, app_id=app_id, openid=openid)
