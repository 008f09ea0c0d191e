"""The consumer API of the points: my account, my statement, and where each point came from."""

from typing import Annotated

import msgspec
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import pagination
from core.api.serializers import OutputSerializer, PageSerializer, parse_as
from core.api.views import ApiView
from members.accounts.selectors import read_alive
from members.points.models import PointsEntry
from members.points.selectors import statement


class PageParams(msgspec.Struct, forbid_unknown_fields=True):
    """``pagination.PageQuery`` for a hot list: the same fields, a tenth of the time."""

    cursor: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=pagination.MAX_PAGE)] = 20


class ExpiringSoonOut(OutputSerializer):
    """Points that can be used 30 more days or less."""

    points = serializers.IntegerField()
    first_on = serializers.DateField(help_text="The first last usable day among them.")


class PointsOut(OutputSerializer):
    """A points account. A visitor's is all zeros."""

    balance = serializers.IntegerField(help_text="What can be spent now.")
    debt = serializers.IntegerField(help_text="What later earnings repay first; nothing can be spent meanwhile.")
    held = serializers.IntegerField(help_text="Set aside for orders; not part of the balance.")
    pending = serializers.IntegerField(help_text="On their way; not part of the balance.")
    expiring_soon = ExpiringSoonOut(allow_null=True)


class EntryOut(OutputSerializer):
    """A line of the statement."""

    id = serializers.CharField(help_text="The entry's number, counted from 1.")
    kind = serializers.ChoiceField(PointsEntry.Kind.choices)
    title = serializers.CharField(help_text="In the caller's language, ready to show.")
    points = serializers.IntegerField(help_text="What it added (or took, when negative).")
    balance_after = serializers.IntegerField()
    debt_after = serializers.IntegerField()
    expires_on = serializers.DateField(allow_null=True, help_text="Last usable day of earned points; `null`: none.")
    occurred_at = serializers.DateTimeField()
    business_on = serializers.DateField()


class EntryPageOut(PageSerializer):
    """Entries, newest first."""

    items = EntryOut(many=True)


class LotMoveOut(OutputSerializer):
    """Points of one last usable day."""

    expires_on = serializers.DateField(allow_null=True, help_text="`null`: they never expire.")
    points = serializers.IntegerField()


class EntryDetailOut(EntryOut):
    """A line of the statement and the lots that it filled (positive) or drew from (negative)."""

    lots = LotMoveOut(many=True)


class LotsOut(OutputSerializer):
    """What can be spent, by last usable day; they add up to the balance."""

    items = LotMoveOut(many=True)


class PointsView(ApiView):
    """My points."""

    @extend_schema(operation_id="get_points", summary="My points", responses=PointsOut)
    def get(self, request: Request) -> Response:
        """Balance, debt, held and pending points, and what expires soon."""
        return Response(statement.get_summary(self.caller))


class EntriesView(ApiView):
    """My statement."""

    @extend_schema(
        operation_id="list_points_entries",
        summary="My points statement",
        parameters=[pagination.PageQuery],
        responses=EntryPageOut,
    )
    def get(self, request: Request) -> Response:
        """Every change of my points, newest first."""
        query = parse_as(PageParams, request.query_params.dict(), strict=False)
        before = pagination.decode_int(query.cursor)
        items = statement.list_entries(self.caller, before=before, limit=query.limit + 1)
        return Response(pagination.page(items, query.limit, "id"))


class EntryView(ApiView):
    """One line of my statement."""

    @extend_schema(operation_id="get_points_entry", summary="One line of my points statement", responses=EntryDetailOut)
    def get(self, request: Request, number: int) -> Response:
        """The line with the lots behind it: why the balance is what it is."""
        read_alive(self.caller)
        return Response(statement.get_entry(self.caller.member_id, number))


class LotsView(ApiView):
    """My points by last usable day."""

    @extend_schema(operation_id="list_points_lots", summary="My points by last usable day", responses=LotsOut)
    def get(self, request: Request) -> Response:
        """What can be spent and until when, first to expire first."""
        read_alive(self.caller)
        return Response({"items": statement.list_lots(self.caller.member_id)})


urlpatterns = [
    path("points", PointsView.as_view()),
    path("points/entries", EntriesView.as_view()),
    path("points/entries/<int:number>", EntryView.as_view()),
    path("points/lots", LotsView.as_view()),
]
