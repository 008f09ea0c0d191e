"""Own pages below the admin's path; slices add theirs to ``core.admin.pages``."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
