"""The consumer API of the channels: what a code leads to, and that it was scanned. Both work without a token."""

from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import msgspec
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock, errors, limits, requests
from core.api.auth import Anyone, BearerAuthentication, Caller
from core.api.serializers import OutputSerializer, StrictSerializer, parse_as
from core.api.views import ApiView, Json
from members.channels import selectors, services

LIMITS = (
    limits.Limit("codes", "member", 120, 40),
    limits.Limit("codes-device", "device", 120, 40),
    limits.Limit("codes-address", "address", 60_000, 6_000),
)


class OptionalBearer(BearerAuthentication):
    """A token is welcome; one that no longer holds must not stand in the way of a scan."""

    def authenticate(self, request: Request) -> tuple[Caller, str] | None:
        """The caller, or nobody."""
        try:
            return super().authenticate(request)
        except errors.NotSignedIn:
            return None


class LandingOut(OutputSerializer):
    """Where the code leads now; it can change after the code was printed."""

    target = serializers.ChoiceField(["mini_program", "page"], help_text="`page`: only our own page with these texts.")
    path = serializers.CharField(help_text="A page of the mini-program, without a leading slash.")
    params = serializers.DictField(child=serializers.CharField())
    title = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)


class GiftOut(OutputSerializer):
    """What whoever joins through this code gets, once a person."""

    rewards = serializers.ListField(child=serializers.CharField(), help_text="In the caller's language.")
    state = serializers.ChoiceField(
        ["available", "received", "missed"], help_text="`missed`: the caller is a member already. Needs a token."
    )


class CodeOut(OutputSerializer):
    """A code in use."""

    code = serializers.CharField(help_text="In its normal form.")
    type = serializers.CharField(help_text="insert, card, store, poster, …")
    landing = LandingOut()
    gift = GiftOut(allow_null=True)


class ScanIn(StrictSerializer):
    """A scan; time and scene are claims of the client."""

    scan_id = serializers.UUIDField(help_text="Made by the client, once a scan: the natural key.")
    code = serializers.CharField(
        max_length=64, help_text="As scanned or typed: case, hyphens and O for 0 don't matter."
    )
    scancode_time = serializers.IntegerField(required=False, min_value=0, max_value=253_402_300_799)
    launch_scene = serializers.IntegerField(required=False, min_value=0, max_value=99_999)


class ScanOut(OutputSerializer):
    """A recorded scan."""

    scan_id = serializers.UUIDField()
    code = serializers.CharField()
    scanned_at = serializers.DateTimeField(help_text="The server's time.")


class ScanBody(msgspec.Struct, forbid_unknown_fields=True):
    """:class:`ScanIn` as it is parsed."""

    scan_id: UUID
    code: str
    scancode_time: int | None = None
    launch_scene: int | None = None

    def __post_init__(self) -> None:
        if len(self.code) > 64:
            raise ValueError("too long")
        if not 0 <= (self.scancode_time or 0) <= 253_402_300_799 or not 0 <= (self.launch_scene or 0) <= 99_999:
            raise ValueError("out of bounds")


class CodeView(ApiView):
    """A code."""

    authentication_classes = [OptionalBearer]
    permission_classes = [Anyone]
    read_limits = LIMITS

    @extend_schema(operation_id="resolve_code", summary="What a printed code leads to", responses=CodeOut)
    def get(self, request: Request, code: str) -> Response:
        """A mistyped code is told from an unknown one; unknown ones are slowed down. One statement without a token."""
        found = services.look_up(code, subjects=self._subjects(request)).ensure_open()
        landing = found.landing
        return Json(
            {
                "code": found.code,
                "type": found.channel_type,
                "landing": {
                    "target": landing.target, "path": landing.path, "params": landing.params,
                    "title": landing.title, "text": landing.text,
                },
                "gift": _gift(found, request),
            }
        )  # fmt: skip


def _gift(found: selectors.Resolved, request: Request) -> dict[str, Any] | None:
    rewards = found.gift()
    if not rewards or found.kit_id is None:
        return None
    caller = request.user
    state = selectors.get_gift_state(found.kit_id, caller.member_id) if isinstance(caller, Caller) else "available"
    return {"rewards": rewards, "state": state}


class ScansView(ApiView):
    """Scans."""

    authentication_classes = [OptionalBearer]
    permission_classes = [Anyone]
    write_limits = LIMITS

    @extend_schema(
        operation_id="record_scan", summary="Record a scan; a repeat answers 200 with the first result",
        request=ScanIn, responses={201: ScanOut, 200: ScanOut},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """The ``scan_id`` makes it safe to repeat; with a token the scan is the caller's at once."""
        body = parse_as(ScanBody, cast("dict[str, Any]", request.data))
        raw = request._request  # noqa: SLF001 - DRF wraps, we need the original
        claimed = body.scancode_time
        claim = services.ScanClaim(
            scan_id=body.scan_id, code=body.code, scene=body.launch_scene, device=requests.device_id(raw),
            address=requests.client_address(raw)[:45],
            claimed_at=None if claimed is None else datetime.fromtimestamp(claimed, UTC),
        )  # fmt: skip
        caller = request.user if isinstance(request.user, Caller) else None
        with services.guarded(self._subjects(request)):
            done = services.record_scan(claim=claim, caller=caller)
        answer = {"scan_id": str(claim.scan_id), "code": claim.code, "scanned_at": clock.iso(done.scanned_at)}
        return Json(answer, status=201 if done.is_new else 200)


urlpatterns = [path("codes/<str:code>", CodeView.as_view()), path("scans", ScansView.as_view())]
