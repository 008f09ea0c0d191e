"""The consumer API of the accounts: sessions, my profile, joining, the first screen."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock, limits
from core.api.auth import Anyone, IsSignedIn
from core.api.serializers import OutputSerializer, StrictSerializer
from core.api.views import ApiView, Json
from core.contract import home_sections
from core.idempotency import Answer
from members.accounts import rules, selectors, services
from members.accounts.rules import ConsentGiven

SIGN_IN_LIMITS = (
    limits.Limit("sign-in-device", "device", 60, 20),
    limits.Limit("sign-in-address", "address", 12_000, 2_000),  # a campus or a carrier stands behind one address
)


class LaunchIn(StrictSerializer):
    """How the mini-program was opened: claims of the client, used for attribution only."""

    channel_code = serializers.CharField(required=False, max_length=32)
    launch_scene = serializers.IntegerField(required=False, min_value=0, max_value=99_999)
    scancode_time = serializers.IntegerField(required=False, min_value=0, max_value=253_402_300_799)
    scan_id = serializers.UUIDField(required=False)


class SessionIn(StrictSerializer):
    """A login code of a platform."""

    platform = serializers.CharField(max_length=16, help_text="`wechat` or `sandbox`.")
    app_id = serializers.CharField(
        required=False, max_length=64, default="", help_text="May be left out where only one app is configured."
    )
    code = serializers.CharField(max_length=128, help_text="From `wx.login`; in the sandbox `demo-<name>`.")
    launch = LaunchIn(required=False)


class ProfileOut(OutputSerializer):
    """A member, or a visitor while `is_member` is false."""

    public_id = serializers.UUIDField()
    member_no = serializers.CharField(allow_null=True)
    is_member = serializers.BooleanField()
    joined_at = serializers.DateTimeField(allow_null=True)
    nickname = serializers.CharField(allow_blank=True)
    avatar_url = serializers.CharField(allow_blank=True)
    birthday = serializers.DateField(allow_null=True)
    birthday_changeable_on = serializers.DateField(allow_null=True, help_text="`null`: on any day.")
    first_seen_at = serializers.DateTimeField()


class SessionOut(OutputSerializer):
    """A token and whose it is."""

    token = serializers.CharField(help_text="Send it as `Authorization: Bearer <token>`.")
    expires_at = serializers.DateTimeField()
    member = ProfileOut()


class ProfileIn(StrictSerializer):
    """What to change; a field that is left out stays as it is, and `null` takes the birthday away."""

    nickname = serializers.CharField(required=False, allow_blank=True, max_length=200, trim_whitespace=False)
    avatar_url = serializers.CharField(required=False, allow_blank=True, max_length=rules.LONGEST_AVATAR_URL)
    birthday = serializers.DateField(required=False, allow_null=True)


class ConsentIn(StrictSerializer):
    """A yes or no to one text."""

    purpose = serializers.ChoiceField(rules.PURPOSES)
    version = serializers.CharField(max_length=rules.LONGEST_VERSION, help_text="Of the text that was shown.")
    given = serializers.BooleanField(required=False, default=True)


class MembershipIn(StrictSerializer):
    """What the person agrees to; `terms` and `privacy` are needed, each purpose stands once."""

    consents = serializers.ListField(child=ConsentIn(), max_length=len(rules.PURPOSES))

    def validate_consents(self, consents: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Each purpose once."""
        if len({each["purpose"] for each in consents}) < len(consents):
            raise serializers.ValidationError("A purpose stands here twice.", code="repeated")
        return consents


class HomeOut(OutputSerializer):
    """The first screen: a field for each section that a slice registered."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """One field a section."""
        return {
            name: section.schema() if isinstance(section.schema, type) else deepcopy(section.schema)  # binds once
            for name, section in home_sections.items()
        }


class SessionsView(ApiView):
    """Signing in (open to all; a token that comes along is not looked at) and signing out."""

    permission_classes = [Anyone]
    write_limits = SIGN_IN_LIMITS

    def get_authenticators(self) -> list[BaseAuthentication]:
        """None for signing in: an expired token must not stand in its way."""
        return [] if getattr(self.request, "method", "") == "POST" else super().get_authenticators()

    def get_permissions(self) -> Sequence[Any]:
        """Signing out needs a token."""
        return super().get_permissions() if getattr(self.request, "method", "") == "POST" else [IsSignedIn()]

    @extend_schema(
        operation_id="sign_in",
        summary="Sign in",
        auth=[],
        request=SessionIn,
        responses={200: SessionOut, 201: OpenApiResponse(SessionOut, "Seen for the first time.")},
    )
    def post(self, request: Request) -> Response:
        """Exchange a login code for a token; whoever comes for the first time becomes a visitor."""
        data = self.data_of(SessionIn)
        launch = {
            name: value if isinstance(value, int) else str(value) for name, value in data.get("launch", {}).items()
        }
        result = services.sign_in(platform=data["platform"], app_id=data["app_id"], code=data["code"], launch=launch)
        body = {
            "token": result.token,
            "expires_at": clock.iso(result.expires_at),
            "member": selectors.profile_of(result.member),
        }
        return Response(body, status=201 if result.is_new else 200)

    @extend_schema(operation_id="sign_out", summary="Sign out on all devices", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """End every token of the caller, this one included."""
        services.sign_out_everywhere(caller=self.caller)
        return Response(status=204)


class MeView(ApiView):
    """My profile."""

    @extend_schema(operation_id="get_me", summary="My profile", responses=ProfileOut)
    def get(self, request: Request) -> Response:
        """The caller's profile."""
        return Json(selectors.get_profile(self.caller))

    @extend_schema(operation_id="update_me", summary="Change my profile", request=ProfileIn, responses=ProfileOut)
    def put(self, request: Request) -> Response:
        """Change what is sent, all or nothing. The birthday can be set once a year."""
        data = self.data_of(ProfileIn)
        changes = services.Changes(
            nickname=data.get("nickname"),
            avatar_url=data.get("avatar_url"),
            birthday=data.get("birthday"),
            clear_birthday="birthday" in data and data["birthday"] is None,
        )
        return Response(selectors.profile_of(services.update_profile(caller=self.caller, changes=changes)))


class MembershipView(ApiView):
    """Joining."""

    @extend_schema(operation_id="join", summary="Join as a member", request=MembershipIn, responses=ProfileOut)
    def post(self, request: Request) -> Response:
        """Become a member; joining again answers the same."""
        consents = [ConsentGiven(**each) for each in self.data_of(MembershipIn)["consents"]]

        def act() -> Answer:
            member = services.join(caller=self.caller, consents=consents)
            return Answer(200, selectors.profile_of(member))

        return self.run(act)


class HomeView(ApiView):
    """The first screen."""

    @extend_schema(operation_id="get_home", summary="The first screen", responses=HomeOut)
    def get(self, request: Request) -> Response:
        """Everything that the first screen shows, in one call."""
        selectors.read_alive(self.caller)
        return Response({name: section.read(self.caller.member_id) for name, section in home_sections.items()})


urlpatterns = [
    path("sessions", SessionsView.as_view()),
    path("me", MeView.as_view()),
    path("me/membership", MembershipView.as_view()),
    path("home", HomeView.as_view()),
]
