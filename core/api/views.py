"""The base of all API views: limits, idempotency, strict input, no-store answers."""

from collections.abc import Callable
from typing import Any, ClassVar, cast

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from core import errors, idempotency, limits, requests
from core.api import problems
from core.api.auth import Caller
from core.api.renderers import JSONRenderer
from core.idempotency import Answer, Once

READ = (limits.Limit("read", "member", 600, 120), limits.Limit("read-address", "address", 60_000, 6_000))
WRITE = (
    limits.Limit("write", "member", 120, 40),
    limits.Limit("write-device", "device", 240, 80),
    limits.Limit("write-address", "address", 60_000, 6_000),
)


RENDERER = JSONRenderer()


class Json(Response):
    """A response that is rendered already: spares a hot endpoint what DRF's does for templates and other formats."""

    def __init__(
        self, body: Any, *, status: int = 200, headers: dict[str, str] | None = None, content_type: str = "",
    ) -> None:  # fmt: skip
        content = RENDERER.render(body)
        self._is_rendered = True
        HttpResponse.__init__(
            self, content, status=status, headers=headers, content_type=content_type or RENDERER.media_type
        )
        self.data = body


class ApiView(APIView):
    """One endpoint. It parses, calls one command or selector, and renders; it decides nothing.

    ``key_required`` makes a POST without ``Idempotency-Key`` a 400. ``read_limits`` and ``write_limits`` are counted
    by member, device and address.
    """

    key_required: ClassVar[bool] = False
    read_limits: ClassVar[tuple[limits.Limit, ...]] = READ
    write_limits: ClassVar[tuple[limits.Limit, ...]] = WRITE

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who is it, may they, and not too often? There is nothing to negotiate: JSON, one version, our own limits."""
        request.accepted_renderer, request.accepted_media_type = RENDERER, RENDERER.media_type
        self.perform_authentication(request)
        self.check_permissions(request)
        chosen = self.read_limits if request.method in {"GET", "HEAD", "OPTIONS"} else self.write_limits
        self._outcomes = limits.check(chosen, self._subjects(request))

    @property
    def default_response_headers(self) -> dict[str, str]:
        """``Allow`` where it tells something: on OPTIONS and for a method that isn't there."""
        method = str(self.request.method).lower()
        return {} if method != "options" and hasattr(self, method) else super().default_response_headers

    @staticmethod
    def _subjects(request: Request) -> dict[str, str]:
        caller = request.user
        return {
            "member": str(caller.member_id) if isinstance(caller, Caller) else "",
            "device": requests.device_id(request._request),  # noqa: SLF001 - DRF wraps, we need the original
            "address": requests.client_address(request._request),  # noqa: SLF001
        }

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Add the headers that every answer carries."""
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "no-store")
        tightest = min(getattr(self, "_outcomes", []), key=lambda each: each.remaining, default=None)
        if tightest:
            response.headers["RateLimit-Policy"] = tightest.limit.policy()
            response.headers["RateLimit"] = f'"{tightest.limit.name}";r={tightest.remaining};t={round(tightest.reset)}'
        return response

    @property
    def caller(self) -> Caller:
        """The signed-in caller of this request."""
        return cast("Caller", self.request.user)

    def data_of(self, serializer_class: type[Serializer[Any]]) -> dict[str, Any]:
        """The request's body, checked by ``serializer_class``."""
        serializer = serializer_class(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return cast("dict[str, Any]", serializer.validated_data)

    def query_of(self, serializer_class: type[Serializer[Any]]) -> dict[str, Any]:
        """The request's query parameters, checked by ``serializer_class``."""
        serializer = serializer_class(data=self.request.query_params.dict())
        serializer.is_valid(raise_exception=True)
        return cast("dict[str, Any]", serializer.validated_data)

    def run(self, act: Callable[[], Answer]) -> Response:
        """Do ``act``, at most once when the request has an ``Idempotency-Key``.

        ``act`` calls one command and renders its result; it must not touch anything outside the database.
        """
        key = idempotency.parse_key(self.request.META.get("HTTP_IDEMPOTENCY_KEY"))
        if key is None:
            if self.key_required:
                raise errors.KeyRequired
            answer = act()
        elif isinstance(self.request.user, Caller):
            answer = self._once(key).run(act, self._refused)
        else:  # anonymous requests rely on their natural key
            answer = act()
        return self._respond(answer)

    def _once(self, key: str) -> Once:
        raw = self.request._request  # noqa: SLF001 - the key's hash is over the bytes that were sent
        digest = idempotency.request_hash(str(raw.method), raw.get_full_path(), raw.body)
        return Once("member", self.caller.member_id, key, digest)

    def _refused(self, refusal: errors.DomainError) -> Answer:
        return Answer(refusal.status, problems.document(refusal, self.request.path))

    def _respond(self, answer: Answer) -> Response:
        headers = {"Idempotency-Replayed": "true"} if answer.replayed else None
        content_type = problems.CONTENT_TYPE if answer.status >= 400 else RENDERER.media_type
        return Json(answer.body, status=answer.status, headers=headers, content_type=content_type)
