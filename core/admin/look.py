"""What the admin's frame shows of this deployment; ``config.admin_site`` names these functions."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


def brand(request: HttpRequest) -> str:
    """The brand, below the product's name."""
    return str(settings.BRAND_NAME)


def environment(request: HttpRequest) -> list[str | Promise] | None:
    """A label in the header, so that nobody takes a demo for the real thing."""
    return [_("Demo"), "warning"] if settings.HOMEGROUND_DEMO else None
