"""The report of an experiment: what each variant brought, how sure that is, and one plain sentence."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin.acts import Act, act_page, staff_of
from core.admin.pages import render
from members.channels.admin.formats import NONE, count
from members.channels.models import Experiment
from members.channels.rules import intervals
from members.channels.rules.intervals import Comparison, Side, Verdict
from members.channels.selectors import experiments as selectors
from members.channels.services import planning

STEP_LABELS = {"signed_in": _("signed in"), "joined": _("joined"), "first_actions": _("first action")}
SENTENCES: dict[Verdict, str | Promise] = {
    Verdict.BETTER: _(
        "“%(name)s” really does better than “%(first)s”: by %(low)s to %(high)s percentage points. Chance alone would "
        "hardly show such a difference."
    ),
    Verdict.WORSE: _(
        "“%(name)s” really does worse than “%(first)s”: by %(low)s to %(high)s percentage points. Chance alone would "
        "hardly show such a difference."
    ),
    Verdict.UNSURE: _("“%(name)s” and “%(first)s” can't be told apart yet: the difference may be chance."),
    Verdict.TOO_FEW: _("Too few people so far to say anything about “%(name)s”: at least %(least)s a variant."),
}
TONES = {Verdict.BETTER: "success", Verdict.WORSE: "danger", Verdict.UNSURE: "warning", Verdict.TOO_FEW: "plain"}


def report(request: HttpRequest, experiment: Experiment, frame: dict[str, Any]) -> HttpResponse:
    """The report page; ``?step=`` chooses what counts as a conversion."""
    asked = request.GET.get("step", "")
    step = asked if asked in selectors.STEPS else "joined"
    rows = selectors.list_variants(experiment)
    sides = selectors.sides_of(rows, step)
    countable = all(side.is_countable for side in sides)
    comparisons = intervals.compare(sides) if countable else []
    context = {
        "title": experiment.name,
        "experiment": experiment,
        "steps": [(label, f"?step={name}", name == step) for name, label in STEP_LABELS.items()],
        "sides": [_side(row, side) for row, side in zip(rows, sides, strict=True)],
        "sentences": [(_sentence(sides[0], each), TONES[each.verdict], _needed(each)) for each in comparisons],
        "countable": countable,
        "several": len(comparisons) > 1,
    }
    return render(request, "channels/experiment.html", frame | context)


def _side(row: dict[str, Any], side: Side) -> dict[str, Any]:
    found = intervals.wilson(min(side.converted, side.people), side.people, z=intervals.z_of())
    return {
        "name": side.name,
        "note": row["note"],
        "scans": count(row["scans"]),
        "people": count(side.people),
        "converted": count(side.converted),
        "share": _rate(found.value) if side.people else NONE,
        "range": gettext("%(low)s to %(high)s") % {"low": _rate(found.low), "high": _rate(found.high)},
        "box": f"{found.low * 100:.2f} {max(0.6, (found.high - found.low) * 100):.2f} {found.value * 100:.2f}".split(),
    }


def _rate(value: float) -> str:
    return f"{value * 100:.1f}%"


def _sentence(first: Side, comparison: Comparison) -> str:
    edges = sorted((abs(comparison.difference.low), abs(comparison.difference.high)))
    return str(SENTENCES[comparison.verdict]) % {
        "name": comparison.side.name,
        "first": first.name,
        "low": f"{edges[0] * 100:.1f}",
        "high": f"{edges[1] * 100:.1f}",
        "least": intervals.LEAST_PEOPLE,
    }


def _needed(comparison: Comparison) -> str:
    if not comparison.people_needed:
        return ""
    text = gettext("To show a difference of this size, each variant needs about %(people)s people.")
    return text % {"people": f"{comparison.people_needed:,}"}


def end_page(request: HttpRequest, experiment: Experiment, back: str) -> HttpResponse:
    """End it after a yes."""
    return act_page(
        request,
        Act(
            title=_("End this experiment"), button=_("End"), success=_("The experiment has ended."),
            form_class=forms.Form, back=back, lines=[(_("Experiment"), experiment.name)],
            note=_("Its codes go on working and its figures stay; no new batch can belong to it."),
            perform=lambda _data: planning.end_experiment(experiment=experiment, actor=staff_of(request)),
        ),
    )  # fmt: skip
