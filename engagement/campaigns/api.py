"""The consumer API of campaigns: what runs, one campaign, and its rules page. Open to all: nothing here is personal."""

from uuid import UUID

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.auth import Anyone
from core.api.pagination import PageQuery, page
from core.api.serializers import OutputSerializer, PageSerializer, StrictSerializer
from core.api.views import ApiView
from engagement.campaigns import selectors


class CampaignBrief(OutputSerializer):
    """A campaign in a list."""

    id = serializers.UUIDField()
    mechanism = serializers.CharField(help_text="How one takes part; names the API of the mechanism.")
    name = serializers.CharField()
    status = serializers.ChoiceField(["scheduled", "running", "paused", "ended"])
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(help_text="The first moment at which it is over.")
    is_open = serializers.BooleanField(help_text="Runs, and this is within its daily hours.")


class AudienceOut(OutputSerializer):
    """Who can take part; all members when everything is false."""

    new_only = serializers.BooleanField()
    new_days = serializers.IntegerField(allow_null=True, help_text="Joined at most so many days ago.")
    adults_only = serializers.BooleanField()
    exclude_staff = serializers.BooleanField()


class CampaignOut(CampaignBrief):
    """A campaign with what the law wants to be said beside it."""

    daily_from = serializers.CharField(allow_null=True, help_text="`HH:MM` in Shanghai; `null`: all day.")
    daily_to = serializers.CharField(allow_null=True)
    organiser = serializers.CharField()
    contact = serializers.CharField()
    share_title = serializers.CharField(allow_blank=True)
    audience = AudienceOut()
    version = serializers.IntegerField(help_text="Number of the published version.")
    rules_sha256 = serializers.CharField()


class CampaignPage(PageSerializer):
    """Running campaigns, the newest first."""

    items = CampaignBrief(many=True)


class RulesOut(OutputSerializer):
    """The rules page as published; `rules_sha256` is of the UTF-8 bytes of `rules_zh`."""

    campaign_id = serializers.UUIDField()
    version = serializers.IntegerField()
    rules_zh = serializers.CharField()
    rules_en = serializers.CharField()
    rules_sha256 = serializers.CharField()
    published_at = serializers.DateTimeField()


class ListQuery(PageQuery):
    """Query of the list."""

    mechanism = serializers.CharField(required=False, max_length=32)


class RulesQuery(StrictSerializer):
    """Query of the rules page."""

    version = serializers.IntegerField(required=False, min_value=1, max_value=1_000_000)


class CampaignsView(ApiView):
    """Running campaigns."""

    permission_classes = [Anyone]

    @extend_schema(
        operation_id="list_campaigns",
        summary="Running campaigns",
        auth=[],
        parameters=[ListQuery],
        responses=CampaignPage,
    )
    def get(self, request: Request) -> Response:
        """The campaigns that run at this moment, the newest first."""
        query = self.query_of(ListQuery)
        rows = selectors.page_of_running(
            mechanism=query.get("mechanism"), cursor=query.get("cursor"), limit=query["limit"]
        )
        return Response(page(rows, query["limit"], "id"))


class CampaignView(ApiView):
    """One campaign."""

    permission_classes = [Anyone]

    @extend_schema(operation_id="get_campaign", summary="A campaign", auth=[], responses=CampaignOut)
    def get(self, request: Request, campaign_id: UUID) -> Response:
        """A campaign that was published, also after its end."""
        return Response(selectors.get_detail(campaign_id))


class RulesView(ApiView):
    """A rules page."""

    permission_classes = [Anyone]

    @extend_schema(
        operation_id="get_campaign_rules",
        summary="The rules of a campaign",
        auth=[],
        parameters=[OpenApiParameter("version", int, description="An earlier version; without it the newest.")],
        responses=RulesOut,
    )
    def get(self, request: Request, campaign_id: UUID) -> Response:
        """The rules page of the newest or the named version: each stays readable for good."""
        return Response(selectors.get_rules(campaign_id, self.query_of(RulesQuery).get("version")))


urlpatterns = [
    path("campaigns", CampaignsView.as_view()),
    path("campaigns/<uuid:campaign_id>", CampaignView.as_view()),
    path("campaigns/<uuid:campaign_id>/rules", RulesView.as_view()),
]
