"""N: the same rows with DRF, the ORM and ``ModelSerializer``, as a tutorial would write them. Frozen.

It is a urlconf and a WSGI application of its own, with Django's usual middleware and our models.
"""

import os
import uuid
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.naive_settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from django.db import transaction  # noqa: E402 - models need the loaded apps above
from django.shortcuts import get_object_or_404  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import serializers  # noqa: E402
from rest_framework.renderers import JSONRenderer  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

from benchmarks import statements  # noqa: E402
from core import clock  # noqa: E402
from core.models import Event  # noqa: E402
from engagement.checkins.models import CheckIn, CheckInStanding  # noqa: E402
from members.accounts.models import Member  # noqa: E402
from members.channels.models import ChannelCode, LandingRule, Scan  # noqa: E402
from members.points.models import PointsAccount, PointsEntry, PointsLot  # noqa: E402


class CheckInSerializer(serializers.ModelSerializer[CheckIn]):
    """All fields of a check-in."""

    class Meta:
        model = CheckIn
        fields = ["id", "checked_on", "kind", "streak", "day", "tally", "points", "rewards", "at"]


class MemberSerializer(serializers.ModelSerializer[Member]):
    """The profile."""

    class Meta:
        model = Member
        fields = ["public_id", "member_no", "joined_at", "nickname", "avatar_url", "birthday", "first_seen_at"]


class EntrySerializer(serializers.ModelSerializer[PointsEntry]):
    """A line of the statement."""

    class Meta:
        model = PointsEntry
        fields = ["seq", "kind", "delta", "balance_after", "debt_after", "label", "expires_on", "occurred_at"]


class Open(APIView):
    """No authentication, no throttling."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    renderer_classes = [JSONRenderer]


class CheckInView(Open):
    """Check in."""

    def post(self, _request: Request, member: int) -> Response:
        """Read, change, save, create."""
        with transaction.atomic():
            today = clock.today()
            person = get_object_or_404(Member, pk=member)
            standing = CheckInStanding.objects.select_for_update().get(member=person, campaign_id=statements.CAMPAIGN)
            standing.streak, standing.tally = standing.streak + 1, standing.tally + 1
            standing.longest, standing.last_on = max(standing.longest, standing.streak), today
            standing.save()
            check_in = CheckIn.objects.create(
                member=person, campaign_id=statements.CAMPAIGN, checked_on=today, kind="daily", streak=standing.streak,
                day=standing.streak, tally=standing.tally, points=5, rewards=[{"kind": "points", "amount": 5}],
                version_id=1, at=clock.now(),
            )  # fmt: skip
            account = PointsAccount.objects.select_for_update().get(member=person)
            account.balance, account.seq = account.balance + 5, account.seq + 1
            account.save()
            PointsEntry.objects.create(
                member=person, seq=account.seq, kind="earn", delta=5, balance_after=account.balance, debt_after=0,
                label="campaign-bench", source_kind="checkins.day", source_key=f"{statements.CAMPAIGN}:{today}",
                expires_on="2027-11-30", occurred_at=clock.now(), business_on=today,
            )  # fmt: skip
            lot, _ = PointsLot.objects.get_or_create(member=person, expires_on="2027-11-30", defaults={"remaining": 0})
            lot.remaining += 5
            lot.save()
            Event.objects.create(
                event_id=uuid.uuid4(), topic="checkins.checked_in", version=1, member_id=member,
                campaign_id=statements.CAMPAIGN, subject=f"{member}", payload={"streak": standing.streak, "points": 5},
                occurred_at=clock.now(), business_on=today, available_at=clock.now(), delivered_at=clock.now(),
            )  # fmt: skip
        return Response(CheckInSerializer(check_in).data, status=201)


class ProfileView(Open):
    """The profile."""

    def get(self, _request: Request, member: int) -> Response:
        """One row through a ``ModelSerializer``."""
        return Response(MemberSerializer(get_object_or_404(Member, pk=member)).data)


class HistoryView(Open):
    """The newest 20 entries."""

    def get(self, _request: Request, member: int) -> Response:
        """Rows through a ``ModelSerializer``."""
        rows = PointsEntry.objects.filter(member_id=member).order_by("-seq")[:20]
        return Response({"items": EntrySerializer(rows, many=True).data})


class CodeSerializer(serializers.ModelSerializer[ChannelCode]):
    """A code with its channel and the landings."""

    type = serializers.CharField(source="batch.channel.type")

    class Meta:
        model = ChannelCode
        fields = ["code", "type"]


class LandingSerializer(serializers.ModelSerializer[LandingRule]):
    """A landing."""

    class Meta:
        model = LandingRule
        fields = ["target", "path", "params", "title_zh", "text_zh"]


class ScanSerializer(serializers.ModelSerializer[Scan]):
    """A scan, in and out."""

    class Meta:
        model = Scan
        fields = ["scan_id", "scene", "scanned_at"]
        read_only_fields = ["scanned_at"]


class ResolveView(Open):
    """What a code leads to."""

    def get(self, _request: Request, code: str) -> Response:
        """The code, its channel, its newest landing, its kit."""
        found = get_object_or_404(ChannelCode.objects.select_related("batch__channel__welcome_kit"), code=code)
        rule = LandingRule.objects.filter(channel=found.batch.channel).order_by("-priority", "-id").first()
        kit = found.batch.channel.welcome_kit
        landing = LandingSerializer(rule).data if rule else None
        return Response({**CodeSerializer(found).data, "landing": landing, "gift": kit.rewards if kit else None})


class ScanView(Open):
    """A scan."""

    def post(self, request: Request, code: str) -> Response:
        """Look up, create."""
        with transaction.atomic():
            found = get_object_or_404(ChannelCode.objects.select_related("batch"), code=code)
            sent = cast("dict[str, Any]", request.data)
            serializer = ScanSerializer(data={"scan_id": sent["scan_id"], "scene": sent["launch_scene"]})
            serializer.is_valid(raise_exception=True)
            scan = serializer.save(
                code=found, batch=found.batch, via="app", scanned_at=clock.now(), scanned_on=clock.today(),
                address="127.0.0.1",
            )  # fmt: skip
        return Response(ScanSerializer(scan).data, status=201)


urlpatterns = [
    path("resolve/<str:code>", ResolveView.as_view()),
    path("scan/<str:code>", ScanView.as_view()),
    path("check-in/<int:member>", CheckInView.as_view()),
    path("profile/<int:member>", ProfileView.as_view()),
    path("history/<int:member>", HistoryView.as_view()),
]
