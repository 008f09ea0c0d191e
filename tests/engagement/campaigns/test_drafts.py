"""Drafts: from a template, as a copy, edited by two people at once."""

from datetime import time

import pytest

from core.models import AuditEntry
from engagement.campaigns import errors, services
from engagement.campaigns.models import Campaign
from tests.engagement.campaigns.conftest import at

pytestmark = pytest.mark.django_db


def test_a_draft_starts_with_the_templates_configuration(clock, draft, pebbles, staff):
    campaign = draft()

    assert (campaign.status, campaign.mechanism, campaign.goal) == ("draft", "pebbles", "retention")
    assert (campaign.daily_from, campaign.daily_to) == (time(8), time(22))
    assert campaign.audience == {"exclude_staff": True}
    assert pebbles.stored[campaign.pk] == {"pebbles": 1, "slogan": "hi"}
    assert len(campaign.code) == 8
    assert [entry.action for entry in AuditEntry.objects.order_by("id")] == ["campaigns.create", "campaigns.edit"]


def test_the_next_draft_takes_over_organiser_and_contact(clock, draft, staff):
    draft(organiser="竹里馆", contact="hi@example.com")

    second = services.create_from_template(
        mechanism="pebbles", template_key="beach", name="又一个", starts_at=at("2026-12-01"), ends_at=at("2026-12-02"),
        actor=staff,
    )  # fmt: skip

    assert (second.organiser, second.contact) == ("竹里馆", "hi@example.com")


@pytest.mark.parametrize("names", [("pebbles", "nothing"), ("nothing", "beach")])
def test_an_unknown_template_makes_no_draft(pebbles, staff, names):
    with pytest.raises(errors.UnknownTemplate):
        services.create_from_template(
            mechanism=names[0], template_key=names[1], name="x", starts_at=at("2026-12-01"), ends_at=at("2026-12-02"),
            actor=staff,
        )  # fmt: skip

    assert not Campaign.objects.exists()


def test_a_clone_is_a_draft_that_begins_tomorrow_and_lasts_as_long(clock, draft, staff, pebbles):
    original = draft(name="沙" * 40, starts_at=at("2026-10-01 10:30"), ends_at=at("2026-10-08 12:00"))

    copy = services.clone(campaign=original, actor=staff)

    assert (copy.starts_at, copy.ends_at) == (at("2026-11-23 10:30"), at("2026-11-30 12:00"))
    assert (copy.status, copy.name, copy.revision) == ("draft", "沙" * 36 + "（副本）", 0)
    assert copy.code != original.code
    assert pebbles.stored[copy.pk] == pebbles.stored[original.pk]
    pebbles.stored[copy.pk]["pebbles"] = 9
    assert pebbles.stored[original.pk]["pebbles"] == 1


def test_the_second_of_two_editors_is_told(clock, draft, staff):
    campaign = draft()
    services.edit_draft(campaign=campaign, revision=1, fields={"name": "first"}, settings=None, actor=staff)

    with pytest.raises(errors.ChangedMeanwhile):
        services.edit_draft(campaign=campaign, revision=1, fields={"name": "second"}, settings=None, actor=staff)

    assert Campaign.objects.get(pk=campaign.pk).name == "first"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"name": "长" * 41}, "/name"),
        ({"day_cut_hour": 6}, "/__all__"),
        ({"budget_fen": -1}, "/__all__"),
        ({"ends_at": at("2026-11-30")}, "/__all__"),
        ({"daily_from": None}, "/__all__"),
        ({"goal": "fame"}, "/goal"),
        ({"status": "running"}, "/status"),
        ({"limits": {"per_day": 0}}, "/limits/per_day"),
        ({"limits": {"per_day": True}}, "/limits/per_day"),
        ({"limits": {"per_moon": 1}}, "/limits/per_moon"),
        ({"audience": {"rich_only": True}}, "/audience/rich_only"),
        ({"audience": {"new_only": True, "new_days": 367}}, "/audience/new_days"),
    ],
)
def test_what_cannot_be_is_not_stored(clock, draft, staff, fields, pointer):
    campaign = draft()
    before = campaign.as_config()

    with pytest.raises(errors.InvalidSettings) as refused:
        services.edit_draft(campaign=campaign, revision=1, fields=fields, settings={"pebbles": 5}, actor=staff)

    assert [each.pointer for each in refused.value.errors] == [pointer]
    stored = Campaign.objects.get(pk=campaign.pk)
    assert (stored.as_config(), stored.revision) == (before, 1)
