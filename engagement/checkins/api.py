"""The consumer API of check-ins: the calendar, checking in, making up, the reminder."""

from datetime import date
from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import requests
from core.api.serializers import EmptySerializer, OutputSerializer, StrictSerializer
from core.api.views import ApiView
from core.idempotency import Answer
from engagement.checkins import services
from engagement.checkins.selectors import pages


class RewardOut(OutputSerializer):
    """A reward: why it is given, and what."""

    reason = serializers.ChoiceField(["day", "first", "streak", "tally"])
    days = serializers.IntegerField(help_text="The day of the rule that pays: of the cycle, the streak or the total.")
    kind = serializers.CharField(help_text="points, make_up_card, …")
    points = serializers.IntegerField(help_text="0 for other kinds.")
    text = serializers.CharField(help_text="In the caller's language.")


class NextOut(OutputSerializer):
    """The next check-in: today's, or tomorrow's once today is done."""

    checked_on = serializers.DateField()
    day = serializers.IntegerField(help_text="Its place in the cycle.")
    points = serializers.IntegerField()
    rewards = RewardOut(many=True)


class CheckInOut(OutputSerializer):
    """A day that counts, as it was first answered."""

    campaign_id = serializers.UUIDField()
    checked_on = serializers.DateField(help_text="The business day.")
    kind = serializers.ChoiceField(["daily", "make_up"])
    streak = serializers.IntegerField(help_text="Days in a row after this act.")
    day = serializers.IntegerField(help_text="The day's place in its cycle, from 1 on.")
    tally = serializers.IntegerField(help_text="Days in total after this act.")
    points = serializers.IntegerField(help_text="Points booked by this act.")
    balance = serializers.IntegerField(help_text="Points balance after this act.", allow_null=True)
    rewards = RewardOut(many=True)
    next = NextOut()


class DayOut(OutputSerializer):
    """A day of the calendar."""

    date = serializers.DateField()
    state = serializers.ChoiceField(["checked", "made_up", "frozen", "missed", "today", "coming", "outside"])
    points = serializers.IntegerField()
    can_make_up = serializers.BooleanField()


class BoxOut(OutputSerializer):
    """A day of the cycle on a plain date."""

    day = serializers.IntegerField()
    points = serializers.IntegerField()
    rewards = RewardOut(many=True)


class MakeUpRuleOut(OutputSerializer):
    """What making up a day costs and how many are left in the period of yesterday."""

    enabled = serializers.BooleanField()
    pay_with = serializers.ChoiceField(["points", "card"])
    points = serializers.IntegerField(help_text="The price in points; 0 when a card is the price.")
    cards = serializers.IntegerField(help_text="Cards in hand; 0 when points are the price.")
    left = serializers.IntegerField()


class ReminderOut(OutputSerializer):
    """The member's wish and the plan's hour."""

    enabled = serializers.BooleanField()
    at = serializers.CharField(allow_null=True, help_text="HH:MM in Shanghai; null when the campaign sends none.")


class CalendarOut(OutputSerializer):
    """Everything that the check-in page shows."""

    campaign_id = serializers.UUIDField()
    name = serializers.CharField()
    today = serializers.DateField(help_text="The business day.")
    has_checked_in = serializers.BooleanField()
    streak = serializers.IntegerField()
    longest = serializers.IntegerField()
    tally = serializers.IntegerField()
    day = serializers.IntegerField(help_text="Place in the cycle of the last counting day; 0 before the first.")
    freezes_left = serializers.IntegerField(help_text="Missed days of this month that a freeze still protects.")
    next = NextOut()
    make_up = MakeUpRuleOut()
    reminder = ReminderOut()
    month = serializers.CharField(help_text="YYYY-MM")
    days = DayOut(many=True)
    cycle = BoxOut(many=True)
    tally_rewards = RewardOut(many=True)


class HomeCheckInOut(OutputSerializer):
    """Today's check-in on the first screen; null when no campaign runs."""

    campaign_id = serializers.UUIDField()
    name = serializers.CharField()
    has_checked_in = serializers.BooleanField()
    streak = serializers.IntegerField()
    tally = serializers.IntegerField()
    next = NextOut()


class MonthQuery(StrictSerializer):
    """Which month to show."""

    month = serializers.RegexField(
        r"^20\d\d-(0[1-9]|1[0-2])\Z", required=False, help_text="YYYY-MM; the current month if left out."
    )


class MakeUpIn(StrictSerializer):
    """Which day to make up."""

    checked_on = serializers.DateField()


class ReminderIn(StrictSerializer):
    """The member's wish."""

    enabled = serializers.BooleanField()


class CalendarView(ApiView):
    """The check-in page in one call."""

    @extend_schema(
        operation_id="check_ins_calendar",
        summary="The month's calendar, streak, next reward and make-ups",
        parameters=[OpenApiParameter("month", str, description="YYYY-MM; the current month if left out.")],
        responses=CalendarOut,
        tags=["check-ins"],
    )
    def get(self, request: Request, campaign: UUID) -> Response:
        """Three statements at most."""
        asked = self.query_of(MonthQuery).get("month")
        month = (int(asked[:4]), int(asked[5:])) if asked else None
        return Response(pages.get_calendar(self.caller, campaign, month=month))


class CheckInView(ApiView):
    """Today's check-in."""

    @extend_schema(
        operation_id="check_ins_check_in",
        summary="Check in for today; a repeat answers 200 with the first result",
        request=EmptySerializer,
        responses={201: CheckInOut, 200: CheckInOut},
        tags=["check-ins"],
    )
    def post(self, request: Request, campaign: UUID) -> Response:
        """The natural key (member, campaign, business day) makes it safe to repeat."""
        if request.data:
            self.data_of(EmptySerializer)
        return self.run(lambda: self._act(request, campaign))

    def _act(self, request: Request, campaign: UUID) -> Answer:
        done = services.check_in(caller=self.caller, campaign_id=campaign, **_whence(request))
        return Answer(201 if done.is_new else 200, _render(done))


class MakeUpView(ApiView):
    """Make-ups."""

    key_required = True

    @extend_schema(
        operation_id="check_ins_make_up",
        summary="Make up a missed day for points or a card",
        request=MakeUpIn,
        responses={201: CheckInOut},
        tags=["check-ins"],
    )
    def post(self, request: Request, campaign: UUID) -> Response:
        """It moves value, so a key is needed."""
        day: date = self.data_of(MakeUpIn)["checked_on"]
        return self.run(lambda: self._act(request, campaign, day))

    def _act(self, request: Request, campaign: UUID, day: date) -> Answer:
        done = services.make_up(caller=self.caller, campaign_id=campaign, day=day, **_whence(request))
        return Answer(201, _render(done))


class ReminderView(ApiView):
    """The member's wish to be reminded."""

    @extend_schema(
        operation_id="check_ins_set_reminder",
        summary="Ask for a reminder on days without a check-in, or stop it",
        request=ReminderIn,
        responses=ReminderOut,
        tags=["check-ins"],
    )
    def put(self, request: Request, campaign: UUID) -> Response:
        """The wish is kept; the same again changes nothing."""
        wish: bool = self.data_of(ReminderIn)["enabled"]
        facts = services.set_reminder(caller=self.caller, campaign_id=campaign, wish=wish)
        return Response({"enabled": wish, "at": facts.plan.remind_at or None})


def _render(done: services.Outcome) -> dict[str, Any]:
    return pages.render_record(done.record, done.standing, done.facts, done.freezes_used)


def _whence(request: Request) -> dict[str, Any]:
    """Where the request says and shows that it comes from, for the risk gate."""
    raw = request._request  # noqa: SLF001 - DRF wraps, we need the original
    return {"device": requests.device_id(raw), "address": requests.client_address(raw)}


urlpatterns = [
    path("<uuid:campaign>", CalendarView.as_view()),
    path("<uuid:campaign>/check-ins", CheckInView.as_view()),
    path("<uuid:campaign>/make-ups", MakeUpView.as_view()),
    path("<uuid:campaign>/reminder", ReminderView.as_view()),
]
