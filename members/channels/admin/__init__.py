"""The admin of the channels: the tree, batches and prints, kits, experiments, the funnel, the set-up.

Lists are Django's; what is made or changed goes through own pages that call services.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.enums import ActionVariant

from core import clock
from core.admin.acts import Act, act_page, staff_of
from core.admin.base import ModelAdmin, badge
from members.channels.admin import board, experiments, funnel, logs, printing, setup
from members.channels.admin.formats import count, yuan
from members.channels.admin.forms import ExperimentForm, KitForm
from members.channels.models import Channel, CodeBatch, Experiment, WelcomeKit
from members.channels.rules.funnel import Sums
from members.channels.selectors import tree as trees
from members.channels.services import planning, welcoming

__all__ = ["board", "experiments", "funnel", "logs", "printing", "setup"]


class OwnPagesAdmin(ModelAdmin):
    """A table whose rows are made and changed on own pages; nothing is deleted."""

    offered_verbs: ClassVar[tuple[str, ...]] = ("add", "change", "view")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes: printed codes live for years."""
        return False

    def _ensure(self, *, allowed: bool) -> None:
        if not allowed:
            raise PermissionDenied

    def row(self, request: HttpRequest, object_id: str) -> Any:
        """The row on whose page we are, or 404."""
        return get_object_or_404(self.get_queryset(request), pk=object_id)

    def frame(self, request: HttpRequest, object_id: str) -> dict[str, Any]:
        """The buttons of a row's page."""
        actions = self.get_actions_detail(request, object_id)
        navigation = self._get_actions_navigation(self.actions_detail, actions, object_id)  # type: ignore[attr-defined]
        return {"actions_detail": navigation, "model_admin": self}


class TreeList(ChangeList):
    """A page of the tree, each row with the sums of its branch."""

    def get_results(self, request: HttpRequest) -> None:
        """Three queries more than without the sums."""
        super().get_results(request)
        rows = list(self.result_list)
        sums = trees.branch_totals(clock.today())
        for row in rows:
            row.sums = sums.get(row.pk, Sums())
        self.result_list = rows


@admin.register(Channel)
class ChannelAdmin(OwnPagesAdmin):
    """The tree of channels with what each has brought and cost."""

    menu_icon = "account_tree"
    menu_order = 10
    list_display = ("tree_name", "type", "traffic", "shown_state", "people", "members", "cost", "cac", "owner")
    list_display_links = ("tree_name",)
    list_filter = ("state", "type", "traffic")
    search_fields = ("name", "owner")
    ordering = ()
    list_per_page = 100
    sortable_by = ()
    actions_detail = ["edit", "new_batch", "funnel"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Channel]:
        """In the order of the tree."""
        return trees.in_order(super().get_queryset(request).select_related("parent", "welcome_kit", "store"))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list with sums."""
        return TreeList

    @admin.display(description=_("name"))
    def tree_name(self, channel: Any) -> str:
        """The name, further in the deeper it stands."""
        return f"{'　　' * channel.depth}{channel.name}"

    @admin.display(description=_("state"))
    def shown_state(self, channel: Channel) -> Any:
        """The state as a badge."""
        return badge(channel.get_state_display(), board.STATE_TONES[channel.state])

    @admin.display(description=_("unique"))
    def people(self, channel: Any) -> str:
        """People who scanned, ever."""
        return count(channel.sums.unique)

    @admin.display(description=_("joined"))
    def members(self, channel: Any) -> str:
        """People who joined, ever."""
        return count(channel.sums.joined)

    @admin.display(description=_("cost with gifts"))
    def cost(self, channel: Any) -> str:
        """What it has cost up to today."""
        return yuan(channel.sums.spent_fen)

    @admin.display(description=_("cost per new member"))
    def cac(self, channel: Any) -> str:
        """Cost by new member, ever."""
        return yuan(channel.sums.cac_fen)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """A new channel."""
        self._ensure(allowed=self.has_add_permission(request))
        return board.channel_form(request, None)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The channel's page."""
        self._ensure(allowed=self.has_view_permission(request))
        return board.channel_page(request, self.row(request, object_id), self.frame(request, object_id))

    @action(description=_("Change"), url_path="edit", icon="edit", permissions=["change"])
    def edit(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Change the channel."""
        return board.channel_form(request, self.row(request, object_id))

    def has_batch_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Who may make codes."""
        return request.user.has_perm("channels.add_codebatch")

    @action(
        description=_("New batch of codes"), url_path="batch", icon="qr_code", permissions=["batch"],
        variant=ActionVariant.PRIMARY,
    )  # fmt: skip
    def new_batch(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """New codes."""
        return board.add_batch(request, object_id)

    @action(description=_("Funnel"), url_path="funnel", icon="filter_alt", permissions=["view"])
    def funnel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The channel's funnel."""
        return board.to_funnel(object_id)


@admin.register(CodeBatch)
class CodeBatchAdmin(OwnPagesAdmin):
    """Batches of codes; new ones are made on a channel's page."""

    menu_icon = "qr_code"
    menu_order = 20
    offered_verbs: ClassVar[tuple[str, ...]] = ("add", "view")
    list_display = ("name", "channel", "quantity", "print_quantity", "variant", "created_at", "created_by")
    list_select_related = ("channel", "variant")
    search_fields = ("name", "channel__name")
    ordering = ("-created_at",)
    actions_detail = ["print_sheet"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CodeBatch]:
        """With what the page shows."""
        return super().get_queryset(request).select_related("channel", "variant__experiment")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not from this list: codes belong to a channel."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A batch stays as it was made."""
        return False

    def has_print_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Who may have files made."""
        return request.user.has_perm(board.PRINT)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The batch's page."""
        self._ensure(allowed=self.has_view_permission(request))
        return board.batch_page(request, self.row(request, object_id), self.frame(request, object_id))

    @action(
        description=_("Print sheet"), url_path="print", icon="print", permissions=["print"],
        variant=ActionVariant.PRIMARY,
    )  # fmt: skip
    def print_sheet(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Have the files for the printer made."""
        return printing.print_page(request, self.row(request, object_id))


@admin.register(WelcomeKit)
class WelcomeKitAdmin(OwnPagesAdmin):
    """Welcome kits."""

    menu_icon = "redeem"
    menu_order = 30
    list_display = ("name", "contents", "active")
    search_fields = ("name",)

    @admin.display(description=_("contents"))
    def contents(self, kit: WelcomeKit) -> str:
        """What is in it, in words."""
        return trees.kit_in_words(kit)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """A new kit."""
        self._ensure(allowed=self.has_add_permission(request))
        return self._form(request, None)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Change a kit."""
        self._ensure(allowed=self.has_change_permission(request))
        return self._form(request, self.row(request, object_id))

    def _form(self, request: HttpRequest, kit: WelcomeKit | None) -> HttpResponse:
        act = Act(
            title=_("Change the welcome kit") if kit else _("New welcome kit"), button=_("Save"), success=_("Saved."),
            form_class=KitForm, back=reverse("admin:channels_welcomekit_changelist"),
            initial=KitForm.initial_of(kit) if kit else {},
            perform=lambda data: welcoming.save_kit(
                name=data["name"], rewards_given=KitForm.rewards_of(data), active=data["active"], kit=kit
            ),
        )  # fmt: skip
        return act_page(request, act)


@admin.register(Experiment)
class ExperimentAdmin(OwnPagesAdmin):
    """Experiments; a row's page is its report."""

    menu_icon = "science"
    menu_order = 40
    list_display = ("name", "question", "created_at", "ended_at")
    search_fields = ("name",)
    ordering = ("-created_at",)
    actions_detail = ["end"]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """A new experiment."""
        self._ensure(allowed=self.has_add_permission(request))
        act = Act(
            title=_("New experiment"), button=_("Save"), form_class=ExperimentForm,
            success=_("Saved. Now make a batch of codes for each variant."),
            back=reverse("admin:channels_experiment_changelist"),
            perform=lambda data: planning.create_experiment(
                name=data["name"], question=data["question"], variants=data["variants"].splitlines(),
                actor=staff_of(request),
            ),
        )  # fmt: skip
        return act_page(request, act)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The report."""
        self._ensure(allowed=self.has_view_permission(request))
        return experiments.report(request, self.row(request, object_id), self.frame(request, object_id))

    @action(description=_("End"), url_path="end", icon="stop_circle", permissions=["change"])
    def end(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """End the experiment."""
        back = reverse("admin:channels_experiment_change", args=[object_id])
        return experiments.end_page(request, self.row(request, object_id), back)
