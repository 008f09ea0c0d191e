"""A tiny mechanism of the tests' own: a member picks up pebbles. It refuses overlaps, as check-in does."""

from typing import Any
from uuid import UUID

from django import forms

from engagement.campaigns import selectors
from engagement.campaigns.contract import Config, FieldGroup, Finding, Section, Template


class PebbleForm(forms.Form):
    """Two fields: how many pebbles a day, and a line of text."""

    pebbles = forms.IntegerField(min_value=1, max_value=99)
    slogan = forms.CharField(max_length=40, required=False)
    groups = [FieldGroup("Pebbles", ("pebbles", "slogan"), "What lies on the beach.")]

    def __init__(self, data: Any = None, *, settings: Config, prefix: str = "settings") -> None:
        super().__init__(data, prefix=prefix, initial=settings)

    def settings(self) -> Config:
        return {"pebbles": self.cleaned_data["pebbles"], "slogan": self.cleaned_data["slogan"]}


class Pebbles:
    """The mechanism; its settings live in a dict, since the kernel must not care where they live."""

    name = "pebbles"
    label = "Pebbles"
    icon = "landscape"
    limits = ("per_member_per_day", "per_day", "total")

    def __init__(self) -> None:
        self.stored: dict[UUID, Config] = {}

    def settings_of(self, campaign_id: UUID) -> Config:
        return dict(self.stored[campaign_id])

    def save_settings(self, campaign_id: UUID, settings: Config) -> None:
        self.stored[campaign_id] = dict(settings)

    def check(self, campaign: Config, settings: Config) -> list[Finding]:
        found = [Finding("No pebbles.", field="settings/pebbles")] if settings["pebbles"] < 1 else []
        others = selectors.overlapping(self.name, campaign)
        return found + [Finding(f"Overlaps with {other.name}.", field="starts_at") for other in others]

    def rules(self, campaign: Config, settings: Config, lang: str) -> list[Section]:
        heading = "怎么玩" if lang == "zh-hans" else "How to play"
        return [Section(heading, [f"{settings['pebbles']} / {settings['slogan']}"])]

    def simulate(self, campaign: Config, settings: Config) -> list[tuple[str, str]]:
        return [("Pebbles in ten days", str(settings["pebbles"] * 10))]

    def preview(self, campaign: Config, settings: Config) -> Config:
        return {"title": campaign["name"], "pebbles": settings["pebbles"]}

    def templates(self) -> list[Template]:
        audience = {"exclude_staff": True}
        kernel = {"goal": "retention", "audience": audience, "daily_from": "08:00", "daily_to": "22:00"}
        return [Template("beach", "A day at the beach", "One pebble a day.", kernel, {"pebbles": 1, "slogan": "hi"})]

    def is_relaxation(self, old: Config, new: Config) -> bool:
        return bool(new["pebbles"] >= old["pebbles"])

    def form_class(self) -> type[PebbleForm]:
        return PebbleForm
