"""The look of the admin (django-unfold): name, colours, language switch; the groups come from the slices."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Homeground"),
    "SITE_HEADER": _("Homeground"),
    "SITE_SUBHEADER": "core.admin.look.brand",
    "SITE_SYMBOL": "home_pin",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("core/favicon.svg")},
    ],
    "SITE_URL": None,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "LANGUAGES": {"action": reverse_lazy("admin_pages:language"), "navigation": []},
    "ENVIRONMENT": "core.admin.look.environment",
    "DASHBOARD_CALLBACK": "core.admin.dashboard.fill",
    "STYLES": [lambda _request: static("core/admin.css")],
    "SCRIPTS": [lambda _request: static("core/admin.js")],
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": "core.admin.menu.navigation"},
    "COLORS": {
        "primary": {  # a tea green, the same hue at eleven depths
            "50": "oklch(97.5% .021 160)",
            "100": "oklch(94.6% .046 161)",
            "200": "oklch(89.6% .083 162)",
            "300": "oklch(83.2% .115 162)",
            "400": "oklch(74.5% .135 162)",
            "500": "oklch(64.8% .130 162)",
            "600": "oklch(54.2% .112 162)",
            "700": "oklch(46.2% .096 163)",
            "800": "oklch(39.2% .080 164)",
            "900": "oklch(33.6% .068 165)",
            "950": "oklch(23.5% .048 166)",
        }
    },
}
