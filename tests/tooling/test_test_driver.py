"""The test driver counts honestly: a failure, a crash, no test at all and, in CI, a skipped stage end with 1."""

import pytest

from tools import run_tests
from tools.run_tests import Outcome, Stage

pytestmark = pytest.mark.sqlite
STAGE = Stage("sqlite", "not browser")
REPORT = '<testsuites><testsuite tests="7" failures="1" errors="1" skipped="2"></testsuite></testsuites>'


@pytest.fixture(autouse=True)
def _not_in_ci(monkeypatch):
    monkeypatch.delenv("CI", raising=False)


def closing_line(capsys) -> str:
    return capsys.readouterr().out.rstrip("\n").split("\n")[-1]


def test_the_sum_of_all_stages_is_the_last_line(capsys):
    outcomes = [Outcome(STAGE, passed=5, skipped=1), Outcome(STAGE, passed=2)]

    assert run_tests.summary(outcomes, minutes=1.5) == 0
    assert closing_line(capsys) == "7 passed, 0 failed, 1 skipped"


def test_one_failure_fails_all(capsys):
    assert run_tests.summary([Outcome(STAGE, passed=5), Outcome(STAGE, failed=1)], minutes=1) == 1
    assert closing_line(capsys) == "5 passed, 1 failed, 0 skipped"


def test_no_test_at_all_is_a_failure(capsys):
    assert run_tests.summary([Outcome(STAGE, skipped=9)], minutes=1) == 1
    assert closing_line(capsys) == "0 passed, 0 failed, 9 skipped"


def test_a_stage_that_cannot_run_is_said_and_fails_only_in_ci(capsys, monkeypatch):
    outcomes = [Outcome(STAGE, passed=5), Outcome(Stage("browser", "browser"), skipped_because="no Chromium")]

    assert run_tests.summary(outcomes, minutes=1) == 0
    assert "browser    skipped: no Chromium" in capsys.readouterr().out
    monkeypatch.setenv("CI", "true")
    assert run_tests.summary(outcomes, minutes=1) == 1
    assert closing_line(capsys) == "5 passed, 1 failed, 0 skipped"


def test_the_report_is_counted(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(REPORT)

    outcome = run_tests.read_report(STAGE, report, 1)

    assert (outcome.passed, outcome.failed, outcome.skipped) == (3, 2, 2)


@pytest.mark.parametrize(("code", "failed"), [(2, 1), (-9, 1), (run_tests.NO_TESTS, 0), (0, 0)])
def test_a_run_without_a_report_counts_by_its_exit_code(tmp_path, code, failed):
    assert run_tests.read_report(STAGE, tmp_path / "none.xml", code).failed == failed


def test_the_races_are_all_or_twenty_rounds():
    assert run_tests.chosen(["--races", "-x"]) == (run_tests.RACES, "200", ["-x"])
    assert run_tests.chosen([])[:2] == (run_tests.STAGES, "20")


def test_single_stages_can_be_chosen():
    stages, _rounds, rest = run_tests.chosen(["--stages=sqlite,browser", "tests/core"])

    assert [stage.name for stage in stages] == ["sqlite", "browser"]
    assert rest == ["tests/core"]


def test_every_test_belongs_to_exactly_one_sequence():
    expressions = {stage.name: stage.markers for stage in run_tests.STAGES}

    assert {"browser", "faults", "demo"} <= set(expressions)
    for name in ("sqlite", "postgres", "races"):
        assert expressions[name].endswith(run_tests.PLAIN)
