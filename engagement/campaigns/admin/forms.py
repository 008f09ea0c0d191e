"""The kernel's part of the campaign form, in groups that a marketer thinks in."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from core import clock
from engagement.campaigns import rules
from engagement.campaigns.contract import FieldGroup, limits_of, mechanisms
from engagement.campaigns.models import Campaign

IMPROVABLE = frozenset(
    {
        "ends_at",
        "daily_from",
        "daily_to",
        "new_only",
        "new_days",
        "adults_only",
        "budget_yuan",
        "contact",
        "share_title",
    }
    | {"goal", *rules.LIMITS}
)
AUDIENCE = ("new_only", "new_days", "adults_only", "exclude_staff")
LIMIT_LABELS = {
    "per_member_per_day": _("Each member a day"),
    "per_member": _("Each member in all"),
    "per_day": _("All members a day"),
    "total": _("All members in all"),
}
MOST_YUAN = 10_000_000


class LocalDateTimeInput(forms.DateTimeInput):
    """The browser's own picker, which every phone has, for a wall clock in Shanghai."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(attrs={"class": " ".join(INPUT_CLASSES)}, format="%Y-%m-%dT%H:%M")


class LocalTimeInput(forms.TimeInput):
    """The browser's own picker for a time of day."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(attrs={"class": " ".join(INPUT_CLASSES)}, format="%H:%M")


def text(label: Any, length: int, help_text: Any = "", *, required: bool = False) -> forms.CharField:
    """A line of text."""
    return forms.CharField(
        label=label, max_length=length, required=required, help_text=help_text, widget=UnfoldAdminTextInputWidget
    )


def number(label: Any, low: int, high: int, help_text: Any = "", *, required: bool = False) -> forms.IntegerField:
    """A whole number."""
    return forms.IntegerField(
        label=label, min_value=low, max_value=high, required=required, help_text=help_text,
        widget=UnfoldAdminIntegerFieldWidget,
    )  # fmt: skip


def switch(label: Any, help_text: Any = "") -> forms.BooleanField:
    """Yes or no."""
    return forms.BooleanField(label=label, required=False, help_text=help_text, widget=UnfoldBooleanWidget)


class PeriodForm(forms.Form):
    """Name and period: all that a template needs to become a draft."""

    name = text(_("Name"), 40, _("Members see it as the title."), required=True)
    starts_at = forms.DateTimeField(label=_("Starts"), widget=LocalDateTimeInput, help_text=_("Beijing time."))
    ends_at = forms.DateTimeField(
        label=_("Ends"),
        widget=LocalDateTimeInput,
        help_text=_("The first moment at which it is over; at most 366 days."),
    )

    def clean(self) -> dict[str, Any]:
        """The end comes after the start."""
        data = super().clean() or self.cleaned_data
        if data.get("starts_at") and data.get("ends_at") and data["ends_at"] <= data["starts_at"]:
            self.add_error("ends_at", _("The end must be later than the start."))
        return data


class TemplateForm(PeriodForm):
    """Which template, and the period."""

    template = forms.ChoiceField(label=_("Template"), widget=forms.RadioSelect)

    def __init__(self, data: Any = None) -> None:
        first = clock.start_of(clock.today() + timedelta(days=1))
        super().__init__(data, initial={"starts_at": first, "ends_at": first + timedelta(days=30)})
        field = self.fields["template"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared so above; for the type checker
        field.choices = [(key, template.name) for key, _label, template in templates()]


def templates() -> list[tuple[str, Any, Any]]:
    """All templates as (value, the mechanism's name, template)."""
    return [
        (f"{name}:{template.key}", mechanism.label, template)
        for name, mechanism in mechanisms.items()
        for template in mechanism.templates()
    ]


class CampaignForm(PeriodForm):
    """The kernel's fields of a campaign."""

    goal = forms.ChoiceField(label=_("Goal"), choices=Campaign.Goal.choices, widget=UnfoldAdminSelectWidget)
    daily_from = forms.TimeField(label=_("Open each day from"), required=False, widget=LocalTimeInput)
    daily_to = forms.TimeField(
        label=_("Open each day until"), required=False, widget=LocalTimeInput, help_text=_("Leave both empty: all day.")
    )
    day_cut_hour = number(
        _("A day begins at (hour)"),
        0,
        5,
        _("0 is midnight; 4 counts the small hours to the day before."),
        required=True,
    )
    new_only = switch(_("New members only"))
    new_days = number(_("New means: joined at most so many days ago"), 1, 366, _("30 when left empty."))
    adults_only = switch(
        _("From 18 years on"), _("By the birthday on the profile; without one a member can't take part.")
    )
    exclude_staff = switch(_("Without our own staff"), _("The law wants no insider winners."))
    budget_yuan = forms.DecimalField(
        label=_("Budget (yuan)"), min_value=0, max_value=MOST_YUAN, decimal_places=2, required=False,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text=_("What all rewards together may cost. When it is used up, no more are given. Empty: no bound."),
    )  # fmt: skip
    organiser = text(_("Organiser"), 80, _("The company behind the campaign, as on its business licence."))
    contact = text(_("Contact"), 120, _("Telephone or e-mail for questions and complaints."))
    share_title = text(
        _("Title of the share card"), 30, _("No promise of a reward for sharing: the platform forbids it.")
    )

    def __init__(self, data: Any = None, *, campaign: Campaign, improving: bool = False) -> None:
        super().__init__(data, prefix="campaign", initial=_initial(campaign))
        self._limits = limits_of(mechanisms.get(campaign.mechanism))
        for name in self._limits:
            self.fields[name] = number(LIMIT_LABELS[name], 1, rules.MOST, _("Empty: no limit."))
            self.initial[name] = campaign.limits.get(name)
        if improving:
            for name, field in self.fields.items():
                field.disabled = name not in IMPROVABLE

    @property
    def groups(self) -> list[FieldGroup]:
        """The boxes of the page."""
        limits = [FieldGroup(_("Limits"), self._limits)] if self._limits else []
        when = ("starts_at", "ends_at", "daily_from", "daily_to", "day_cut_hour")
        return [
            FieldGroup(_("What it is"), ("name", "goal")),
            FieldGroup(_("When"), when),
            FieldGroup(_("Who can take part"), AUDIENCE, _("All members who have joined, unless narrowed here.")),
            *limits,
            FieldGroup(_("Money"), ("budget_yuan",)),
            FieldGroup(_("Organiser and sharing"), ("organiser", "contact", "share_title")),
        ]

    def clean(self) -> dict[str, Any]:
        """The daily hours come as a pair."""
        data = super().clean()
        if (data.get("daily_from") is None) != (data.get("daily_to") is None):
            self.add_error("daily_to", _("Give both times or none."))
        return data

    def campaign_fields(self) -> dict[str, Any]:
        """What the services take; only after ``is_valid()``."""
        data = self.cleaned_data
        plain = ("name", "goal", "starts_at", "ends_at", "daily_from", "daily_to", "day_cut_hour")
        fields: dict[str, Any] = {name: data[name] for name in (*plain, "organiser", "contact", "share_title")}
        yuan = data["budget_yuan"]
        for name in {"starts_at", "ends_at"} - set(self.changed_data):
            del fields[name]
        return fields | {
            "audience": {name: data[name] for name in AUDIENCE},
            "limits": {name: data[name] for name in self._limits},
            "budget_fen": None if yuan is None else int(yuan * 100),
        }


def _initial(campaign: Campaign) -> dict[str, Any]:
    names = [field for field in CampaignForm.base_fields if hasattr(campaign, field)]
    initial: dict[str, Any] = {name: getattr(campaign, name) for name in names}
    initial |= {name: campaign.audience.get(name) for name in AUDIENCE}
    for name in ("starts_at", "ends_at"):  # what the picker can show, so that an untouched field counts as unchanged
        initial[name] = initial[name].replace(second=0, microsecond=0)
    initial["budget_yuan"] = None if campaign.budget_fen is None else Decimal(campaign.budget_fen) / 100
    return initial


class ImproveForm(forms.Form):
    """Why a published campaign changes."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=_("Kept in the audit trail with your name."),
    )  # fmt: skip
