"""Own pages below the admin's path; slices add theirs to ``core.admin.pages``."""

from django.urls import path

from core.admin import language, pages

app_name = "admin_pages"
urlpatterns = [path("language/", language.choose, name="language"), *pages.urls()]
