"""What the admin's frame shows of this deployment; ``config.admin_site`` names these functions."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


def brand(request: HttpRequest) -> str:
    """The brand, below the product's name."""
    return str(settings.BRAND_NAME)


def environment(request: HttpRequest) -> list[str | Promise] | None:
    """A label in the header, so that nobody takes a demo for the real thing."""
    return [_("Demo"), "warning"] if settings.HOMEGROUND_DEMO else None


def locked_out(request: HttpRequest, *_what_axes_knows: Any) -> HttpResponse:
    """The answer to a sign-in after too many wrong passwords (``AXES_LOCKOUT_CALLABLE``)."""
    context = {**admin.site.each_context(request), "back": reverse("admin:login")}
    return render(request, "core/locked.html", context, status=429)
