"""The look of the admin (django-unfold): name, colours, groups."""

from typing import Any

from django.utils.translation import gettext_lazy as _

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Homeground"),
    "SITE_HEADER": _("Homeground"),
    "SITE_SYMBOL": "home_pin",
}
