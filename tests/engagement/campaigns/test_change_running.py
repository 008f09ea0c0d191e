"""Changes of a published campaign: only in the members' favour, with a reason, as a new version."""

import pytest

from core.models import AuditEntry, Event
from engagement.campaigns import errors, services
from engagement.campaigns.models import Campaign, CampaignVersion
from tests.engagement.campaigns.conftest import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def live(clock, draft, staff):
    """A published campaign at revision 2."""
    campaign = draft(limits={"per_day": 10}, audience={"new_only": True, "exclude_staff": True})
    services.publish(campaign=campaign, actor=staff)
    campaign.refresh_from_db()
    return campaign


def change(campaign, staff, reason="members asked", settings=None, revision=2, **fields):
    return services.change_running(
        campaign=campaign, revision=revision, reason=reason, fields=fields, settings=settings, actor=staff
    )


def test_a_change_in_favour_is_a_new_version_with_its_rules_and_an_audit_row(live, staff, pebbles):
    version = change(live, staff, ends_at=at("2027-01-10 00:00"), settings={"pebbles": 3, "slogan": "more"})

    first, second = CampaignVersion.objects.order_by("number")
    assert (version.number, second.pk, first.config["settings"]["pebbles"]) == (2, version.pk, 1)
    assert "2027-01-10 00:00" in second.rules_zh
    assert "2026-12-31 00:00" in first.rules_zh
    fresh = Campaign.objects.get(pk=live.pk)
    assert (fresh.current_version_id, fresh.ends_at) == (version.pk, at("2027-01-10 00:00"))
    assert pebbles.stored[live.pk]["pebbles"] == 3
    assert AuditEntry.objects.latest("id").reason == "members asked"
    assert Event.objects.filter(topic="campaigns.published").count() == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"ends_at": at("2027-01-01")},
        {"budget_fen": 100_001},
        {"budget_fen": None},
        {"limits": {"per_day": 11}},
        {"limits": {}},
        {"audience": {"exclude_staff": True}},
        {"audience": {"exclude_staff": True, "new_only": True, "new_days": 60}},
        {"daily_from": None, "daily_to": None},
        {"contact": "400-111-1111"},
        {"share_title": "来捡石子"},
    ],
)
def test_what_gives_more_or_is_neutral_is_possible(live, staff, fields):
    assert change(live, staff, **fields).number == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "another game"},
        {"starts_at": at("2026-12-02")},
        {"starts_at": at("2026-11-30")},
        {"ends_at": at("2026-12-30")},
        {"budget_fen": 99_999},
        {"limits": {"per_day": 9}},
        {"limits": {"per_day": 10, "total": 5}},
        {"audience": {"new_only": True}},
        {"audience": {"new_only": True, "exclude_staff": True, "new_days": 29}},
        {"audience": {"new_only": True, "exclude_staff": True, "adults_only": True}},
        {"organiser": "somebody else"},
        {"day_cut_hour": 4},
    ],
)
def test_what_takes_is_refused_and_leaves_nothing(live, staff, fields):
    before = live.as_config()

    with pytest.raises(errors.NotInFavour):
        change(live, staff, **fields)

    fresh = Campaign.objects.get(pk=live.pk)
    assert (fresh.as_config(), fresh.revision) == (before, 2)
    assert CampaignVersion.objects.count() == 1


def test_the_mechanism_judges_its_own_settings(live, staff, pebbles):
    with pytest.raises(errors.NotInFavour) as refused:
        change(live, staff, settings={"pebbles": 0, "slogan": "hi"})

    assert refused.value.params["fields"] == "奖励与玩法"
    assert pebbles.stored[live.pk]["pebbles"] == 1


def test_a_change_must_pass_the_checklist_too(live, staff):
    with pytest.raises(errors.NotPublishable):
        change(live, staff, share_title="分享就送十元")

    assert Campaign.objects.get(pk=live.pk).share_title == ""


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ({"reason": " "}, errors.ReasonRequired),
        ({}, errors.NothingChanged),
        ({"revision": 1, "contact": "x"}, errors.ChangedMeanwhile),
    ],
)
def test_a_change_needs_a_reason_a_difference_and_the_newest_state(live, staff, arguments, refusal):
    with pytest.raises(refusal):
        change(live, staff, **arguments)

    assert CampaignVersion.objects.count() == 1


def test_an_ended_campaign_stays_as_it_was(live, staff, clock):
    clock.move_to("2026-12-31 00:00")

    with pytest.raises(errors.WrongStatus):
        change(live, staff, ends_at=at("2027-02-01"))


def test_a_later_end_may_not_run_into_the_next_campaign(live, staff, draft):
    services.publish(campaign=draft(name="next", starts_at=at("2027-01-01"), ends_at=at("2027-01-31")), actor=staff)

    with pytest.raises(errors.NotPublishable):
        change(live, staff, ends_at=at("2027-01-02"))
