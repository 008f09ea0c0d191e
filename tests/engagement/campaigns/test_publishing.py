"""Publishing: the checklist, the frozen version, and that a refusal leaves nothing behind."""

import hashlib

import pytest
from django.db import IntegrityError, transaction

from core.models import AuditEntry, Event
from engagement.campaigns import errors, selectors, services
from engagement.campaigns.models import Campaign, CampaignVersion
from tests.engagement.campaigns.conftest import at

pytestmark = pytest.mark.django_db


def test_publishing_freezes_the_configuration(clock, draft, staff):
    campaign = draft()

    version = services.publish(campaign=campaign, actor=staff)

    campaign.refresh_from_db()
    assert (campaign.status, campaign.current_version_id, version.number) == ("scheduled", version.pk, 1)
    assert version.config["settings"] == {"pebbles": 1, "slogan": "hi"}
    assert version.config["campaign"] == campaign.as_config()
    assert version.rules_sha256 == hashlib.sha256(version.rules_zh.encode()).hexdigest()
    assert version.published_by == staff


def test_rules_page_says_what_members_must_know_in_both_languages(clock, draft, staff):
    version = services.publish(campaign=draft(limits={"per_member_per_day": 1}), actor=staff)

    for text in ("2026-12-01 00:00", "2026-12-31 00:00", "08:00", "22:00", "山野茶集", "400-000-0000", "怎么玩"):
        assert text in version.rules_zh
    assert "一、活动时间" in version.rules_zh
    assert "每人每天最多 1 次" in version.rules_zh
    assert "1. Period" in version.rules_en
    assert "How to play" in version.rules_en


def test_a_campaign_whose_start_has_passed_runs_at_once_and_says_so_once(clock, draft, staff):
    campaign = draft(starts_at=at("2026-11-01 00:00"))

    services.publish(campaign=campaign, actor=staff)
    services.sweep()

    topics = list(Event.objects.filter(campaign_id=campaign.pk).order_by("id").values_list("topic", flat=True))
    assert topics == ["campaigns.published", "campaigns.started"]
    assert Campaign.objects.get(pk=campaign.pk).status == "running"


@pytest.mark.parametrize(
    ("fields", "settings", "field"),
    [
        ({"organiser": " "}, None, "/organiser"),
        ({"contact": ""}, None, "/contact"),
        ({"budget_fen": 0}, None, "/budget_fen"),
        ({"ends_at": at("2027-12-03 00:00")}, None, "/ends_at"),
        ({"starts_at": at("2026-11-01 00:00"), "ends_at": at("2026-11-22 08:59")}, None, "/ends_at"),
        ({"share_title": "转发朋友圈领好礼"}, None, "/share_title"),
        ({}, {"pebbles": 0, "slogan": ""}, "/settings/pebbles"),
        ({}, {"pebbles": 1, "slogan": "最终 解释权归本店"}, "/settings/slogan"),
    ],
)
def test_publishing_is_refused_and_leaves_nothing(clock, draft, staff, fields, settings, field):
    campaign = draft(settings=settings, **fields)
    before = (campaign.revision, AuditEntry.objects.count())

    with pytest.raises(errors.NotPublishable) as refused:
        services.publish(campaign=campaign, actor=staff)

    assert field in {each.pointer for each in refused.value.errors}
    campaign.refresh_from_db()
    assert (campaign.status, campaign.current_version_id) == ("draft", None)
    assert (campaign.revision, AuditEntry.objects.count()) == before
    assert not CampaignVersion.objects.exists()
    assert not Event.objects.exists()


def test_overlapping_campaigns_are_refused_by_the_mechanism(clock, draft, staff):
    services.publish(campaign=draft(name="first"), actor=staff)
    second = draft(name="second", starts_at=at("2026-12-30 00:00"), ends_at=at("2027-01-05 00:00"))

    with pytest.raises(errors.NotPublishable) as refused:
        services.publish(campaign=second, actor=staff)

    assert [each.message for each in refused.value.errors] == ["Overlaps with first."]
    touching = draft(name="third", starts_at=at("2026-12-31 00:00"), ends_at=at("2027-01-05 00:00"))
    assert services.publish(campaign=touching, actor=staff).number == 1


def test_a_published_campaign_is_not_published_or_edited_again(clock, draft, staff):
    campaign = draft()
    services.publish(campaign=campaign, actor=staff)

    with pytest.raises(errors.WrongStatus):
        services.publish(campaign=campaign, actor=staff)
    with pytest.raises(errors.WrongStatus):
        services.edit_draft(campaign=campaign, revision=2, fields={"name": "other"}, settings=None, actor=staff)

    assert CampaignVersion.objects.count() == 1
    assert Campaign.objects.get(pk=campaign.pk).name == "沙滩捡石子"


def test_a_version_is_never_written_again(clock, draft, staff):
    version = services.publish(campaign=draft(), actor=staff)
    version.rules_zh = "anything"

    with pytest.raises(IntegrityError), transaction.atomic():
        version.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        CampaignVersion.objects.create(
            campaign=version.campaign, number=1, config={}, published_at=version.published_at
        )

    assert CampaignVersion.objects.get().rules_zh != "anything"


def test_a_version_is_read_once_after_it_is_committed(draft, staff, django_assert_num_queries, clock):
    version = services.publish(campaign=draft(), actor=staff)

    with django_assert_num_queries(2):  # inside the test's transaction nothing may be remembered
        selectors.published(version.pk)
        selectors.published(version.pk)
    selectors._remember(selectors.as_published(version))
    with django_assert_num_queries(0):
        assert selectors.published(version.pk).config["settings"]["pebbles"] == 1
