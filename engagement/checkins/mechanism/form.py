"""The form with which a marketer edits the plan: plain fields, and small tables for what repeats."""

import json
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from engagement.campaigns.contract import Config, FieldGroup
from engagement.checkins import errors
from engagement.checkins.mechanism.rows import AMOUNTS, RewardRow, RowsField, SpecialRow, TallyRow
from engagement.checkins.mechanism.texts import fault_text
from engagement.checkins.rules.plan import MAX_POINTS, Plan, dump, parse

CYCLES = [
    ("week", _("each natural week, from Monday")),
    ("month", _("each natural month, from the first")),
    ("rolling", _("every N days in a row")),
    ("none", _("no rounds: the streak just grows")),
]
PAYMENTS = [("points", _("points")), ("card", _("one make-up card"))]


def _number(label: Any, least: int, most: int, hint: Any = "", *, required: bool = True) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, help_text=hint, required=required,
        widget=UnfoldAdminIntegerFieldWidget,
    )  # fmt: skip


class PlanForm(forms.Form):
    """Implements ``engagement.campaigns.contract.SettingsForm``."""

    groups: ClassVar[tuple[FieldGroup, ...]] = (
        FieldGroup(_("Rounds and daily reward"), ("cycle_mode", "cycle_days", "daily", "increment", "increment_cap")),
        FieldGroup(
            _("Bonuses"),
            ("first_time", "streaks", "tallies"),
            _("Given in addition to the day's reward. A rule added later pays nobody for days before it."),
        ),
        FieldGroup(
            _("Special days"),
            ("special_dates", "birthday_times"),
            _("The day's points are multiplied; where both apply, the higher factor counts."),
        ),
        FieldGroup(
            _("Missed days"),
            ("make_up_enabled", "window_days", "limit", "pay_with", "price", "share_percent", "freezes_per_month"),
        ),
        FieldGroup(_("Reminder"), ("remind_at",), _("Only members who ask for it are reminded.")),
    )

    cycle_mode = forms.ChoiceField(label=_("rounds"), choices=CYCLES, widget=UnfoldAdminSelectWidget)
    cycle_days = _number(_("N, for rounds of N days"), 2, 365)
    daily = forms.CharField(
        label=_("points day by day"),
        max_length=4000,
        help_text=_("Separated by commas, such as 1,1,2,2,3,3,10. The last value repeats."),
        widget=UnfoldAdminTextInputWidget,
    )
    increment = _number(_("more points each day"), 0, MAX_POINTS, _("0: as the list says."))
    increment_cap = _number(_("at most so many more"), 0, MAX_POINTS, _("0: without a cap."))
    first_time = _number(
        _("points for the first check-in ever"), 0, MAX_POINTS, _("Once a member, in whatever campaign. 0: none.")
    )
    streaks = RowsField(RewardRow, label=_("days in a row"), rows=5)
    tallies = RowsField(TallyRow, label=_("days in total"), rows=4)
    special_dates = RowsField(SpecialRow, label=_("dates"), rows=5)
    birthday_times = _number(_("factor on the birthday"), 1, 10, _("1: like any other day."))
    make_up_enabled = forms.BooleanField(
        label=_("missed days can be made up"), required=False, widget=UnfoldBooleanSwitchWidget
    )
    window_days = _number(_("how many days back"), 1, 31)
    limit = _number(_("how often a week or month"), 1, 31, _("By week for weekly rounds, else by calendar month."))
    pay_with = forms.ChoiceField(label=_("paid with"), choices=PAYMENTS, widget=UnfoldAdminSelectWidget)
    price = _number(_("price in points"), 0, MAX_POINTS)
    share_percent = _number(_("share of the day's reward (%)"), 0, 100, _("0: the day counts, but pays nothing."))
    freezes_per_month = _number(
        _("missed days a month that are protected"), 0, 31, _("They keep the streak without counting.")
    )
    remind_at = forms.RegexField(
        r"^(([01]\d|2[0-3]):[0-5]\d)?\Z",
        label=_("remind at"),
        required=False,
        help_text=_("Such as 20:00; empty: no reminders."),
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, data: Any = None, *, settings: Config | None = None, **kwargs: Any) -> None:
        self._plan: Plan | None = None
        before = parse(settings or {})
        self._kept = _not_editable(before)
        super().__init__(data, initial=_initial(before), **kwargs)

    def clean_daily(self) -> list[dict[str, Any]]:
        """The list as specs: numbers are points; a text that begins with [ is the list in JSON (other kinds)."""
        text = self.cleaned_data["daily"].strip()
        if text.startswith("["):
            try:
                found = json.loads(text)
            except ValueError:
                raise ValidationError(_("This list can't be read.")) from None
            return list(found)
        parts = text.replace("，", ",").rstrip(",").split(",")
        if not all(part.strip().isdecimal() for part in parts):
            raise ValidationError(_("Whole numbers separated by commas are needed, such as 1,1,2,2,3,3,10."))
        return [{"kind": "points", "points": int(part)} for part in parts]

    def clean(self) -> dict[str, Any]:
        """The fields together as a plan; what contradicts stands at its field."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self._plan = parse(_with(_settings(cleaned), self._kept))
            except errors.InvalidPlan as refusal:
                for each in refusal.errors:
                    self.add_error(_field_of(each.pointer), fault_text(each))
        return cleaned

    def settings(self) -> Config:
        """The plan in JSON form; only after ``is_valid()``."""
        if self._plan is None:
            raise ValueError("the form is not valid")
        return dump(self._plan)


def _not_editable(plan: Plan) -> dict[str, Any]:
    """Rewards of kinds that a row can't show: the form keeps them as they are."""
    rules = dump(plan)
    kept: dict[str, Any] = {
        name: [rule for rule in rules[name] if rule["reward"]["kind"] not in AMOUNTS] for name in ("streaks", "tallies")
    }
    if plan.first_time and plan.first_time["kind"] != "points":
        kept["first_time"] = plan.first_time
    return kept


def _with(settings: Config, kept: dict[str, Any]) -> Config:
    found = {**settings, "streaks": settings["streaks"] + kept["streaks"]}
    found["tallies"] = settings["tallies"] + kept["tallies"]
    return found | ({"first_time": kept["first_time"]} if "first_time" in kept else {})


def _initial(plan: Plan) -> dict[str, Any]:
    plain = all(set(spec) == {"kind", "points"} and spec["kind"] == "points" for spec in plan.daily)
    as_json = dump(plan)
    make_up = plan.make_up
    return {
        "cycle_mode": plan.cycle.mode,
        "cycle_days": plan.cycle.days,
        "daily": ",".join(str(spec["points"]) for spec in plan.daily) if plain else json.dumps(plan.daily),
        "increment": plan.increment,
        "increment_cap": plan.increment_cap,
        "first_time": (plan.first_time or {}).get("points", 0),
        "streaks": [rule for rule in as_json["streaks"] if rule["reward"]["kind"] in AMOUNTS],
        "tallies": [rule for rule in as_json["tallies"] if rule["reward"]["kind"] in AMOUNTS],
        "special_dates": as_json["special_dates"],
        "birthday_times": plan.birthday_times,
        "make_up_enabled": make_up.enabled,
        "window_days": make_up.window_days,
        "limit": make_up.limit,
        "pay_with": make_up.pay_with,
        "price": make_up.points,
        "share_percent": make_up.share_percent,
        "freezes_per_month": plan.freezes_per_month,
        "remind_at": plan.remind_at,
    }


def _settings(cleaned: dict[str, Any]) -> Config:
    first = cleaned["first_time"]
    kept = ("daily", "increment", "increment_cap", "streaks", "tallies", "special_dates", "birthday_times")
    return {
        **{name: cleaned[name] for name in (*kept, "freezes_per_month", "remind_at")},
        "cycle": {"mode": cleaned["cycle_mode"], "days": cleaned["cycle_days"]},
        "first_time": {"kind": "points", "points": first} if first else None,
        "make_up": {
            "enabled": cleaned["make_up_enabled"],
            "window_days": cleaned["window_days"],
            "limit": cleaned["limit"],
            "pay_with": cleaned["pay_with"],
            "points": cleaned["price"],
            "share_percent": cleaned["share_percent"],
        },
    }


def _field_of(pointer: str) -> str | None:
    """The form's field of a plan's path; ``None`` for a fault of the whole."""
    known = {"cycle": "cycle_mode", "make_up": "window_days"}
    name = pointer.strip("/").split("/")[0]
    name = known.get(name, name)
    return name if name in PlanForm.base_fields else None
