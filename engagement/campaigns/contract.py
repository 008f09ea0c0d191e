"""What the kernel asks of a mechanism, and the registry in which each mechanism registers itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Protocol
from uuid import UUID

from django.utils.functional import Promise

from core.registry import Registry

Config = dict[str, Any]


@dataclass(frozen=True)
class Published:
    """The frozen version of a campaign, as every participation sees it; cached in the process by ``version_id``."""

    campaign_id: UUID
    version_id: int
    number: int
    mechanism: str
    config: Config  # {"campaign": {...kernel fields...}, "settings": {...mechanism's frozen settings...}}
    rules_sha256: str


@dataclass(frozen=True)
class Finding:
    """A line of the publish checklist in plain words; it blocks or only warns; ``field`` is where to fix it."""

    message: str | Promise
    blocks: bool = True
    field: str = ""


@dataclass(frozen=True)
class Section:
    """A part of the generated rules page: a heading and its lines."""

    heading: str | Promise
    lines: Sequence[str | Promise] = ()


@dataclass(frozen=True)
class Template:
    """A ready configuration to start from: name, one sentence, kernel fields and the mechanism's settings."""

    key: str
    name: str | Promise
    summary: str | Promise
    campaign: Config
    settings: Config


@dataclass(frozen=True)
class Window:
    """When a campaign takes part: from ``starts_at`` to ``ends_at`` (exclusive), daily between two wall-clock times."""

    starts_at: datetime
    ends_at: datetime
    daily_from: time | None = None
    daily_to: time | None = None


@dataclass(frozen=True)
class FieldGroup:
    """Fields that a marketer thinks of together: a heading, the names of the form's fields, and a line of help."""

    title: str | Promise
    fields: tuple[str, ...]
    hint: str | Promise = ""


class SettingsForm(Protocol):
    """A Django form over a mechanism's settings: ``form_class()(data, prefix="settings", settings={...})``.

    ``data`` is ``None`` for a fresh form, ``settings`` the JSON form of the draft. The kernel's page shows ``groups``
    in order, each as a box with its fields; a field of no group is not shown.
    """

    groups: Sequence[FieldGroup]

    def is_valid(self) -> bool:
        """As any Django form."""
        ...

    def settings(self) -> Config:
        """The settings in JSON form; only after ``is_valid()``."""
        ...


class Mechanism(Protocol):
    """A way to take part (check-in, draw, …). ``settings`` are plain dicts in the mechanism's own JSON form.

    ``campaign`` is what ``Published.config["campaign"]`` holds: ``id mechanism name code goal`` (texts), ``starts_at
    ends_at`` (RFC 3339), ``daily_from daily_to`` (``HH:MM`` or null), ``day_cut_hour`` (0–5), ``organiser contact
    share_title`` (texts), ``audience`` (``new_only new_days exclude_staff adults_only``), ``limits``
    (``per_member_per_day per_member per_day total``, each a number ≥ 1 or absent), ``budget_fen`` (or null).
    """

    name: str  # the slice's label, such as "checkins"
    label: str | Promise
    icon: str  # a Material Symbols name for the admin

    # Optional: ``limits`` (names of ``campaign["limits"]`` that the mechanism enforces; none without it) and
    # ``preview_template`` (draws ``preview`` in a phone's frame; without it the page shows names and values).

    def settings_of(self, campaign_id: UUID) -> Config:
        """The editable settings of a draft as JSON; these are frozen at publishing."""
        ...

    def save_settings(self, campaign_id: UUID, settings: Config) -> None:
        """A part: write the editable settings (from a template or a clone)."""
        ...

    def check(self, campaign: Config, settings: Config) -> list[Finding]:
        """What stands against publishing, in plain words."""
        ...

    def rules(self, campaign: Config, settings: Config, lang: str) -> list[Section]:
        """The mechanism's part of the rules page in ``zh-hans`` or ``en``."""
        ...

    def simulate(self, campaign: Config, settings: Config) -> list[tuple[str | Promise, str]]:
        """Lines of (label, value) on what it will cost: for a check-in the cost of a full streak."""
        ...

    def preview(self, campaign: Config, settings: Config) -> Config:
        """What a member will see, in the shape of the consumer API."""
        ...

    def templates(self) -> list[Template]:
        """Configurations to start from."""
        ...

    def is_relaxation(self, old: Config, new: Config) -> bool:
        """Whether ``new`` settings are only in the members' favour compared to ``old`` (for a running campaign)."""
        ...

    def form_class(self) -> type[Any]:
        """The :class:`SettingsForm` with which the admin edits the settings (imported inside, since it is Django's)."""
        ...


def limits_of(mechanism: Mechanism) -> tuple[str, ...]:
    """The limits that ``mechanism`` enforces; no others can be set."""
    return tuple(getattr(mechanism, "limits", ()))


mechanisms: Registry[Mechanism] = Registry("mechanism")
