"""Base classes of every admin class. Acts are actions or own pages (``core.admin.acts``), never ``save_model``."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.checks import UnfoldModelAdminChecks
from unfold.paginator import InfinitePaginator

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin as DjangoModelAdmin
    from django.contrib.admin import TabularInline as DjangoTabularInline

    class UnfoldModelAdmin(DjangoModelAdmin[Any]):
        """What of unfold's untyped class is used here."""

        def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]: ...

    UnfoldTabularInline = DjangoTabularInline[Any, Any]
else:
    from unfold.admin import ModelAdmin as UnfoldModelAdmin
    from unfold.admin import TabularInline as UnfoldTabularInline


def badge(text: str | Promise, tone: str = "plain") -> SafeString:
    """A state as a coloured label: ``success``, ``info``, ``warning``, ``danger`` or ``plain``.

    Unlike unfold's ``@display(label=…)`` it reads the same in a list and on the page of one row.
    """
    return format_html('<span class="hg-badge hg-{}">{}</span>', tone, text)


def data(value: object) -> SafeString:
    """``value`` as what a machine or a person wrote: not to be translated, by us or by a browser."""
    return format_html('<span translate="no">{}</span>', value)


class OfflineChecks(UnfoldModelAdminChecks):  # type: ignore[misc]  # unfold has no types
    """Unfold's checks but for its look into the permission table: every command would need a migrated database."""

    def _check_unfold_action_permission_methods(self, obj: Any) -> list[Any]:
        return []


class ModelAdmin(UnfoldModelAdmin):
    """An admin class with the house's manners.

    ``menu_icon`` is a Material Symbols name, ``menu_order`` the place within the slice's group of the side bar,
    ``in_menu`` whether it stands there at all, ``offered_verbs`` which of Django's four
    permissions mean anything for it. Lists don't count the whole table.
    """

    menu_icon: ClassVar[str] = "label"
    menu_order: ClassVar[int] = 50
    in_menu: ClassVar[bool] = True
    offered_verbs: ClassVar[tuple[str, ...]] = ("add", "change", "delete", "view")  # what a role can be given

    checks_class = OfflineChecks
    show_full_result_count = False
    list_per_page = 50
    compressed_fields = True
    warn_unsaved_form = True
    list_filter_submit = False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """No deletion by the list: it would pass by each row's own rules."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions


class ReadOnlyAdmin(ModelAdmin):
    """Ledgers and logs: to look at, never to write, by whatever request. Its lists are paged without counting."""

    offered_verbs: ClassVar[tuple[str, ...]] = ("view",)
    list_disable_select_all = True
    paginator = InfinitePaginator

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes."""
        return False


class ReadOnlyInline(UnfoldTabularInline):
    """Rows of another table on a page, to look at."""

    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes."""
        return False
