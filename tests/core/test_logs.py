"""Logs hold only what is on the list, and never the text of an exception."""

import io
import json
import logging
import os
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from core import logs


@pytest.fixture
def lines() -> Iterator[Any]:
    """The lines of the log so far, as the product's own handler writes them."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    logs.configure({"level": "INFO"})
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written := io.StringIO())
    root.handlers = [*before, handler]

    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_line_is_json_with_time_level_and_name(lines: Any) -> None:
    structlog.get_logger("test.log").info("thing_done", count=3)

    (line,) = lines()
    assert (line["event"], line["level"], line["logger"], line["count"]) == ("thing_done", "info", "test.log", 3)
    assert line["timestamp"].endswith("Z")


def test_fields_that_are_not_on_the_list_are_dropped(lines: Any) -> None:
    structlog.get_logger("test.log").warning(
        "thing_done", phone="13800138000", nickname="小明", openid="o-1", code="a.b"
    )

    (line,) = lines()
    assert line["code"] == "a.b"
    assert not {"phone", "nickname", "openid"} & set(line)
    assert "13800138000" not in json.dumps(line)


def test_an_exception_is_its_type_and_place_without_its_text(lines: Any) -> None:
    try:
        int("phone 13800138000")
    except ValueError:
        structlog.get_logger("test.log").exception("thing_failed")

    (line,) = lines()
    assert line["error"] == "ValueError"
    assert any("test_logs.py" in place for place in line["where"])
    assert "13800138000" not in json.dumps(line)


def test_other_libraries_give_their_format_without_the_arguments(lines: Any) -> None:
    logging.getLogger("some.library").error("no answer for %s", "13800138000")

    (line,) = lines()
    assert line["event"] == "no answer for %s"
    assert "13800138000" not in json.dumps(line)


def test_an_exception_of_another_library_loses_its_text_too(lines: Any) -> None:
    try:
        os.environ["OPENID_SECRET_1"]
    except KeyError:
        logging.getLogger("some.library").exception("it broke")

    (line,) = lines()
    assert line["error"] == "KeyError"
    assert "OPENID_SECRET_1" not in json.dumps(line)


def test_the_request_id_goes_with_every_line(lines: Any) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r-12345678"):
        structlog.get_logger("test.log").info("thing_done")

    assert lines()[0]["request_id"] == "r-12345678"
