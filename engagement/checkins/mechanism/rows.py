"""Small tables within the form: one row a rule, empty rows are left out."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from members.rewards.contract import kinds

AMOUNTS = {"points": "points", "make_up_card": "count"}  # by kind: which field of its spec is the amount


def _kind_choices() -> list[tuple[str, Any]]:
    return [(name, kind.label) for name, kind in kinds.items() if name in AMOUNTS]


class DayInput(UnfoldAdminTextInputWidget):
    """The browser's own date picker."""

    input_type = "date"


class Row(forms.Form):
    """A row: which fields it has, when it counts as empty, and its JSON form both ways."""

    key = "days"

    def is_blank(self) -> bool:
        """Nothing was entered."""
        return self.cleaned_data.get(self.key) in {None, ""}

    def as_json(self) -> dict[str, Any]:
        """The rule in the plan's form."""
        raise NotImplementedError

    @classmethod
    def initial_of(cls, rule: dict[str, Any]) -> dict[str, Any]:
        """The row's fields of a rule of the plan."""
        raise NotImplementedError


class TallyRow(Row):
    """After so many days: a reward."""

    days = forms.IntegerField(
        label=_("days"), min_value=1, max_value=366, required=False, widget=UnfoldAdminIntegerFieldWidget
    )
    kind = forms.ChoiceField(label=_("reward"), choices=_kind_choices, required=False, widget=UnfoldAdminSelectWidget)
    amount = forms.IntegerField(
        label=_("how many"), min_value=1, max_value=9999, required=False, widget=UnfoldAdminIntegerFieldWidget
    )

    def clean(self) -> dict[str, Any]:
        """A rule needs its reward, a reward its rule."""
        cleaned = super().clean() or self.cleaned_data
        if bool(cleaned.get("days")) != bool(cleaned.get("amount")):
            raise ValidationError(_("Fill in both the days and how many, or leave the row empty."))
        return cleaned

    def as_json(self) -> dict[str, Any]:
        """Days and reward."""
        kind = self.cleaned_data["kind"] or "points"
        reward = {"kind": kind, AMOUNTS[kind]: self.cleaned_data["amount"]}
        return {"days": self.cleaned_data["days"], "reward": reward}

    @classmethod
    def initial_of(cls, rule: dict[str, Any]) -> dict[str, Any]:
        """Only for kinds of :data:`AMOUNTS`; the form keeps others as they are."""
        kind = rule["reward"]["kind"]
        return {"days": rule["days"], "kind": kind, "amount": rule["reward"][AMOUNTS[kind]]}


class RewardRow(TallyRow):
    """After so many days in a row: a reward, perhaps with a limit."""

    limit = forms.IntegerField(
        label=_("times a member (0: any)"), min_value=0, max_value=366, required=False,
        widget=UnfoldAdminIntegerFieldWidget,
    )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """Days, reward and limit."""
        return super().as_json() | {"limit": self.cleaned_data["limit"] or 0}

    @classmethod
    def initial_of(cls, rule: dict[str, Any]) -> dict[str, Any]:
        """With the limit."""
        return super().initial_of(rule) | {"limit": rule["limit"]}


class SpecialRow(Row):
    """A date and its factor."""

    key = "day"
    day = forms.DateField(label=_("date"), required=False, input_formats=["%Y-%m-%d"], widget=DayInput)
    times = forms.IntegerField(
        label=_("factor"), min_value=2, max_value=10, required=False, widget=UnfoldAdminIntegerFieldWidget
    )

    def as_json(self) -> dict[str, Any]:
        """Date and factor; twice where no factor was entered."""
        return {"day": self.cleaned_data["day"].isoformat(), "times": self.cleaned_data["times"] or 2}

    @classmethod
    def initial_of(cls, rule: dict[str, Any]) -> dict[str, Any]:
        """Both as they are."""
        return dict(rule)


class RowsWidget(forms.Widget):
    """Renders the rows as a table; what it reads back is the raw data for the rows' own forms."""

    template_name = "checkins/rows.html"

    def __init__(self, row: type[Row], rows: int) -> None:
        super().__init__()
        self.row, self.rows = row, rows

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Row]:  # noqa: ARG002 - Django's signature
        """A bound form a row."""
        return [self.row(data, prefix=f"{name}-{number}") for number in range(self.rows_in(data, name))]

    def rows_in(self, data: Any, name: str) -> int:
        """How many rows were sent: the table may have been longer than its usual size."""
        number = self.rows
        while any(f"{name}-{number}-{field}" in data for field in self.row.base_fields):
            number += 1
        return min(number, 60)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:  # noqa: ARG002 - as above
        """A table without a single field sent is left out."""
        return not any(f"{name}-0-{field}" in data for field in self.row.base_fields)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The rows' forms: those that were sent, or those of the plan and two empty ones more."""
        rows = value or []
        forms_ = rows if rows and isinstance(rows[0], Row) else self._fresh(name, rows)
        return super().get_context(name, None, attrs) | {"rows": forms_, "fields": list(self.row.base_fields.values())}

    def _fresh(self, name: str, rules: list[dict[str, Any]]) -> list[Row]:
        size = max(self.rows, len(rules) + 2)
        found = [self.row(prefix=f"{name}-{n}", initial=self.row.initial_of(rule)) for n, rule in enumerate(rules)]
        return found + [self.row(prefix=f"{name}-{n}") for n in range(len(rules), size)]


class RowsField(forms.Field):
    """A table of rules; its value is the list of the filled rows in JSON form."""

    def __init__(self, row: type[Row], *, rows: int, **kwargs: Any) -> None:
        super().__init__(required=False, widget=RowsWidget(row, rows), **kwargs)

    def clean(self, value: list[Row]) -> list[dict[str, Any]]:
        """Each row by its own rules."""
        faults = [
            _("Row %(n)d: %(fault)s") % {"n": number, "fault": text}
            for number, row in enumerate(value, start=1)
            for texts in row.errors.values()
            for text in texts
        ]
        if faults:
            raise ValidationError(faults)
        return [row.as_json() for row in value if not row.is_blank()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """By the cleaned value."""
        try:
            return bool(self.clean(data or []) != (initial or []))
        except ValidationError:
            return True
