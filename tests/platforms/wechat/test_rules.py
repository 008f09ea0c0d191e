"""Reading answers and settings, the table of error numbers, what may stand in a code."""

import re
from pathlib import Path

import pytest
from django.core.checks import run_checks

from platforms.wechat import errors
from platforms.wechat.rules import answers, apps, codes
from platforms.wechat.rules.scene import CodeSpec, ensure_drawable

pytestmark = pytest.mark.sqlite
APP = "wx0123456789abcdef"


@pytest.mark.parametrize("kind", ["application/json", "image/jpeg", "text/plain; charset=utf-8", ""])
def test_a_brace_is_json_whatever_the_type_says(kind):
    assert answers.read(kind, b'{"errcode": 40169}').data == {"errcode": 40169}


def test_a_picture_says_so_and_begins_like_one():
    assert answers.read("image/jpeg", b"\xff\xd8\xff\xe0rest").content_type == "image/jpeg"
    assert answers.read("image/png", b"\x89PNG\r\n\x1a\nrest").picture == b"\x89PNG\r\n\x1a\nrest"


@pytest.mark.parametrize(
    ("kind", "body"),
    [("text/html", b"<html>"), ("image/jpeg", b"<html>"), ("image/jpeg", b""), ("application/json", b""),
     ("application/json", b"[]"), ("application/json", b'{"openid": "o'), ("application/json", b"{" * 5000),
     ("text/html", b"\xff\xd8\xff\xe0"), ("image/svg+xml", b"<svg/>")],
)  # fmt: skip
def test_anything_else_is_unreadable(kind, body):
    with pytest.raises(answers.Unreadable):
        answers.read(kind, body)


@pytest.mark.parametrize(
    ("answer", "errcode"),
    [({}, 0), ({"errcode": 0}, 0), ({"errcode": 40029}, 40029), ({"errcode": "40029"}, 40029), ({"errcode": None}, -1),
     ({"errcode": True}, -1), ({"errcode": "x"}, -1), ({"errcode": -1}, -1)],
)  # fmt: skip
def test_the_number_of_an_answer(answer, errcode):
    assert codes.errcode_of(answer) == errcode


@pytest.mark.parametrize(
    ("errcode", "kind", "status", "retryable"),
    [(-1, errors.Unavailable, 503, True), (40001, errors.TokenRefused, 503, True),
     (42001, errors.TokenRefused, 503, True), (45009, errors.QuotaUsedUp, 503, True),
     (45011, errors.TooOften, 429, True), (40029, errors.LoginCodeInvalid, 401, False),
     (40163, errors.LoginCodeInvalid, 401, False), (40226, errors.AccountBlocked, 403, False),
     (40013, errors.Misconfigured, 500, False), (40125, errors.Misconfigured, 500, False),
     (40164, errors.Misconfigured, 500, False), (48001, errors.Misconfigured, 500, False),
     (40169, errors.SceneInvalid, 422, False), (41030, errors.PageUnpublished, 422, False),
     (40189, errors.WidthInvalid, 422, False), (40097, errors.ArgumentsInvalid, 422, False),
     (61010, errors.NotRecentlyActive, 422, False), (99999, errors.Refused, 422, False)],
)  # fmt: skip
def test_each_number_has_its_refusal(errcode, kind, status, retryable):
    refusal = codes.refusal(errcode, "6103bf22-1")

    assert (type(refusal), refusal.status, refusal.retryable) == (kind, status, retryable)
    assert (refusal.errcode, refusal.rid, refusal.params) == (errcode, "6103bf22-1", {})


def test_the_rid_is_found_at_the_end_of_the_text():
    assert codes.rid_of({"errmsg": "invalid code, rid: 6103bf22-0a1b2c3d-11223344"}) == "6103bf22-0a1b2c3d-11223344"
    assert codes.rid_of({"errmsg": "invalid"}) == codes.rid_of({}) == ""


def test_what_wechat_takes_is_drawable():
    for scene in ("a", "8HK3V9QPX", "0Z!#$&'()*+,/:;=?@-._~" + "a" * 10):
        ensure_drawable(CodeSpec(APP, scene, "pages/gift/index", 430))
    ensure_drawable(CodeSpec(APP, "a", "", 280))
    ensure_drawable(CodeSpec(APP, "a", "pages/gift/index", 1280, "trial"))


@pytest.mark.parametrize(
    ("spec", "kind"),
    [(CodeSpec(APP, scene, "", 430), errors.SceneInvalid) for scene in ("", "a" * 33, "a%b", "礼", "a b", "a\n", '"')]
    + [(CodeSpec(APP, "a", page, 430), errors.PageInvalid) for page in ("/pages/a", "pages/a?b=1", "a" * 129, "a\nb")]
    + [(CodeSpec(APP, "a", "", width), errors.WidthInvalid) for width in (0, 279, 1281)]
    + [(CodeSpec(APP, "a", "", 430, "live"), errors.ArgumentsInvalid)],
)
def test_what_wechat_does_not_take_is_refused_before_asking(spec, kind):
    with pytest.raises(kind):
        ensure_drawable(spec)


@pytest.mark.parametrize(
    "entry",
    [{}, {"app_id": "gh_1", "secret": "s"}, {"app_id": APP}, {"app_id": APP, "secret": "s3cr3t", "push_token": "abc"},
     {"app_id": APP, "secret": "s3cr3t", "push_token": "abc", "push_aes_key": "short"},
     {"app_id": APP, "secret": "s3cr3t", "password": "x"}, {"app_id": APP, "secret": 5}, "text"],
)  # fmt: skip
def test_settings_that_cannot_be_read_say_why_and_no_secret(entry):
    with pytest.raises(ValueError) as error:
        apps.parse([entry])

    assert "WECHAT_APPS" in str(error.value)
    assert "s3cr3t" not in str(error.value)


def test_an_app_shows_no_secret():
    shown = repr(apps.parse([{"app_id": APP, "secret": "s3cr3t", "push_token": "tok3n", "push_aes_key": "k" * 43}]))

    assert "s3cr3t" not in shown
    assert "tok3n" not in shown


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [("WECHAT_APPS", [{"app_id": "x"}], ["wechat.E001"]), ("WECHAT_BASE_URL", "http://example.com", ["wechat.E002"]),
     ("WECHAT_BASE_URL", "http://127.0.0.1:9100", []), ("WECHAT_APPS", [], [])],
)  # fmt: skip
def test_a_wrong_deployment_does_not_start(settings, name, value, found):
    setattr(settings, name, value)

    assert [each.id for each in run_checks() if str(each.id).startswith("wechat.")] == found


def test_the_page_of_docs_names_every_number_with_its_refusal():
    page = (Path(__file__).parents[3] / "docs" / "wechat.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("|")]

    for errcode, kind in codes.known().items():
        assert any(re.search(rf"(?<!\d){errcode}\b", row) and f"`{kind.code}`" in row for row in rows), errcode
