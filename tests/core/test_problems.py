"""Every error is a problem document with its own code, in the caller's language, and nothing more."""

import json
import sqlite3
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, InternalError, OperationalError
from django.test import Client
from rest_framework import exceptions, serializers

from core import errors
from core.api import problems
from core.api.serializers import parse_as
from core.models import AuditEntry

pytestmark = pytest.mark.django_db
MEMBERS = {
    "type", "title", "status", "detail", "instance", "code", "message", "request_id", "retryable", "errors",
}  # fmt: skip


def pointers(answer: Any) -> list[tuple[str, str]]:
    return [(each["pointer"], each["code"]) for each in answer.json()["errors"]]


def test_a_problem_has_all_its_members(api: Any) -> None:
    answer = api.post("/api/v1/things", {"name": "a", "refuse": True})

    body = answer.json()
    assert set(body) == MEMBERS
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (body["code"], body["status"], body["title"]) == ("core.out_of_stock", 422, "Refused")
    assert body["type"] == "urn:homeground:problem:core.out_of_stock"
    assert body["instance"] == "/api/v1/things"
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert (body["retryable"], body["errors"]) == (False, [])


@pytest.mark.parametrize(
    ("language", "message"),
    [("", "抱歉，已经没有了。"), ("zh-CN,zh;q=0.9", "抱歉，已经没有了。"), ("en-GB", "Sorry, there is none left.")],
)
def test_the_message_is_in_the_callers_language(api: Any, language: str, message: str) -> None:
    answer = api.post("/api/v1/things", {"name": "a", "refuse": True}, **{"Accept-Language": language})

    assert answer.json()["message"] == message


def test_an_unknown_field_is_an_error_that_names_it(api: Any) -> None:
    answer = api.post("/api/v1/things", {"name": "a", "nmae": "b", "points": 900})

    assert answer.status_code == 400
    assert sorted(pointers(answer)) == [("/nmae", "unknown_field"), ("/points", "unknown_field")]
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, ("/name", "required")),
        ({"name": None}, ("/name", "null")),
        ({"name": "x" * 11}, ("/name", "max_length")),
        ({"name": "a", "refuse": "perhaps"}, ("/refuse", "invalid")),
        ({"name": ["a"]}, ("/name", "invalid")),
        ([1], ("", "not_an_object")),
        (b"{", ("", "not_json")),
        (b'{"name": NaN}', ("", "not_json")),
        (b'{"name": "\\ud800"}', ("", "not_json")),
        (b'{"name": "a\\u0000b"}', ("", "nul_character")),
        (b'{"na\\u0000me": "a"}', ("", "nul_character")),
        (b'{"name": ' + b"[" * 11 + b"]" * 11 + b"}", ("", "too_deep")),
        (b'{"name": "\\u0000", "x": ' + b"[" * 900 + b"]" * 900 + b"}", ("", "too_deep")),
        (b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", ("", "not_json")),
    ],
)
def test_bad_bodies_are_400_and_change_nothing(api: Any, body: Any, found: tuple[str, str]) -> None:
    answer = api.post("/api/v1/things", body)

    assert (answer.status_code, answer.json()["code"]) == (400, "core.invalid_request")
    assert pointers(answer) == [found]
    assert not AuditEntry.objects.exists()


def test_ten_levels_are_allowed(api: Any) -> None:
    answer = api.post("/api/v1/things", b'{"name": ' + b"[" * 9 + b"]" * 9 + b"}")

    assert pointers(answer) == [("/name", "invalid")]


def test_a_body_over_one_mebibyte_is_413(api: Any) -> None:
    answer = api.post("/api/v1/things", json.dumps({"name": "x" * 1024 * 1024}).encode())

    assert (answer.status_code, answer.json()["code"]) == (413, "core.body_too_large")


def test_other_media_types_and_methods_have_their_codes(api: Any) -> None:
    form = api.client.post("/api/v1/things", {"name": "a"})
    method = api.client.put("/api/v1/things", b"{}", content_type="application/json")
    nowhere = api.get("/api/v1/nothing")

    assert (form.status_code, form.json()["code"]) == (415, "core.unsupported_media_type")
    assert (method.status_code, method.json()["code"]) == (405, "core.method_not_allowed")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "core.not_found")
    assert nowhere.headers["Content-Type"] == "application/problem+json"


def test_a_database_that_is_away_is_503_with_a_time(api: Any) -> None:
    answer = api.get("/api/v1/failing?how=database")

    assert (answer.status_code, answer.json()["code"]) == (503, "core.unavailable")
    assert answer.headers["Retry-After"] == "2"
    assert answer.json()["retryable"] is True


def test_a_fault_of_ours_shows_nothing_of_itself(api: Any, capsys: pytest.CaptureFixture[str]) -> None:
    answer = api.get("/api/v1/failing?how=bug")

    assert (answer.status_code, answer.json()["code"]) == (500, "core.internal_error")
    assert "secret detail" not in answer.content.decode()
    assert "secret detail" not in capsys.readouterr().err


def with_cause(error: Exception, *, sqlstate: str = "", cause: Exception | None = None) -> Exception:
    error.__cause__ = cause or type("Cause", (Exception,), {"sqlstate": sqlstate})()
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (with_cause(OperationalError(), sqlstate="55P03"), "core.busy"),
        (with_cause(OperationalError(), sqlstate="40P01"), "core.busy"),
        (with_cause(OperationalError(), cause=sqlite3.OperationalError("database is locked")), "core.busy"),
        (
            with_cause(OperationalError(), cause=sqlite3.OperationalError("database or disk is full")),
            "core.unavailable",
        ),
        (with_cause(OperationalError(), sqlstate="57P01"), "core.unavailable"),
        (with_cause(InternalError(), sqlstate="25006"), "core.unavailable"),
        (with_cause(InternalError("a column called full_name"), sqlstate="XX000"), "core.internal_error"),
        (InterfaceError("connection already closed"), "core.unavailable"),
        (RequestDataTooBig(), "core.body_too_large"),
        (SuspiciousOperation(), "core.invalid_request"),
        (exceptions.PermissionDenied(), "core.forbidden"),
        (exceptions.Throttled(), "core.internal_error"),
        (KeyError("x"), "core.internal_error"),
    ],
)
def test_every_exception_has_its_refusal(error: Exception, code: str) -> None:
    assert problems.as_refusal(error).code == code


def test_errors_deep_in_a_body_have_pointers() -> None:
    class Line(serializers.Serializer[Any]):
        n = serializers.IntegerField()

    class Order(serializers.Serializer[Any]):
        lines = Line(many=True)

    serializer = Order(data={"lines": [{"n": 1}, {"n": "x"}]})
    with pytest.raises(exceptions.ValidationError) as failed:
        serializer.is_valid(raise_exception=True)

    refusal = problems.as_refusal(failed.value)
    assert isinstance(refusal, errors.InvalidRequest)
    assert [(each.pointer, each.code) for each in refusal.errors] == [("/lines/1/n", "invalid")]


def test_the_quick_parser_speaks_the_same() -> None:
    import msgspec

    class Tap(msgspec.Struct, forbid_unknown_fields=True):
        n: int

    found = []
    for data in ({"n": 1, "m": 2}, {}, {"n": "1"}):
        with pytest.raises(errors.InvalidRequest) as failed:
            parse_as(Tap, data)
        found.append((failed.value.errors[0].pointer, failed.value.errors[0].code))

    assert parse_as(Tap, {"n": 1}).n == 1
    assert found == [("/m", "unknown_field"), ("/n", "required"), ("/n", "invalid")]


def test_parameters_of_a_refusal_are_in_the_document() -> None:
    class TooFew(errors.DomainError):
        code = "test.too_few"
        message = "%(points)s of %(name)s"

    document = problems.document(TooFew(points=5, name="茶"), "/x")

    assert document["params"] == {"points": 5, "name": "茶"}
    assert document["message"] == "5 of 茶"


def test_an_anonymous_error_is_a_problem_too(api: Any) -> None:
    answer = Client().post("/api/v1/things", b"{}", content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (401, "core.not_signed_in")
