"""Publishing: the draft becomes a frozen version; afterwards only changes in the members' favour."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from core import audit, clock, sql
from core.commands import command
from core.events import publish as publish_event
from core.models import StaffUser
from engagement.campaigns import errors, rules, selectors
from engagement.campaigns.contract import Config, mechanisms
from engagement.campaigns.events import CampaignPublished, CampaignStarted
from engagement.campaigns.models import Campaign, CampaignVersion
from engagement.campaigns.services.checklist import ensure_publishable
from engagement.campaigns.services.drafts import apply_fields
from engagement.campaigns.services.rules_page import CHINESE, ENGLISH, canonical, rules_text, sha256
from members.rewards.services import set_budget

ENTER_GATE = """
INSERT INTO campaigns_publishgate (mechanism, passed_at) VALUES (%(mechanism)s, %(now)s)
ON CONFLICT (mechanism) DO UPDATE SET passed_at = excluded.passed_at
"""
CLAIM_DRAFT = """
UPDATE campaigns_campaign SET revision = revision + 1 WHERE id = %(id)s AND status = 'draft' RETURNING revision
"""
CLAIM_LIVE = """
UPDATE campaigns_campaign SET revision = revision + 1
 WHERE id = %(id)s AND revision = %(revision)s AND status IN ('scheduled', 'running', 'paused') AND ends_at > %(now)s
RETURNING revision
"""


@command
def publish(*, campaign: Campaign, actor: StaffUser | None) -> CampaignVersion:
    """Freeze the draft as version 1; from then on it runs by the clock.

    The gate makes publishers of one mechanism wait for each other, so that overlap checks see what the others did; the
    claim of the draft lets one of two publishers of the same campaign through. ``NotPublishable`` carries the findings.
    """
    now = clock.now()
    sql.execute(ENTER_GATE, {"mechanism": campaign.mechanism, "now": now})
    if not sql.fetch_one(CLAIM_DRAFT, {"id": campaign.pk}):  # somebody else published or archived it first
        raise errors.WrongStatus
    fresh = Campaign.objects.get(pk=campaign.pk)
    mechanism = mechanisms.get(fresh.mechanism)
    settings = mechanism.settings_of(fresh.pk)
    ensure_publishable(mechanism, fresh.as_config(), settings)
    version = _freeze(fresh, settings, number=1, actor=actor, now=now)
    is_running = fresh.starts_at <= now
    fresh.status = rules.Status.RUNNING if is_running else rules.Status.SCHEDULED
    fresh.started_at = now if is_running else None
    fresh.current_version = version
    fresh.save(update_fields=["status", "started_at", "current_version"])
    _set_budget(fresh)
    _tell(fresh, version, actor, "publish", reason="")
    if is_running:
        publish_event(CampaignStarted(campaign_id=fresh.pk, mechanism=fresh.mechanism))
    return version


@command
def change_running(
    *,
    campaign: Campaign,
    revision: int,
    reason: str,
    fields: Mapping[str, Any],
    settings: Config | None = None,
    actor: StaffUser | None,
) -> CampaignVersion:
    """Change a published campaign in the members' favour: a new version with its own rules page, and an audit row.

    ``ReasonRequired``, ``NotInFavour`` (names the fields), ``NothingChanged``, ``ChangedMeanwhile`` or ``WrongStatus``.
    """
    if not reason.strip():
        raise errors.ReasonRequired
    now = clock.now()
    sql.execute(ENTER_GATE, {"mechanism": campaign.mechanism, "now": now})
    if not sql.fetch_one(CLAIM_LIVE, {"id": campaign.pk, "revision": revision, "now": now}):
        seen = Campaign.objects.get(pk=campaign.pk)
        raise errors.ChangedMeanwhile if seen.is_live else errors.WrongStatus
    fresh = Campaign.objects.select_related("current_version").get(pk=campaign.pk)
    old = _current(fresh)
    changed = apply_fields(fresh, fields)
    new_settings = _ensure_in_favour(fresh, old, settings)
    version = _freeze(fresh, new_settings, number=old.number + 1, actor=actor, now=now)
    fresh.current_version = version
    fresh.save(update_fields=[*changed, "current_version"])
    mechanisms.get(fresh.mechanism).save_settings(fresh.pk, new_settings)
    _set_budget(fresh)
    _tell(fresh, version, actor, "change", reason=reason)
    return version


def _current(campaign: Campaign) -> CampaignVersion:
    if campaign.current_version is None:  # a CHECK of the table says that what is live has one
        raise errors.WrongStatus
    return campaign.current_version


def _ensure_in_favour(fresh: Campaign, old: CampaignVersion, settings: Config | None) -> Config:
    """The settings of the new version, or the refusal that names what would take from members."""
    mechanism = mechanisms.get(fresh.mechanism)
    old_kernel, old_settings = old.config["campaign"], old.config["settings"]
    new_kernel, new_settings = fresh.as_config(), old_settings if settings is None else settings
    if new_kernel == old_kernel and new_settings == old_settings:
        raise errors.NothingChanged
    taken = rules.unfavourable(old_kernel, new_kernel)
    if new_settings != old_settings and not mechanism.is_relaxation(old_settings, new_settings):
        taken.append("settings")
    if taken:
        raise errors.NotInFavour(fields=field_names(taken))
    ensure_publishable(mechanism, new_kernel, new_settings, is_new=False)
    return new_settings


def field_names(names: list[str]) -> str:
    """Fields as a marketer knows them."""
    fields = {field.name: str(field.verbose_name) for field in Campaign._meta.concrete_fields}  # noqa: SLF001 - Django documents it
    return ", ".join(fields.get(name) or _("rewards and rules of play") for name in names)


def _freeze(
    campaign: Campaign, settings: Config, *, number: int, actor: StaffUser | None, now: datetime
) -> CampaignVersion:
    """Insert the version: unique (campaign, number) stands behind the claims."""
    mechanism, kernel = mechanisms.get(campaign.mechanism), campaign.as_config()
    config = {"campaign": kernel, "settings": settings}
    rules_zh = rules_text(mechanism, kernel, settings, CHINESE)
    return CampaignVersion.objects.create(
        campaign=campaign,
        number=number,
        config=config,
        rules_zh=rules_zh,
        rules_en=rules_text(mechanism, kernel, settings, ENGLISH),
        rules_sha256=sha256(rules_zh),
        config_sha256=sha256(canonical(config)),
        published_at=now,
        published_by=actor,
    )


def _set_budget(campaign: Campaign) -> None:
    """Give rewards the campaign's budget; without one they are paid from none and nothing bounds them."""
    if campaign.budget_fen is not None:
        set_budget(budget=selectors.budget_name(campaign.pk), fen=campaign.budget_fen)


def _tell(campaign: Campaign, version: CampaignVersion, actor: StaffUser | None, verb: str, *, reason: str) -> None:
    audit.record(
        actor=actor,
        action=f"campaigns.{verb}",
        subject=campaign.subject,
        reason=reason,
        detail={"number": version.number, "rules_sha256": version.rules_sha256},
    )
    publish_event(
        CampaignPublished(
            campaign_id=campaign.pk, mechanism=campaign.mechanism, number=version.number, version_id=version.pk
        )
    )
