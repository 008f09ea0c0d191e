"""The admin's common ground: base classes, acts with a reason, own pages, the menu, the dashboard.

Django's autodiscovery imports this package as ``core.admin``; ``core.admin.registered`` puts core's own tables and
those of the libraries into the admin.
"""

from core.admin import registered  # noqa: F401 - importing registers
