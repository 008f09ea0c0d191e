"""Reads of campaigns. Hot SELECTs of mechanisms join ``campaigns_campaign c`` and take :data:`CAMPAIGN_COLUMNS`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from core import clock, errors
from engagement.campaigns import rules
from engagement.campaigns.contract import Config, Published, Window
from engagement.campaigns.models import Campaign, CampaignVersion

CAMPAIGN_COLUMNS = (
    "c.status AS campaign_status, c.current_version_id AS campaign_version_id, "
    "c.starts_at AS campaign_starts_at, c.ends_at AS campaign_ends_at"
)
CAMPAIGN_KINDS = {"campaign_starts_at": "datetime", "campaign_ends_at": "datetime"}  # for core.sql.fetch_*

CACHED_VERSIONS = 1000  # a few KiB each; versions are immutable, so that only space bounds the cache
_versions: dict[int, Published] = {}


def published(version_id: int) -> Published:
    """The frozen version ``version_id``, from the process's cache; ``NotFound`` when there is none.

    A version read inside a transaction is remembered only once that commits: it might still be rolled back.
    """
    known = _versions.get(version_id)
    if known is not None:
        return known
    version = CampaignVersion.objects.filter(pk=version_id).first()
    if version is None:
        raise errors.NotFound
    found = as_published(version)
    if connection.in_atomic_block:
        transaction.on_commit(lambda: _remember(found))
    else:
        _remember(found)
    return found


def _remember(version: Published) -> None:
    if len(_versions) >= CACHED_VERSIONS:
        _versions.pop(next(iter(_versions)), None)
    _versions[version.version_id] = version


def forget_versions() -> None:
    """Empty the process's cache: for tests, whose rolled-back keys may come again."""
    _versions.clear()


def as_published(version: CampaignVersion) -> Published:
    """The frozen form of a version row."""
    return Published(
        campaign_id=version.campaign_id,
        version_id=version.pk,
        number=version.number,
        mechanism=version.config["campaign"]["mechanism"],
        config=version.config,
        rules_sha256=version.rules_sha256,
    )


def window_of(version: Published, starts_at: datetime, ends_at: datetime) -> Window:
    """The opening hours of a hot row: period from the row, daily hours from its version."""
    kernel = version.config["campaign"]
    return Window(starts_at, ends_at, rules.parse_time(kernel["daily_from"]), rules.parse_time(kernel["daily_to"]))


def open_version(row: Mapping[str, Any], now: datetime) -> Published:
    """The version of a row with :data:`CAMPAIGN_COLUMNS`, or the refusal that says why it is not open at ``now``."""
    if row["campaign_version_id"] is None:  # a draft does not exist for consumers
        raise errors.NotFound
    version = published(row["campaign_version_id"])
    window = window_of(version, row["campaign_starts_at"], row["campaign_ends_at"])
    rules.ensure_open(row["campaign_status"], window, now)
    return version


def facts_of(row: Mapping[str, Any]) -> rules.MemberFacts:
    """What audiences ask, from a row with ``members.accounts.selectors.MEMBER_COLUMNS``."""
    return rules.MemberFacts(
        joined_at=row["member_joined_at"],
        birthday=row["member_birthday"],
        is_insider=bool(row["member_is_test"]),
    )


def get_campaign(campaign_id: UUID | str) -> Campaign:
    """Any campaign, for staff; ``NotFound`` otherwise."""
    try:
        campaign = Campaign.objects.select_related("current_version", "created_by").filter(pk=campaign_id).first()
    except ValidationError:  # the text is not a UUID
        campaign = None
    if campaign is None:
        raise errors.NotFound
    return campaign


def get_published(campaign_id: UUID) -> tuple[Campaign, Published]:
    """A campaign that was published at least once and its current version; ``NotFound`` otherwise."""
    campaign = Campaign.objects.filter(pk=campaign_id, current_version__isnull=False).first()
    if campaign is None or campaign.current_version_id is None:
        raise errors.NotFound
    return campaign, published(campaign.current_version_id)


def get_version(campaign_id: UUID, number: int | None = None) -> CampaignVersion:
    """The version ``number`` of a campaign, or its newest; ``NotFound`` otherwise."""
    versions = CampaignVersion.objects.filter(campaign_id=campaign_id)
    if number is not None:
        versions = versions.filter(number=number)
    version = versions.order_by("-number").first()
    if version is None:
        raise errors.NotFound
    return version


def running(mechanism: str | None = None, *, now: datetime | None = None) -> QuerySet[Campaign]:
    """Campaigns that run by the clock, the one that ends first in front."""
    moment = now or clock.now()
    found = Campaign.objects.filter(
        status__in=[rules.Status.SCHEDULED, rules.Status.RUNNING], starts_at__lte=moment, ends_at__gt=moment
    )
    if mechanism is not None:
        found = found.filter(mechanism=mechanism)
    return found.order_by("ends_at", "id")


def list_running(mechanism: str | None = None, *, limit: int = 50) -> list[Campaign]:
    """The running campaigns, at most ``limit``."""
    return list(running(mechanism)[:limit])


def overlapping(mechanism: str, campaign: Config) -> list[Campaign]:
    """Published campaigns of ``mechanism`` that share a moment with ``campaign`` and are not over: for ``check()``.

    Any two audiences of today's conditions share members, so the period alone decides.
    """
    starts_at, ends_at = datetime.fromisoformat(campaign["starts_at"]), datetime.fromisoformat(campaign["ends_at"])
    return list(
        Campaign.objects.filter(
            Q(ends_at__gt=max(starts_at, clock.now())),
            mechanism=mechanism,
            status__in=sorted(rules.LIVE),
            starts_at__lt=ends_at,
        )
        .exclude(pk=campaign["id"])
        .order_by("starts_at", "id")[:20]
    )
