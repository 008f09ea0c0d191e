"""Own pages below the admin's path: a slice registers them in its ``admin.py`` and gets the guard and the frame.

``pages.register("campaigns-new", Page(path="campaigns/new/", view=new, permission="campaigns.add_campaign"))``, and
``page_url("campaigns-new")`` is its address. With ``menu`` it stands in the side bar, in the group of ``app_label``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise

from core.registry import Registry

View = Callable[..., HttpResponse]


@dataclass(frozen=True, kw_only=True)
class Page:
    """An address below the admin's path, the view behind it, who may see it, and its place in the menu."""

    path: str
    view: View
    permission: str = ""
    menu: str | Promise = ""
    app_label: str = ""
    icon: str = "article"
    order: int = 50

    def is_allowed(self, request: HttpRequest) -> bool:
        """Whether the staff user may open it."""
        return not self.permission or request.user.has_perm(self.permission)


pages: Registry[Page] = Registry("admin page")


def page_url(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of the page registered as ``name``."""
    return reverse(f"admin_pages:{name}", args=args, kwargs=kwargs)


def render(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """``template`` (it extends ``admin/base_site.html``) in the admin's frame; ``context`` has a ``title``."""
    return TemplateResponse(request, template, {**admin.site.each_context(request), **context})


def urls() -> list[URLPattern]:
    """All registered pages, each behind sign-in and its permission."""
    return [path(page.path, admin.site.admin_view(_guarded(page)), name=name) for name, page in pages.items()]


def _guarded(page: Page) -> View:
    @wraps(page.view)
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not page.is_allowed(request):
            raise PermissionDenied
        return page.view(request, *args, **kwargs)

    return view
