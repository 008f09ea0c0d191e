"""The side bar: groups of slices (``SliceConfig.admin_group``), built anew for each person from what is registered."""

from dataclasses import dataclass, field
from typing import Any

from django.apps import AppConfig, apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from core.admin.base import ModelAdmin
from core.admin.pages import page_url, pages
from core.slices import SliceConfig

SYSTEM = _("System")
LAST = 1000  # what belongs to no slice stands below everything that a marketer needs


@dataclass
class Group:
    """A heading of the side bar with its entries as (order, entry)."""

    title: str | Promise
    order: int
    entries: list[tuple[int, dict[str, Any]]] = field(default_factory=list)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The side bar for ``request.user``, in the form that unfold wants."""
    groups: dict[str, Group] = {}
    for config in apps.get_app_configs():
        entries = [*_tables(config, request), *_own_pages(config, request)]
        if entries:
            title, order = _heading(config)
            group = groups.setdefault(str(title), Group(title, order))
            group.order = min(group.order, order)
            group.entries += entries
    home = {"title": _("Dashboard"), "icon": "monitoring", "link": reverse("admin:index")}
    found = sorted(groups.values(), key=lambda group: group.order)
    return [{"title": "", "items": [home]}, *(_rendered(group) for group in found)]


def _heading(config: AppConfig) -> tuple[str | Promise, int]:
    if isinstance(config, SliceConfig):
        return config.admin_group or config.verbose_name, config.admin_order
    return SYSTEM, LAST


def _tables(config: AppConfig, request: HttpRequest) -> list[tuple[int, dict[str, Any]]]:
    found = []
    for model, model_admin in admin.site._registry.items():  # noqa: SLF001 - the site offers no public way
        if model._meta.app_label != config.label or not getattr(model_admin, "in_menu", True):  # noqa: SLF001
            continue
        if model_admin.has_view_permission(request) and isinstance(model_admin, ModelAdmin):
            link = reverse(f"admin:{config.label}_{model._meta.model_name}_changelist")  # noqa: SLF001
            title = capfirst(str(model._meta.verbose_name_plural))  # noqa: SLF001
            found.append((model_admin.menu_order, _entry(title, model_admin.menu_icon, link)))
    return found


def _own_pages(config: AppConfig, request: HttpRequest) -> list[tuple[int, dict[str, Any]]]:
    return [
        (page.order, _entry(str(page.menu), page.icon, page_url(name)))
        for name, page in pages.items()
        if page.menu and page.app_label == config.label and page.is_allowed(request)
    ]


def _entry(title: str, icon: str, link: str) -> dict[str, Any]:
    return {"title": escape(title), "icon": icon, "link": link}


def _rendered(group: Group) -> dict[str, Any]:
    entries = [entry for _order, entry in sorted(group.entries, key=lambda pair: pair[0])]
    return {"title": group.title, "items": entries, "separator": True, "collapsible": group.order >= LAST}
