"""Experiments: the intervals are those of the literature, and no sentence says more than they do."""

from math import isclose

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from core.models import AuditEntry, StaffUser
from members.channels import errors
from members.channels.models import Experiment
from members.channels.rules.intervals import Interval, Side, Verdict, compare, newcombe, people_needed, wilson, z_of
from members.channels.services import planning
from tests.factories.channels_admin import a_batch, a_channel, a_day

Z = z_of()
sides = st.integers(0, 5_000).flatmap(
    lambda people: st.builds(Side, st.just("side"), st.just(people), st.integers(0, people))
)


@pytest.mark.parametrize(
    ("converted", "people", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_is_as_published(converted: int, people: int, low: float, high: float):
    """Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3."""
    found = wilson(converted, people, z=Z)

    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("one", "two", "low", "high"),
    [((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((10, 10), (0, 10), 0.6075, 1.0)],
)
def test_newcombe_is_as_published(one: tuple[int, int], two: tuple[int, int], low: float, high: float):
    """Newcombe 1998, Statistics in Medicine 17:873-890, table II, method 10 (first minus second)."""
    found = newcombe(Side("b", two[1], two[0]), Side("a", one[1], one[0]), z=Z)

    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(sides)
def test_wilson_holds_its_share_and_stays_possible(side: Side):
    found = wilson(side.converted, side.people, z=Z)

    assert 0.0 <= found.low <= found.value <= found.high <= 1.0


@given(sides)
def test_wilson_of_those_who_did_not_is_the_mirror_image(side: Side):
    did, did_not = (wilson(n, side.people, z=Z) for n in (side.converted, side.people - side.converted))

    assert isclose(did.low, 1 - did_not.high, abs_tol=1e-9)
    assert isclose(did.high, 1 - did_not.low, abs_tol=1e-9)


@given(sides)
def test_ten_times_the_people_make_it_narrower(side: Side):
    few, many = wilson(side.converted, side.people, z=Z), wilson(10 * side.converted, 10 * side.people, z=Z)

    assert many.high - many.low <= few.high - few.low + 1e-12


@given(sides, sides)
def test_newcombe_turned_round_changes_only_the_sign(one: Side, two: Side):
    there, back = newcombe(one, two, z=Z), newcombe(two, one, z=Z)

    assert isclose(there.low, -back.high, abs_tol=1e-9)
    assert -1.0 <= there.low <= there.value <= there.high <= 1.0


@given(sides, sides)
def test_a_verdict_never_contradicts_the_figures(one: Side, two: Side):
    (found,) = compare([one, two])

    if found.verdict is Verdict.BETTER:
        assert found.difference.low > 0
    if found.verdict is Verdict.WORSE:
        assert found.difference.high < 0
    assert (found.verdict is Verdict.TOO_FEW) == (min(one.people, two.people) < 30)


@given(sides)
def test_a_variant_is_never_told_from_itself(side: Side):
    (found,) = compare([side, side])

    assert found.verdict in {Verdict.UNSURE, Verdict.TOO_FEW}


def test_more_comparisons_ask_for_a_clearer_difference():
    first, second = Side("a", 1000, 100), Side("b", 1000, 130)

    assert compare([first, second])[0].verdict is Verdict.BETTER
    assert compare([first, second, first, first, first])[0].verdict is Verdict.UNSURE


def test_people_needed_is_as_in_the_tables():
    """10 % against 15 %, 5 % error, power 80 %: 683 without pooling (Fleiss, without continuity correction)."""
    assert people_needed(Side("a", 100, 10), Side("b", 100, 15), z=Z) == 683


def test_nobody_is_an_open_question():
    assert wilson(0, 0, z=Z) == Interval(0.0, 0.0, 1.0)


# ---- acts and the report --------------------------------------------------------------------------------------------
@pytest.fixture
def experiment(staff) -> Experiment:
    """Points against a card, in one channel."""
    names = ["送积分", "送卡"]
    made = planning.create_experiment(name="积分还是卡", question="哪种更好？", variants=names, actor=staff)
    channel = a_channel("天猫")
    for variant, people, joined in zip(made.variants.order_by("id"), (1000, 1000), (100, 160), strict=True):
        a_day(a_batch(channel, variant.name, variant=variant), "2026-11-20", scans=1200, unique=people, joined=joined)
    return made


def report(browser: Client, experiment: Experiment, step: str = "joined") -> str:
    """The report as it reads in English."""
    StaffUser.objects.update(language="en")
    response = browser.get(reverse("admin:channels_experiment_change", args=[experiment.pk]) + f"?step={step}")
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_report_says_in_a_sentence_that_the_difference_is_real(browser: Client, experiment: Experiment):
    text = report(browser, experiment)

    assert "“送卡” really does better than “送积分”: by 3.1 to 8.9 percentage points" in text
    assert "16.0%" in text


def test_report_of_a_step_that_nobody_reached_claims_nothing(browser: Client, experiment: Experiment):
    assert "can&#x27;t be told apart yet" in report(browser, experiment, "signed_in")


def test_report_speaks_chinese(browser: Client, experiment: Experiment):
    StaffUser.objects.update(language="zh-hans")
    text = browser.get(reverse("admin:channels_experiment_change", args=[experiment.pk])).content.decode()

    with translation.override("zh-hans"):
        assert "“送卡”确实比“送积分”好：高 3.1 到 8.9 个百分点" in text


@pytest.mark.parametrize("variants", [["只有一个"], ["一样", "一样"], [f"v{n}" for n in range(7)], ["a", "b" * 41]])
def test_what_compares_nothing_is_refused(staff, variants: list[str]):
    with pytest.raises(errors.InvalidExperiment):
        planning.create_experiment(name="试", question="", variants=variants, actor=staff)

    assert Experiment.objects.count() == 0
    assert AuditEntry.objects.filter(action="channels.create_experiment").count() == 0


def test_ended_experiment_keeps_its_first_end(staff, experiment: Experiment, clock):
    planning.end_experiment(experiment=experiment, actor=staff)
    ended = Experiment.objects.get().ended_at
    clock.advance(days=1)
    planning.end_experiment(experiment=experiment, actor=staff)

    assert Experiment.objects.get().ended_at == ended
