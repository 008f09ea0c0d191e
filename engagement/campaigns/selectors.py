"""Reads of campaigns. Hot SELECTs of mechanisms join ``campaigns_campaign c`` and take :data:`CAMPAIGN_COLUMNS`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext

from core import clock, errors, sql
from core.api.pagination import decode
from engagement.campaigns import rules
from engagement.campaigns.contract import Config, Published, Window
from engagement.campaigns.models import Campaign, CampaignVersion
from members.accounts.selectors import MEMBER_COLUMNS

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


def _running_rows(mechanism: str | None, cursor: str | None, now: datetime) -> QuerySet[Campaign]:
    found = running(mechanism, now=now).order_by("-id")
    if cursor:
        try:
            return found.filter(pk__lt=UUID(decode(cursor)))
        except ValueError:
            raise errors.InvalidCursor from None
    return found


def page_of_running(*, mechanism: str | None, cursor: str | None, limit: int) -> list[dict[str, Any]]:
    """Up to ``limit + 1`` running campaigns as the API gives them, the newest first. One query."""
    now = clock.now()
    return [brief(each, now) for each in _running_rows(mechanism, cursor, now)[: limit + 1]]


def brief(campaign: Campaign, now: datetime) -> dict[str, Any]:
    """A campaign in a list of the API."""
    status = rules.status_at(campaign.status, campaign.window, now)
    return {
        "id": str(campaign.pk),
        "mechanism": campaign.mechanism,
        "name": campaign.name,
        "status": "ended" if status is rules.Status.ARCHIVED else status.value,
        "starts_at": clock.iso(campaign.starts_at),
        "ends_at": clock.iso(campaign.ends_at),
        "is_open": status is rules.Status.RUNNING and rules.is_open_daily(campaign.window, now),
    }


def get_detail(campaign_id: UUID) -> dict[str, Any]:
    """A published campaign as the API gives it; ``NotFound`` for a draft. At most two queries, mostly one."""
    campaign, version = get_published(campaign_id)
    kernel = version.config["campaign"]
    audience = kernel["audience"]
    shown = {name: bool(audience.get(name)) for name in ("new_only", "adults_only", "exclude_staff")}
    return brief(campaign, clock.now()) | {
        **{name: kernel[name] for name in ("daily_from", "daily_to", "organiser", "contact", "share_title")},
        "audience": shown | {"new_days": audience.get("new_days")},
        "version": version.number,
        "rules_sha256": version.rules_sha256,
    }


def get_rules(campaign_id: UUID, number: int | None) -> dict[str, Any]:
    """A version's rules page as the API gives it; ``NotFound`` when there is none. One query."""
    version = get_version(campaign_id, number)
    return {
        "campaign_id": str(campaign_id),
        "version": version.number,
        "rules_zh": version.rules_zh,
        "rules_en": version.rules_en,
        "rules_sha256": version.rules_sha256,
        "published_at": clock.iso(version.published_at),
    }


HOME_CAMPAIGNS = 10
READ_HOME = f"""
SELECT c.id, c.mechanism, c.name, c.audience, c.daily_from, c.daily_to, {CAMPAIGN_COLUMNS}, {MEMBER_COLUMNS}
  FROM campaigns_campaign c JOIN accounts_member m ON m.id = %(member)s
 WHERE c.status IN ('scheduled', 'running') AND c.starts_at <= %(now)s AND c.ends_at > %(now)s
 ORDER BY c.ends_at, c.id LIMIT 50
"""  # noqa: S608 - names of columns, nothing from outside


def get_home(member_id: int) -> list[dict[str, Any]]:
    """The running campaigns that are open to the member (a visitor sees what joining would open). One statement."""
    now = clock.now()
    kinds = {"id": "uuid", "audience": "json", "member_joined_at": "datetime", "member_birthday": "date"}
    rows = sql.fetch_all(READ_HOME, {"member": member_id, "now": now}, **kinds, **CAMPAIGN_KINDS)
    return [_home_item(row, now) for row in rows if _may_see(row, now)][:HOME_CAMPAIGNS]


def _may_see(row: sql.Row, now: datetime) -> bool:
    return row["member_joined_at"] is None or rules.is_eligible(row["audience"], facts_of(row), now)


def _home_item(row: sql.Row, now: datetime) -> dict[str, Any]:
    hours = [rules.parse_time(row[name]) for name in ("daily_from", "daily_to")]
    window = Window(row["campaign_starts_at"], row["campaign_ends_at"], *hours)
    return {
        "id": str(row["id"]),
        "mechanism": row["mechanism"],
        "name": row["name"],
        "status": rules.Status.RUNNING.value,
        "starts_at": clock.iso(window.starts_at),
        "ends_at": clock.iso(window.ends_at),
        "is_open": rules.is_open_daily(window, now),
    }


def budget_of(version: Published) -> str:
    """The budget that rewards of the campaign are paid from (``members.rewards``), or "" when it has none."""
    return "" if version.config["campaign"]["budget_fen"] is None else budget_name(version.campaign_id)


def budget_name(campaign_id: UUID) -> str:
    """What the campaign's budget is called."""
    return f"campaign:{campaign_id}"


def get_running_figure() -> tuple[str, str]:
    """For the dashboard: how many campaigns run by the clock and how many are to come. One query."""
    now = clock.now()
    live = Q(status__in=[rules.Status.SCHEDULED, rules.Status.RUNNING], ends_at__gt=now)
    counts = Campaign.objects.aggregate(
        running=Count("id", filter=live & Q(starts_at__lte=now)), coming=Count("id", filter=live & Q(starts_at__gt=now))
    )
    return str(counts["running"]), gettext("%(count)d more to come") % {"count": counts["coming"]}


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
