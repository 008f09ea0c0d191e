"""One key of one subject has one effect and one answer."""

from datetime import timedelta
from typing import Any

import pytest

from core import audit, errors, idempotency
from core.idempotency import Answer, Once, parse_key
from core.models import AuditEntry, IdempotencyRecord

pytestmark = pytest.mark.django_db


def run(key: str = "k", *, hash_: str = "h", subject: int = 7, kind: str = "member", act: Any = None) -> Answer:
    def effect() -> Answer:
        entry = audit.record(actor=None, action="test.effect", subject=key)
        return Answer(201, {"entry": entry.pk})

    return Once(kind, subject, key, hash_).run(act or effect, lambda refusal: Answer(refusal.status, refusal.code))


def refuse_after_writing(error: errors.DomainError) -> Any:
    def act() -> Answer:
        audit.record(actor=None, action="test.effect", subject="refused")
        raise error

    return act


def test_the_second_time_gives_the_first_answer_and_does_nothing() -> None:
    first = run()
    second = run()

    assert (first.status, first.replayed) == (201, False)
    assert (second.status, second.body, second.replayed) == (201, first.body, True)
    assert AuditEntry.objects.count() == 1


def test_another_key_subject_or_kind_is_another_request() -> None:
    run("a"), run("b"), run("a", subject=8), run("a", kind="staff")

    assert AuditEntry.objects.count() == 4


def test_the_same_key_with_another_body_is_refused_and_keeps_the_first_answer() -> None:
    first = run()

    with pytest.raises(errors.KeyReused):
        run(hash_="other")

    assert run().body == first.body
    assert AuditEntry.objects.count() == 1


def test_a_refusal_is_the_answer_and_leaves_nothing() -> None:
    first = run(act=refuse_after_writing(errors.OutOfStock()))
    second = run()  # now it would succeed, but the answer stands

    assert (first.status, first.body, first.replayed) == (422, "core.out_of_stock", False)
    assert (second.status, second.body, second.replayed) == (422, "core.out_of_stock", True)
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("error", [errors.Busy(), errors.Unavailable(), errors.TooManyRequests(), errors.NotSignedIn()])
def test_busy_and_broken_answers_are_not_kept(error: errors.DomainError) -> None:
    with pytest.raises(type(error)):
        run(act=refuse_after_writing(error))

    assert not IdempotencyRecord.objects.exists()
    assert run().status == 201


def test_a_fault_rolls_the_key_back() -> None:
    def fail() -> Answer:
        audit.record(actor=None, action="test.effect", subject="fault")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        run(act=fail)

    assert not IdempotencyRecord.objects.exists()
    assert not AuditEntry.objects.exists()


def test_an_unfinished_row_of_another_request_is_busy() -> None:
    IdempotencyRecord.objects.create(
        subject_kind="member", subject_id=7, key="k", request_hash="h", status=0, created_at="2026-11-22T00:00Z"
    )

    with pytest.raises(errors.Busy):
        run()


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (None, None),
        ("abc", "abc"),
        ('"abc"', "abc"),
        (" abc ", "abc"),
        ("x" * 64, "x" * 64),
        ("a-b_c.d:e/f", "a-b_c.d:e/f"),
    ],
)
def test_keys_are_quoted_or_bare(raw: str | None, key: str | None) -> None:
    assert parse_key(raw) == key


@pytest.mark.parametrize("raw", ["", '""', "x" * 65, "a b", 'a"b', "积分", "a\x00b"])
def test_odd_keys_are_refused(raw: str) -> None:
    with pytest.raises(errors.KeyInvalid):
        parse_key(raw)


def test_the_hash_covers_method_path_and_body() -> None:
    same = idempotency.request_hash("POST", "/a", b"{}")

    assert same == idempotency.request_hash("POST", "/a", b"{}")
    others = [("PUT", "/a", b"{}"), ("POST", "/b", b"{}"), ("POST", "/a", b"{ }")]
    assert all(idempotency.request_hash(*other) != same for other in others)


def test_answers_are_kept_seven_days(clock: Any) -> None:
    run("old")
    clock.advance(days=3)
    run("young")
    clock.advance(days=4, seconds=1)

    assert idempotency.purge(batch=1) == 1
    assert list(IdempotencyRecord.objects.values_list("key", flat=True)) == ["young"]
    assert timedelta(days=idempotency.KEEP_DAYS) == timedelta(days=7)


# ---- over HTTP -------------------------------------------------------------------------------------------------------


def test_a_retry_is_marked_and_has_the_same_body(api: Any) -> None:
    first = api.post("/api/v1/things", {"name": "a"}, key="k1")
    second = api.post("/api/v1/things", {"name": "a"}, key='"k1"')

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert AuditEntry.objects.filter(subject="a").count() == 1


def test_a_stored_refusal_comes_again_to_the_letter(api: Any) -> None:
    first = api.post("/api/v1/things", {"name": "a", "refuse": True}, key="k1")
    second = api.post("/api/v1/things", {"name": "a", "refuse": True}, key="k1")

    assert (first.status_code, first.headers["Content-Type"]) == (422, "application/problem+json")
    assert (second.status_code, second.headers["Content-Type"]) == (422, "application/problem+json")
    assert first.content == second.content
    assert second.headers["Idempotency-Replayed"] == "true"
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(("path", "body"), [("/api/v1/things", {"name": "b"}), ("/api/v1/keyed-things", {"name": "a"})])
def test_the_key_of_another_body_or_endpoint_is_422(api: Any, path: str, body: dict[str, str]) -> None:
    api.post("/api/v1/things", {"name": "a"}, key="k1")

    answer = api.post(path, body, key="k1")

    assert (answer.status_code, answer.json()["code"]) == (422, "core.idempotency_key_reused")
    assert AuditEntry.objects.count() == 1


def test_where_value_moves_the_key_is_required(api: Any) -> None:
    missing = api.post("/api/v1/keyed-things", {"name": "a"})
    empty = api.post("/api/v1/keyed-things", {"name": "a"}, key="")

    assert (missing.status_code, missing.json()["code"]) == (400, "core.idempotency_key_required")
    assert (empty.status_code, empty.json()["code"]) == (400, "core.idempotency_key_invalid")
    assert not AuditEntry.objects.exists()


def test_a_wrong_body_is_no_answer_to_the_key(api: Any) -> None:
    wrong = api.post("/api/v1/things", {"nam": "a"}, key="k1")
    right = api.post("/api/v1/things", {"name": "a"}, key="k1")

    assert (wrong.status_code, right.status_code) == (400, 201)
