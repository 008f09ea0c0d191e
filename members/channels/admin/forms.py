"""What a marketer fills in: channels, kits, batches, landings, costs, experiments."""

from datetime import timedelta
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
from members.channels.models import Channel, ChannelCost, Variant, WelcomeKit
from members.channels.rules import landing, tree
from members.channels.selectors.tree import list_in_order
from members.stores.models import Store

MOST_YUAN = 10_000_000


class MomentInput(forms.DateTimeInput):
    """The browser's own picker for a wall clock in Shanghai."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(attrs={"class": " ".join(INPUT_CLASSES)}, format="%Y-%m-%dT%H:%M")


class DayInput(forms.DateInput):
    """The browser's own picker for a day."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(attrs={"class": " ".join(INPUT_CLASSES)}, format="%Y-%m-%d")


def text(label: Any, length: int, help_text: Any = "", *, required: bool = False) -> forms.CharField:
    """A line of text."""
    return forms.CharField(
        label=label, max_length=length, required=required, help_text=help_text, widget=UnfoldAdminTextInputWidget
    )


def area(label: Any, length: int, help_text: Any = "", *, rows: int = 3, required: bool = False) -> forms.CharField:
    """Several lines of text."""
    widget = UnfoldAdminTextareaWidget(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=length, required=required, help_text=help_text, widget=widget)


def number(label: Any, low: int, high: int, help_text: Any = "", **more: Any) -> forms.IntegerField:
    """A whole number."""
    return forms.IntegerField(
        label=label, min_value=low, max_value=high, help_text=help_text, widget=UnfoldAdminIntegerFieldWidget, **more
    )


def choice(label: Any, choices: Any, help_text: Any = "", **more: Any) -> forms.ChoiceField:
    """One of several."""
    return forms.ChoiceField(label=label, choices=choices, help_text=help_text, widget=UnfoldAdminSelectWidget, **more)


def switch(label: Any, help_text: Any = "", **more: Any) -> forms.BooleanField:
    """Yes or no."""
    return forms.BooleanField(label=label, required=False, help_text=help_text, widget=UnfoldBooleanWidget, **more)


def moment(label: Any, help_text: Any = "") -> forms.DateTimeField:
    """A moment, or nothing."""
    return forms.DateTimeField(label=label, required=False, widget=MomentInput, help_text=help_text)


def pick(label: Any, queryset: Any, help_text: Any = "", *, required: bool = False) -> Any:
    """One row of a table, or none."""
    return forms.ModelChoiceField(
        label=label, queryset=queryset, required=required, help_text=help_text, widget=UnfoldAdminSelectWidget
    )


class ChannelForm(forms.Form):
    """A channel and its place in the tree."""

    name = text(_("Name"), tree.LONGEST_NAME, _("Members never see it."), required=True)
    kind = choice(_("Level"), Channel.Kind.choices, _("A campaign stands below a platform, a print run below either."))
    parent = choice(_("Below"), [], required=False)
    type = choice(_("Type"), Channel.Type.choices)
    traffic = choice(_("Traffic"), Channel.Traffic.choices, initial=Channel.Traffic.STABLE)
    state = choice(
        _("State"), Channel.State.choices, _("Codes of a draft are unknown; paused and closed ones are over.")
    )
    welcome_kit = pick(
        _("Welcome kit"),
        WelcomeKit.objects.filter(active=True),
        _("Given once to whom this channel brings; empty: as above."),
    )
    store = pick(_("Store"), Store.objects.all())
    owner = text(_("Owner"), 40, _("Who answers for it."))
    starts_at = moment(_("Starts"), _("Beijing time; empty: at once."))
    ends_at = moment(_("Ends"), _("Empty: open-ended."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = [("", "—"), *((str(each.pk), f"{'　' * depth}{each.name}") for each, depth in list_in_order())]
        self.fields["parent"] = choice(_("Below"), rows, required=False)


class RewardsField(forms.JSONField):
    """Rewards as JSON; nothing is an empty box."""

    def prepare_value(self, value: Any) -> Any:
        """The text in the box."""
        return super().prepare_value(value) if value else ""


class KitForm(forms.Form):
    """A welcome kit."""

    name = text(_("Name"), tree.LONGEST_NAME, _("Members don't see it; they see what is in it."), required=True)
    points = number(_("Points"), 0, 1_000_000, _("0: no points."), initial=100)
    others = RewardsField(
        label=_("Other rewards"), required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("A list of rewards in JSON; empty: none."),
    )  # fmt: skip
    active = switch(_("In use"), _("Off: nobody gets it any more; who has had it keeps it."), initial=True)

    @staticmethod
    def rewards_of(data: dict[str, Any]) -> Any:
        """The rewards that a valid form asks for."""
        others, points = data["others"] or [], data["points"]
        first = [{"kind": "points", "points": points}] if points else []
        return [*first, *others] if isinstance(others, list) else others

    @staticmethod
    def initial_of(kit: WelcomeKit) -> dict[str, Any]:
        """The form's values for ``kit``."""
        points = [each for each in kit.rewards if each.get("kind") == "points"][:1]
        others = [each for each in kit.rewards if each not in points]
        amount = points[0].get("points", 0) if points else 0
        return {"name": kit.name, "active": kit.active, "points": amount, "others": others}


class BatchForm(forms.Form):
    """New codes for a channel."""

    name = text(_("Name"), tree.LONGEST_NAME, _("Such as B01 spring inserts."), required=True)
    quantity = number(
        _("Different codes"), 1, tree.MOST_CODES,
        _("1 prints the same code on every piece; more tell the pieces apart."), initial=1,
    )  # fmt: skip
    print_quantity = number(_("Printed pieces"), 1, 100_000_000, _("For the scan rate."), initial=5000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        open_ones = Variant.objects.filter(experiment__ended_at=None).select_related("experiment").order_by("id")
        field = pick(_("Variant of an experiment"), open_ones, _("For a comparison; usually none."))
        field.label_from_instance = _variant_label
        self.fields["variant"] = field


def _variant_label(variant: Variant) -> str:
    return f"{variant.experiment} · {variant.name}"


class LandingForm(forms.Form):
    """Where the codes lead, and when."""

    path = text(
        _("Page of the mini-program"), landing.LONGEST_PATH,
        _("Such as pages/gift/index. Empty: our own page, without a way into the mini-program."),
    )  # fmt: skip
    params = area(_("Parameters"), 600, _("A line each: name = value."), rows=2)
    title_zh = text(_("Heading (Chinese)"), 40, _("On our own page, which other apps open; empty: a welcome."))
    text_zh = area(_("Text (Chinese)"), 300, rows=2)
    title_en = text(_("Heading (English)"), 80)
    text_en = area(_("Text (English)"), 600, rows=2)
    starts_at = moment(_("From"), _("Beijing time; empty: at once."))
    ends_at = moment(_("Until"), _("Empty: open-ended. Outside these times the next landing holds, then the fallback."))
    priority = number(_("Priority"), -100, 100, _("Of two that hold at once the higher wins."), initial=0)

    def clean_params(self) -> dict[str, str]:
        """The lines as names and values."""
        found: dict[str, str] = {}
        for line in self.cleaned_data["params"].splitlines():
            name, separator, value = (part.strip() for part in line.partition("="))
            if line.strip() and (not separator or not name):
                raise forms.ValidationError(_("Write each line as name = value."))
            if line.strip():
                found[name] = value
        return found


class CostForm(forms.Form):
    """What a channel costs."""

    kind = choice(_("Kind"), ChannelCost.Kind.choices, initial=ChannelCost.Kind.PIECE)
    amount_yuan = forms.DecimalField(
        label=_("Amount (yuan)"), min_value=0, max_value=MOST_YUAN, decimal_places=2, max_digits=10,
        widget=UnfoldAdminDecimalFieldWidget, help_text=_("A day, or a piece."),
    )  # fmt: skip
    quantity = number(_("Pieces"), 1, 100_000_000, _("For a cost per piece."), initial=1)
    first_on = forms.DateField(label=_("First day"), widget=DayInput, initial=clock.today)
    last_on = forms.DateField(label=_("Last day"), widget=DayInput, required=False, help_text=_("For a cost per day."))
    note = text(_("Note"), 100)

    def clean(self) -> dict[str, Any]:
        """Without a last day it is the first one; a year and a bit at most."""
        data = super().clean() or self.cleaned_data
        data["last_on"] = data.get("last_on") or data.get("first_on")
        if data["last_on"] and data.get("first_on") and data["last_on"] - data["first_on"] > timedelta(days=400):
            self.add_error("last_on", _("At most 400 days at a time."))
        return data


class ExperimentForm(forms.Form):
    """An experiment and its variants."""

    name = text(_("Name"), tree.LONGEST_NAME, required=True)
    question = text(_("Question"), 200, _("What do you want to know? Such as: do more join for points or for a card?"))
    variants = area(
        _("Variants"), 300, _("One a line, 2 to 6. The first one is what the others are compared with."), required=True
    )
