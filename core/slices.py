"""What a slice is to Django: an app config with a kind, an API prefix and a place in the admin."""

import importlib
import importlib.util
from typing import ClassVar

from django.apps import AppConfig, apps
from django.utils.functional import Promise

ENTRY_MODULES = ("handlers", "mechanism")  # importing them registers what they declare


class SliceConfig(AppConfig):
    """Base of every slice's config.

    ``kind`` is ``slice``, ``kernel``, ``mechanism`` or ``platform``; ``api_prefix`` stands before the slice's paths
    below ``/api/v1/`` (with a trailing slash, or empty); ``admin_group`` is the heading in the admin's side bar.
    A subclass registers with lower slices in :meth:`register`.
    """

    kind: ClassVar[str] = "slice"
    api_prefix: ClassVar[str] = ""
    admin_group: ClassVar[str | Promise] = ""
    admin_order: ClassVar[int] = 50

    def ready(self) -> None:
        for module in ENTRY_MODULES:
            if importlib.util.find_spec(f"{self.name}.{module}"):
                importlib.import_module(f"{self.name}.{module}")
        self.register()

    def register(self) -> None:
        """Tell lower slices what this one offers; called once at start."""


def installed() -> list[SliceConfig]:
    """All slices in the order of the stack."""
    return [config for config in apps.get_app_configs() if isinstance(config, SliceConfig)]
