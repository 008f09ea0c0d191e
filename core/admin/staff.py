"""Staff accounts and their roles."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Permission
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from core.admin.base import ModelAdmin

if TYPE_CHECKING:
    from core.models import StaffUser

    _UserAdmin = UserAdmin[StaffUser]
    _ModelMultipleChoiceField = forms.ModelMultipleChoiceField[Permission]
else:
    _ModelMultipleChoiceField = forms.ModelMultipleChoiceField
    _UserAdmin = UserAdmin

VERBS = {
    "add": gettext_lazy("add %(thing)s"),
    "change": gettext_lazy("change %(thing)s"),
    "delete": gettext_lazy("delete %(thing)s"),
    "view": gettext_lazy("view %(thing)s"),
}


def permission_label(permission: Permission) -> str:
    """What a permission allows, in the reader's language: Django stores an English name in the table.

    A slice's own permissions (``Meta.permissions``) are translated by their stored name.
    """
    model = permission.content_type.model_class()
    if model is None:
        return permission.name
    options = model._meta  # noqa: SLF001 - Django's public name for it
    app = apps.get_app_config(options.app_label).verbose_name
    verb, _sep, rest = permission.codename.partition("_")
    if rest == options.model_name and verb in VERBS:
        return f"{app} · {VERBS[verb] % {'thing': options.verbose_name}}"
    return f"{app} · {gettext(permission.name)}"


class PermissionField(_ModelMultipleChoiceField):
    """Choices of permissions by what they allow."""

    def label_from_instance(self, obj: Any) -> str:
        """The words for one choice."""
        return permission_label(obj)


def offered_permissions() -> QuerySet[Permission]:
    """The permissions that mean something: of what stands in the admin, and those that the slices have declared."""
    registered = admin.site._registry  # noqa: SLF001 - the site offers no public way
    offered = Q(pk__in=[])
    for model in apps.get_models():
        options = model._meta  # noqa: SLF001 - Django's public name for it
        verbs = getattr(registered.get(model), "offered_verbs", ())
        names = [f"{verb}_{options.model_name}" for verb in verbs] + [name for name, _text in options.permissions]
        if names:
            offered |= Q(content_type__app_label=options.app_label, codename__in=names)
    found = Permission.objects.filter(offered).select_related("content_type")
    return found.order_by("content_type__app_label", "content_type__model", "id")


class PermissionFieldMixin:
    """Roles and permissions as boxes to tick, and permissions in words."""

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Permissions with readable labels."""
        kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget
        if db_field.remote_field.model is Permission:
            kwargs |= {"form_class": PermissionField, "queryset": offered_permissions()}
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]


class StaffUserAdmin(PermissionFieldMixin, _UserAdmin, ModelAdmin):
    """Accounts are switched off, never deleted: the audit trail names them."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    filter_horizontal = ()
    menu_icon = "badge"
    menu_order = 10
    list_display = ("username", "last_name", "first_name", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser", "groups")
    search_fields = ("username", "last_name", "first_name", "email")
    readonly_fields = ("password_link", "last_login", "date_joined")
    add_fieldsets = ((None, {"fields": ("username", "password1", "password2")}),)
    fieldsets = (
        (None, {"fields": ("username", "password_link")}),
        (_("Person"), {"fields": ("last_name", "first_name", "email", "language")}),
        (_("What this person may do"), {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        (_("Single permissions"), {"fields": ("user_permissions",), "classes": ("collapse",)}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )

    @admin.display(description=_("password"))
    def password_link(self, person: "StaffUser") -> SafeString:
        """A password is set anew, never shown."""
        address = reverse("admin:auth_user_password_change", args=[person.pk])
        return format_html('<a class="hg-link" href="{}">{}</a>', address, _("Set a new password"))

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The language is chosen among those that there are."""
        if db_field.name == "language":
            widget = UnfoldAdminSelectWidget()
            return forms.ChoiceField(label=db_field.verbose_name, choices=settings.LANGUAGES, widget=widget)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes a colleague's name from the trail."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a superuser may change a superuser."""
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return super().has_change_permission(request, obj) and not above

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may change accounts can't thereby make themselves more powerful."""
        fields = super().get_readonly_fields(request, obj)
        if request.user.is_superuser:
            return fields
        return (*fields, "is_superuser", "groups", "user_permissions")


class GroupAdmin(PermissionFieldMixin, DjangoGroupAdmin, ModelAdmin):  # type: ignore[misc]
    """Roles: a name for a set of permissions."""

    menu_icon = "group"
    menu_order = 11
    filter_horizontal = ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a superuser gives permissions away."""
        return bool(request.user.is_superuser)

    has_add_permission = has_change_permission
    has_delete_permission = has_change_permission
