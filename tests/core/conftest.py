"""A signed-in client of the test API."""

import json
from typing import Any

import pytest
from django.test import Client

from core.api import auth


class Api:
    """Sends JSON as one member."""

    def __init__(self, member_id: int = 7) -> None:
        token, _expires = auth.seal(member_id, 1)
        self.client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})

    def post(self, path: str, body: Any, key: str | None = None, **headers: str) -> Any:
        """POST ``body`` (bytes go as they are)."""
        raw = body if isinstance(body, bytes) else json.dumps(body)
        extra = headers | ({"Idempotency-Key": key} if key is not None else {})
        return self.client.post(path, raw, content_type="application/json", headers=extra)

    def get(self, path: str, **headers: str) -> Any:
        """GET."""
        return self.client.get(path, headers=headers)


@pytest.fixture
def api(settings: Any) -> Api:
    """Member 7 at the test-only API."""
    settings.ROOT_URLCONF = "tests.core.urls"
    return Api()
