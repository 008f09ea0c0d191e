"""Finds the slices by looking at the tree, so that a new folder needs no edit anywhere else.

A slice is a folder with an ``apps.py`` directly below one of the packages of the stack, or such a package itself
(``coupons``). The order is that of the stack, lowest first: URLs, admin and registries follow it.
"""

import importlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path

from django.urls import URLPattern, URLResolver, include, path

ROOT = Path(__file__).resolve().parent.parent
STACK = ("core", "platforms", "members", "coupons", "commerce", "engagement")


def slice_names(root: Path = ROOT) -> list[str]:
    """Dotted names of all apps below ``root``, lowest layer first and alphabetical within a layer."""
    return [name for layer in STACK for name in _of_layer(root / layer)]


def _of_layer(folder: Path) -> Iterator[str]:
    if (folder / "apps.py").is_file():
        yield folder.name
    elif folder.is_dir():
        yield from (f"{folder.name}.{child.parent.name}" for child in sorted(folder.glob("*/apps.py")))


def has_module(name: str) -> bool:
    """Whether ``name`` can be imported, without importing it."""
    return importlib.util.find_spec(name) is not None


def api_urls() -> list[URLPattern | URLResolver]:
    """The consumer API: the ``urlpatterns`` of each slice's ``api.py``, below its ``api_prefix``."""
    return list(_included("api", lambda config: config.api_prefix))


def page_urls() -> list[URLPattern | URLResolver]:
    """Server-rendered pages outside the admin: each slice's ``pages.py``, below the site's root."""
    return list(_included("pages", lambda _config: ""))


def _included(module: str, prefix_of) -> Iterator[URLResolver]:
    from core import slices

    for config in slices.installed():
        name = f"{config.name}.{module}"
        if has_module(name) and hasattr(importlib.import_module(name), "urlpatterns"):
            yield path(prefix_of(config), include(name))
