"""A small API on the real base view, for tests of its manners; its effect is an audit entry."""

from typing import Any

from django.db import OperationalError
from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import audit, errors, health, limits
from core.api.auth import Anyone
from core.api.serializers import StrictSerializer
from core.api.views import ApiView
from core.commands import command
from core.idempotency import Answer


class ThingIn(StrictSerializer):
    """What may be sent."""

    name = serializers.CharField(max_length=10)
    refuse = serializers.BooleanField(default=False)


@command
def make_thing(name: str, *, refuse: bool) -> Answer:
    """Leave an entry, and perhaps refuse after that."""
    entry = audit.record(actor=None, action="test.made", subject=name)
    if refuse:
        raise errors.OutOfStock
    return Answer(201, {"name": name, "entry": entry.pk})


class Things(ApiView):
    """Makes things; takes a key."""

    def post(self, request: Request) -> Response:
        data = self.data_of(ThingIn)
        return self.run(lambda: make_thing(data["name"], refuse=data["refuse"]))

    def get(self, request: Request) -> Response:
        return Response({"language": str(errors.NotFound.message)})


class KeyedThings(Things):
    """Needs a key."""

    key_required = True


class Scarce(ApiView):
    """Two requests at once, and no more."""

    permission_classes = [Anyone]
    read_limits = (limits.Limit("scarce", "address", 60, 2),)

    def get(self, request: Request) -> Response:
        return Response({})


class Failing(ApiView):
    """Fails as the query string says."""

    permission_classes = [Anyone]

    def get(self, request: Request) -> Response:
        faults: dict[str, Any] = {"database": OperationalError("gone"), "bug": RuntimeError("secret detail")}
        raise faults[request.query_params["how"]]


urlpatterns = [
    path("api/v1/things", Things.as_view()),
    path("api/v1/keyed-things", KeyedThings.as_view()),
    path("api/v1/scarce", Scarce.as_view()),
    path("api/v1/failing", Failing.as_view()),
    path("readyz", health.readyz),
    path("healthz", health.healthz),
]
handler404 = "core.api.problems.not_found"
handler500 = "core.api.problems.server_error"
