"""The addresses: health, the consumer API, its documentation, the slices' pages and the admin."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config.discovery import api_urls, page_urls
from core import health

urlpatterns = [
    path("api/v1/", include(api_urls())),  # first: each request is matched from the top
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path(settings.ADMIN_PATH, include("core.admin.urls")),
    path(settings.ADMIN_PATH, admin.site.urls),
    *page_urls(),
]
handler404 = "core.api.problems.not_found"
handler500 = "core.api.problems.server_error"
