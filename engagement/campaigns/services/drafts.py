"""Drafts: made from a template or as a copy, edited until published."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings as deployment
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core import audit, clock, ids, randomness, sql
from core.commands import command
from core.errors import FieldError
from core.models import StaffUser
from engagement.campaigns import errors, rules
from engagement.campaigns.contract import Config, Template, mechanisms
from engagement.campaigns.models import Campaign

CODE_SYMBOLS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that looks like something else
EDITABLE = (
    "name", "goal", "starts_at", "ends_at", "daily_from", "daily_to", "day_cut_hour", "organiser", "contact",
    "share_title", "audience", "limits", "budget_fen",
)  # fmt: skip

CLAIM_DRAFT = """
UPDATE campaigns_campaign SET revision = revision + 1
 WHERE id = %(id)s AND status = 'draft' AND revision = %(revision)s RETURNING revision
"""


def find_template(mechanism: str, key: str) -> Template:
    """The template ``key`` of ``mechanism``, or ``UnknownTemplate``."""
    known = mechanisms.get(mechanism).templates() if mechanism in mechanisms else []
    for template in known:
        if template.key == key:
            return template
    raise errors.UnknownTemplate


@command
def create_from_template(
    *, mechanism: str, template_key: str, name: str, starts_at: datetime, ends_at: datetime, actor: StaffUser | None
) -> Campaign:
    """A new draft with the template's configuration. Organiser and contact are those of the newest campaign."""
    template = find_template(mechanism, template_key)
    fields = _last_legal_facts() | _from_json(template.campaign)
    fields |= {"name": name, "starts_at": starts_at, "ends_at": ends_at}
    campaign = _insert(mechanism, fields, actor)
    mechanisms.get(mechanism).save_settings(campaign.pk, template.settings)
    _trail(campaign, actor, "create", template=template_key)
    return campaign


@command
def clone(*, campaign: Campaign, actor: StaffUser | None) -> Campaign:
    """A new draft with the same configuration, beginning tomorrow at the same time of day and as long."""
    starts_at, ends_at = rules.moved_window(
        campaign.starts_at, campaign.ends_at, to=clock.to_local(clock.now()).date() + timedelta(days=1)
    )
    fields = {name: getattr(campaign, name) for name in EDITABLE}
    suffix = _(" (copy)")
    fields |= {"name": campaign.name[: 40 - len(suffix)] + suffix, "starts_at": starts_at, "ends_at": ends_at}
    copy = _insert(campaign.mechanism, fields, actor)
    mechanism = mechanisms.get(campaign.mechanism)
    mechanism.save_settings(copy.pk, mechanism.settings_of(campaign.pk))
    _trail(copy, actor, "clone", of=str(campaign.pk))
    return copy


@command
def edit_draft(
    *, campaign: Campaign, revision: int, fields: Mapping[str, Any], settings: Config | None, actor: StaffUser | None
) -> Campaign:
    """Save ``fields`` (names of :data:`EDITABLE`) and the mechanism's ``settings`` of a draft.

    ``revision`` is the one that the editor saw: ``ChangedMeanwhile`` when somebody saved in between, ``WrongStatus``
    when it is no longer a draft.
    """
    if not sql.fetch_one(CLAIM_DRAFT, {"id": campaign.pk, "revision": revision}):
        is_draft = Campaign.objects.filter(pk=campaign.pk, status=rules.Status.DRAFT).exists()
        raise errors.ChangedMeanwhile if is_draft else errors.WrongStatus
    fresh = Campaign.objects.get(pk=campaign.pk)
    changed = apply_fields(fresh, fields)
    fresh.save(update_fields=changed)
    if settings is not None:
        mechanisms.get(fresh.mechanism).save_settings(fresh.pk, settings)
    _trail(fresh, actor, "edit", fields=sorted(changed))
    return fresh


def apply_fields(campaign: Campaign, fields: Mapping[str, Any]) -> list[str]:
    """Set ``fields`` on ``campaign`` without saving and return the names of those that differ.

    ``InvalidSettings`` names what can't be stored.
    """
    unknown = sorted(set(fields) - set(EDITABLE))
    if unknown:
        raise errors.InvalidSettings([FieldError(f"/{name}", "unknown_field", "") for name in unknown])
    fields = dict(fields)
    for name, normal in (("audience", rules.normal_audience), ("limits", rules.normal_limits)):
        if name in fields:
            fields[name] = normal(fields[name])
    changed = [name for name, value in fields.items() if getattr(campaign, name) != value]
    for name in changed:
        setattr(campaign, name, fields[name])
    _ensure_storable(campaign)
    return changed


def _ensure_storable(campaign: Campaign) -> None:
    """The model's own bounds, as a refusal that names the fields."""
    try:
        campaign.clean_fields(exclude=["current_version", "created_by", "code"])
        campaign.validate_constraints(exclude=["current_version", "code"])
    except ValidationError as error:
        groups = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        found = [FieldError(f"/{name}", "invalid", text) for name, texts in groups.items() for text in texts]
        raise errors.InvalidSettings(found) from None


def _insert(mechanism: str, fields: Mapping[str, Any], actor: StaffUser | None) -> Campaign:
    campaign = Campaign(
        id=ids.uuid7(),
        mechanism=mechanism,
        code=randomness.symbols(8, CODE_SYMBOLS),
        created_by=actor,
        created_at=clock.now(),
        starts_at=fields["starts_at"],
        ends_at=fields["ends_at"],
    )
    apply_fields(campaign, fields)
    campaign.save(force_insert=True)
    return campaign


def _last_legal_facts() -> dict[str, Any]:
    newest = Campaign.objects.exclude(contact="").order_by("-id").values("organiser", "contact").first()
    return dict(newest) if newest else {"organiser": deployment.BRAND_NAME}


def _from_json(kernel: Config) -> dict[str, Any]:
    """A template's kernel fields: wall-clock times come as ``HH:MM``."""
    fields = dict(kernel)
    for name in ("daily_from", "daily_to"):
        if name in fields:
            fields[name] = rules.parse_time(fields[name])
    return fields


def _trail(campaign: Campaign, actor: StaffUser | None, verb: str, **detail: Any) -> None:
    audit.record(actor=actor, action=f"campaigns.{verb}", subject=campaign.subject, detail=detail)
