"""The page of `make docs` about races and faults: its totals are those of the records."""

import pytest

from tools import docs, reliability

pytestmark = pytest.mark.sqlite

RACE = {"case": "one day", "rounds": 20, "workers": 32, "violations": 0, "unexpected_errors": 0}
FAULT = {"case": "kills", "operations": 1054, "faults": 60, "violations": 3, "lost": 1, "doubled": 2}
SCHEMA = {"case": "schema, nobody", "operations": 18, "cases": 2500, "server_errors": 4}
NOTHING: dict[str, list[dict[str, object]]] = {"races": [], "faults": [], "schema": [], "soak": []}


def page(**found: list[dict[str, object]]) -> str:
    return reliability.page(NOTHING | found, commit="abc123", day="2026-11-22", table=docs.table)


def test_it_names_the_commit_and_adds_up_what_was_found():
    text = page(races=[RACE, RACE], faults=[FAULT], schema=[SCHEMA])

    assert "Commit `abc123`, records of 2026-11-22." in text
    assert "2 races, 40 rounds, 1,280 attempts: 0 violations, 0 unexpected errors." in text
    assert "60 faults during 1,054 operations: 1 acknowledged effects lost, 2 doubled, 3 violations in all." in text
    assert "2,500 cases: 4 server errors." in text


def test_what_was_not_run_is_not_claimed():
    text = page(races=[RACE])

    assert "## Races" in text
    assert "## Faults" not in text
    assert "## Long runs" not in text


def test_of_the_long_runs_it_shows_those_about_reliability():
    text = page(soak=[{"case": "kill -9 under load", "violations": 0}, {"case": "growth", "seconds": 4}])

    assert "kill -9 under load" in text
    assert "growth" not in text


def test_without_records_the_page_stays_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(reliability, "VAR", tmp_path)
    monkeypatch.setattr(reliability, "PAGE", tmp_path / "reliability.md")

    reliability.write(docs.table)

    assert not (tmp_path / "reliability.md").exists()
