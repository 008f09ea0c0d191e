"""The admin of campaigns: the list, and one page on which a campaign is edited, checked, previewed and published."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from core.admin.base import ModelAdmin
from engagement.campaigns import rules, selectors
from engagement.campaigns.admin import acts, pages
from engagement.campaigns.admin.filters import MechanismFilter, StatusFilter
from engagement.campaigns.contract import mechanisms
from engagement.campaigns.models import Campaign
from engagement.campaigns.rules import Status

STATUS_LABELS = {
    Status.DRAFT.value: "info",
    Status.SCHEDULED.value: "primary",
    Status.RUNNING.value: "success",
    Status.PAUSED.value: "warning",
}
SHOWN_IN = {
    "publish": {Status.DRAFT},
    "improve": rules.LIVE,
    "pause": {Status.SCHEDULED, Status.RUNNING},
    "resume": {Status.PAUSED},
    "end": rules.LIVE,
    "archive": {Status.DRAFT, Status.ENDED},
}


@admin.register(Campaign)
class CampaignAdmin(ModelAdmin):
    """Campaigns. Adding, editing and every act are own pages that call services; nothing is deleted."""

    menu_icon = "campaign"
    menu_order = 10
    list_display = ("name", "mechanism_label", "status_label", "period", "code")
    list_filter = (StatusFilter, MechanismFilter)
    search_fields = ("name", "code")
    ordering = ("-id",)
    list_per_page = 20
    actions_detail = ["publish", "improve", "pause", "resume", "rules_page", "clone", "end", "archive"]

    @display(description=_("way to play"))
    def mechanism_label(self, campaign: Campaign) -> Any:
        """The mechanism in words."""
        known = campaign.mechanism in mechanisms
        return mechanisms.get(campaign.mechanism).label if known else campaign.mechanism

    @display(description=_("status"), label=STATUS_LABELS)
    def status_label(self, campaign: Campaign) -> tuple[str, str]:
        """The status by the clock."""
        status = campaign.status_now
        return status.value, str(Campaign.Status(status).label)

    @display(description=_("period"), ordering="starts_at")
    def period(self, campaign: Campaign) -> str:
        """From when until when, in Shanghai."""
        return pages.period_of(campaign)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes: a draft is archived, a published campaign is kept for two years and more."""
        return False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As Django's; a button of the campaign's page asks with the campaign's key."""
        return super().has_add_permission(request)

    def has_publish_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Who may publish, pause, end and change published campaigns."""
        return request.user.has_perm("campaigns.publish_campaign")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """The buttons that fit the campaign's status."""
        status = selectors.get_campaign(object_id).status_now
        found = super().get_actions_detail(request, object_id)
        return [each for each in found if status in SHOWN_IN.get(each.path.rstrip("/"), set(Status))]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Choose a template."""
        return pages.create_page(self, request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The campaign's page."""
        return pages.campaign_page(self, request, object_id)

    @action(
        description=_("Publish"),
        url_path="publish",
        icon="rocket_launch",
        permissions=["publish"],
        variant=ActionVariant.PRIMARY,
    )
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Freeze and start by the clock."""
        return acts.publish(request, selectors.get_campaign(object_id))

    @action(description=_("Improve"), url_path="improve", icon="volunteer_activism", permissions=["publish"])
    def improve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Change in the members' favour."""
        return pages.improve_page(self, request, object_id)

    @action(description=_("Pause"), url_path="pause", icon="pause", permissions=["publish"])
    def pause(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Stop for the moment."""
        return acts.pause(request, selectors.get_campaign(object_id))

    @action(
        description=_("Resume"),
        url_path="resume",
        icon="play_arrow",
        permissions=["publish"],
        variant=ActionVariant.PRIMARY,
    )
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Go on."""
        return acts.resume(request, selectors.get_campaign(object_id))

    @action(
        description=_("End now"),
        url_path="end",
        icon="stop_circle",
        permissions=["publish"],
        variant=ActionVariant.DANGER,
    )
    def end(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """End before its time."""
        return acts.end(request, selectors.get_campaign(object_id))

    @action(description=_("Archive"), url_path="archive", icon="inventory_2", permissions=["publish"])
    def archive(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Put out of sight."""
        return acts.archive(request, selectors.get_campaign(object_id))

    @action(description=_("Copy"), url_path="clone", icon="content_copy", permissions=["add"])
    def clone(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A new draft with the same configuration."""
        return acts.clone(request, selectors.get_campaign(object_id))

    @action(description=_("Rules page"), url_path="rules", icon="gavel", permissions=["view"])
    def rules_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What members read, in both languages."""
        return pages.rules_page(self, request, object_id)
