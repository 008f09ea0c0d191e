"""Stores, who works in them, and which members are staff users' own accounts."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from core.admin.acts import Act, ReasonForm, act_page, staff_of
from core.admin.base import ReadOnlyAdmin, ReadOnlyInline, badge, data
from core.models import StaffUser
from members.stores import rules, services
from members.stores.models import StaffMember, Store, StoreStaff


class StoreForm(forms.Form):
    """A store."""

    code = forms.CharField(label=_("code"), max_length=rules.LONGEST_CODE, widget=UnfoldAdminTextInputWidget)
    name = forms.CharField(label=_("name"), max_length=rules.LONGEST_NAME, widget=UnfoldAdminTextInputWidget)
    city = forms.CharField(label=_("city"), max_length=40, required=False, widget=UnfoldAdminTextInputWidget)
    address = forms.CharField(
        label=_("street address"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )
    open = forms.BooleanField(label=_("open for business"), required=False, widget=UnfoldBooleanSwitchWidget)


class PersonForm(forms.Form):
    """A staff user."""

    user = forms.ModelChoiceField(
        label=_("staff user"), queryset=StaffUser.objects.order_by("username"), widget=UnfoldAdminSelectWidget
    )


class InsiderForm(PersonForm):
    """A staff user and the number of the member that they are."""

    member_no = forms.CharField(label=_("member number"), max_length=20, widget=UnfoldAdminTextInputWidget)


class StaffInline(ReadOnlyInline):
    """Who works in the store, to look at."""

    model = StoreStaff
    fields = ("user",)
    show_change_link = False


@admin.register(Store)
class StoreAdmin(ReadOnlyAdmin):
    """The stores."""

    menu_icon = "storefront"
    menu_order = 60
    offered_verbs = ("add", "change", "view")
    list_display = ("name", "shown_code", "city", "shown_open")
    list_filter = ("open", "city")
    search_fields = ("code", "name")
    ordering = ("code",)
    fields = ("name", "shown_code", "city", "address", "open")
    inlines = (StaffInline,)
    actions_list = ["add_store"]
    actions_detail = ["edit_store", "add_staff"]

    @admin.display(description=_("code"), ordering="code")
    def shown_code(self, store: Store) -> Any:
        """The code, which is nobody's word."""
        return data(store.code)

    @admin.display(description=_("open for business"))
    def shown_open(self, store: Store) -> Any:
        """Open or closed, as a badge."""
        return badge(_("open for business"), "success") if store.open else badge(_("closed"))

    def has_add_store_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Who may open stores."""
        return request.user.has_perm("stores.add_store")

    def has_edit_store_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Who may change stores and who works there."""
        return request.user.has_perm("stores.change_store")

    @action(description=_("Add a store"), url_path="add-store", icon="add", permissions=["add_store"])
    def add_store(self, request: HttpRequest) -> HttpResponse:
        """A new store."""
        return _edit(request, Store(), _("Add a store"), {"open": True})

    @action(description=_("Change"), url_path="edit-store", icon="edit", permissions=["edit_store"])
    def edit_store(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Another name, address or state."""
        store = get_object_or_404(Store, pk=object_id)
        return _edit(request, store, _("Change"), {name: getattr(store, name) for name in StoreForm.base_fields})

    @action(description=_("Add or remove staff"), url_path="staff", icon="badge", permissions=["edit_store"])
    def add_staff(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Somebody begins or ends to work here."""
        store = get_object_or_404(Store, pk=object_id)
        act = Act(
            title=_("Add or remove staff"), button=_("Save"), success=_("Saved."), form_class=PersonForm,
            lines=[(_("store"), store)], note=_("Who works here already is taken out."), back=_page(store),
            perform=lambda given: services.toggle_staff(store=store, user=given["user"], actor=staff_of(request)),
        )  # fmt: skip
        return act_page(request, act)


@admin.register(StaffMember)
class StaffMemberAdmin(ReadOnlyAdmin):
    """Insiders: reports and draws leave them out."""

    menu_icon = "badge"
    menu_order = 61
    offered_verbs = ("add", "delete", "view")
    list_display = ("user", "member", "linked_at")
    list_select_related = ("user", "member")
    ordering = ("-linked_at",)
    fields = ("user", "member", "linked_at")
    actions_list = ["link"]
    actions_detail = ["unlink"]

    def has_link_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Who may say who is who."""
        return request.user.has_perm("stores.add_staffmember")

    def has_unlink_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Who may take it back."""
        return request.user.has_perm("stores.delete_staffmember")

    @action(description=_("Link a staff user"), url_path="link", icon="link", permissions=["link"])
    def link(self, request: HttpRequest) -> HttpResponse:
        """This staff user is that member."""
        act = Act(
            title=_("Link a staff user"), button=_("Link them"), success=_("Linked: reports leave this member out."),
            form_class=InsiderForm, back=reverse("admin:stores_staffmember_changelist"),
            perform=lambda given: services.link_by_number(
                user=given["user"], member_no=given["member_no"], actor=staff_of(request)
            ),
        )  # fmt: skip
        return act_page(request, act)

    @action(description=_("Take the link away"), url_path="unlink", icon="link_off", permissions=["unlink"])
    def unlink(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Not (any more) the same person."""
        link = get_object_or_404(StaffMember, pk=object_id)
        act = Act(
            title=_("Take the link away"), button=_("Take the link away"),
            success=_("Unlinked: the member counts from now on."), danger=True,
            lines=[(_("staff user"), link.user), (_("member"), link.member)], form_class=ReasonForm,
            back=reverse("admin:stores_staffmember_changelist"),
            perform=lambda given: services.unlink_insider(link=link, actor=staff_of(request), reason=given["reason"]),
        )  # fmt: skip
        return act_page(request, act)


def _page(store: Store) -> str:
    return reverse("admin:stores_store_change", args=[store.pk])


def _edit(request: HttpRequest, store: Store, title: Any, initial: dict[str, Any]) -> HttpResponse:
    """The form of a store, new or not."""

    def perform(given: dict[str, Any]) -> None:
        for name, value in given.items():
            setattr(store, name, value)
        services.save_store(store=store, actor=staff_of(request))

    back = _page(store) if store.pk else reverse("admin:stores_store_changelist")
    return act_page(
        request,
        Act(title=title, button=_("Save"), success=_("Saved."), form_class=StoreForm, initial=initial, back=back,
            perform=perform),
    )  # fmt: skip
