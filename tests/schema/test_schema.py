"""Thousands of generated requests, valid and not, as nobody, a visitor and a member: no 5xx, only documented answers.

``SCHEMA_CASES`` says how many cases there are over all operations and callers; on each database half of them.
"""

import os
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, openapi
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from config.wsgi import application
from core import clock
from members.accounts.models import Member
from tests.factories.accounts import make_member, make_visitor, token_for
from tests.factories.checkins import make_check_in
from tests.factories.points import earn
from tests.faults.records import keep_line

CASES = int(os.environ.get("SCHEMA_CASES", "5000")) // 2
CALLERS = ("nobody", "visitor", "member")
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
REPORT = Path(__file__).resolve().parents[2] / "var" / "schema.json"
ODD_TEXTS = st.one_of(
    st.sampled_from(["", "0", "-1", "é", "\x7f", "%00", "9" * 40, "a" * 300, "1:1", "MTox", "null", "zh;q=x,*"]),
    st.text(st.characters(codec="latin-1", exclude_characters="\r\n\x00"), max_size=80).map(str.strip),
)
ODD_HEADERS = st.dictionaries(
    st.sampled_from(["X-Device-Id", "X-Forwarded-For", "Accept-Language", "X-Request-Id", "Idempotency-Key", "Accept"]),
    ODD_TEXTS,
    max_size=3,
)

load_all_checks()


class Callers:
    """A member with points and missed days, and a visitor; each gets a fresh token: a case may sign them out."""

    def __init__(self) -> None:
        self.campaign = str(make_check_in(make_up={"enabled": True, "points": 20, "window_days": 7, "limit": 31}).pk)
        member, visitor = make_member(joined_at=clock.now() - timedelta(days=9)), make_visitor()
        earn(member, 100_000)
        self._keys = {"member": member.pk, "visitor": visitor.pk}

    def headers(self, caller: str) -> dict[str, str]:
        """``Authorization`` of ``caller``; nothing for nobody."""
        if caller not in self._keys:
            return {}
        return bearer_header(Member.objects.get(pk=self._keys[caller]))


def bearer_header(member: Member) -> dict[str, str]:
    """The header of a new token."""
    return {"Authorization": f"Bearer {token_for(member)}"}


@pytest.fixture
def schema(transactional_db: None, settings: Any) -> BaseSchema:
    """The schema as it is served, bound to the application in this process."""
    settings.RATE_LIMITS_ENABLED = False
    return openapi.from_wsgi("/api/schema/?format=json", application)


def test_it_is_served_again_and_again(client: Client):
    first, second = (client.get("/api/schema/?format=json") for _ in range(2))

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content


@pytest.mark.parametrize("caller", CALLERS)
def test_no_request_breaks_it_and_every_answer_is_documented(caller: str, schema: BaseSchema):
    callers = Callers()
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    each = max(4, CASES // len(CALLERS) // len(operations))
    answers: dict[int, int] = {}

    for operation in operations:
        _try(operation, each, lambda: callers.headers(caller), callers.campaign, answers)

    _record(caller, len(operations), answers)
    assert sum(answers.values()) >= each * len(operations) * 0.7  # hypothesis gives up early where little can vary
    assert answers.get(HTTPStatus.OK, 0) > 0 or caller == "nobody", "not one request was right: nothing was tried"
    assert not [status for status in answers if status >= 500]


def _try(
    operation: APIOperation[Any, Any, Any, Any], count: int, headers: Callable[[], dict[str, str]], campaign: str,
    answers: dict[int, int],
) -> None:  # fmt: skip
    modes = [operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)]

    @settings(
        max_examples=count, deadline=None, database=None, derandomize=count < 200,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=st.one_of(modes), odd=ODD_HEADERS, real=st.booleans())
    def ask(case: Case, odd: dict[str, str], real: bool) -> None:
        if real:
            case.path_parameters = {name: campaign if name == "campaign" else value
                                    for name, value in (case.path_parameters or {}).items()}  # fmt: skip
        response = case.call_and_validate(headers={**odd, **headers()}, checks=CHECKS)
        answers[response.status_code] = answers.get(response.status_code, 0) + 1

    ask()


def _record(caller: str, operations: int, answers: dict[int, int]) -> None:
    """A line in ``var/schema.json`` for each caller and database."""
    counts = {
        "cases": sum(answers.values()),
        "succeeded": sum(count for status, count in answers.items() if status < 300),
        "server_errors": sum(count for status, count in answers.items() if status >= 500),
    }
    keep_line(REPORT, {"case": f"schema, {caller}, {connection.vendor}", "operations": operations, **counts})
