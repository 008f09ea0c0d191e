"""The app config of the sandbox."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core import slices
from platforms.protocols import login_providers


class SandboxConfig(slices.SliceConfig):
    """A platform that signs anybody in; there only when it is switched on."""

    name = "platforms.sandbox"
    verbose_name = _("Sandbox")
    kind = "platform"

    def register(self) -> None:
        """Offer the sandbox for signing in, where it is allowed."""
        from platforms.sandbox.services import PLATFORM, SandboxLogin

        if settings.SANDBOX_ENABLED:
            login_providers.register(PLATFORM, SandboxLogin())
