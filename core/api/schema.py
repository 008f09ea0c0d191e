"""OpenAPI: what drf-spectacular can't see by itself."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from core.api.auth import Anyone, BearerAuthentication

PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem document.",
    "required": [
        "type",
        "title",
        "status",
        "detail",
        "instance",
        "code",
        "message",
        "request_id",
        "retryable",
        "errors",
    ],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string", "description": "Stable; see the list of error codes."},
        "message": {"type": "string", "description": "In the caller's language, ready to show."},
        "request_id": {"type": "string"},
        "retryable": {"type": "boolean"},
        "params": {"type": "object", "additionalProperties": True},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message"],
                "properties": {
                    "pointer": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Names our token in the schema."""

    target_class = "core.api.auth.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """HTTP bearer."""
        return {"type": "http", "scheme": "bearer"}


class Schema(AutoSchema):
    """Adds the idempotency header to each POST."""

    def get_auth(self) -> list[dict[str, Any]]:
        """A view that reads a token in its own way (where one is welcome but not needed) takes the same bearer."""
        readers = self.view.get_authenticators()
        if any(isinstance(each, BearerAuthentication) and type(each) is not BearerAuthentication for each in readers):
            return [{"bearer": []}, {}]
        return super().get_auth()

    def get_override_parameters(self) -> list[Any]:
        """The headers that our base view reads."""
        if self.method != "POST":
            return []
        required = bool(getattr(self.view, "key_required", False))
        if Anyone in getattr(self.view, "permission_classes", []):
            return []
        return [
            OpenApiParameter(
                "Idempotency-Key", str, "header", required=required, description="1–64 visible characters; kept 7 days."
            )
        ]


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:  # noqa: FBT001 - drf-spectacular's signature
    """Every operation may answer with a problem document."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, operations in result.get("paths", {}).items():
        if path.startswith("/api/v1/"):
            for operation in operations.values():
                operation["responses"].setdefault("default", {"description": "A refusal.", "content": content})
    return result
