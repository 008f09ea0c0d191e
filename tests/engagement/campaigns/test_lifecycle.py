"""The life of a campaign: by hand, by the clock, and announced once."""

import pytest

from core.models import AuditEntry, Event
from engagement.campaigns import errors, services
from engagement.campaigns.models import Campaign
from tests.engagement.campaigns.conftest import at

pytestmark = pytest.mark.django_db


def status(campaign: Campaign) -> tuple[str, str]:
    fresh = Campaign.objects.get(pk=campaign.pk)
    return fresh.status, fresh.status_now.value


def topics(campaign: Campaign) -> list[str]:
    return list(Event.objects.filter(campaign_id=campaign.pk).order_by("id").values_list("topic", flat=True))


def test_the_clock_decides_before_the_sweep_writes_it_down(clock, draft, staff):
    campaign = draft()
    services.publish(campaign=campaign, actor=staff)

    assert status(campaign) == ("scheduled", "scheduled")
    clock.move_to("2026-12-01 00:00")
    assert status(campaign) == ("scheduled", "running")
    assert services.sweep() == 1
    assert status(campaign) == ("running", "running")
    clock.move_to("2026-12-31 00:00")
    assert status(campaign) == ("running", "ended")
    assert services.sweep() == 1
    assert services.sweep() == 0
    assert topics(campaign) == ["campaigns.published", "campaigns.started", "campaigns.ended"]


def test_a_campaign_that_nobody_swept_while_it_ran_ends_without_a_start(clock, draft, staff):
    campaign = draft()
    services.publish(campaign=campaign, actor=staff)
    clock.move_to("2027-02-01 00:00")

    assert services.sweep() == 1

    assert topics(campaign) == ["campaigns.published", "campaigns.ended"]


def test_pausing_before_the_start_and_resuming_after_it_announces_the_start_once(clock, draft, staff):
    campaign = draft()
    services.publish(campaign=campaign, actor=staff)
    services.pause(campaign=campaign, reason="check", actor=staff)
    clock.move_to("2026-12-02 10:00")
    services.sweep()

    assert status(campaign) == ("paused", "paused")
    services.resume(campaign=campaign, reason="checked", actor=staff)
    services.sweep()
    services.pause(campaign=campaign, reason="again", actor=staff)
    services.resume(campaign=campaign, reason="go on", actor=staff)
    services.sweep()

    assert status(campaign) == ("running", "running")
    assert topics(campaign) == ["campaigns.published", "campaigns.started"]


def test_ending_early_is_final_and_kept_with_its_reason(clock, draft, staff):
    campaign = draft()
    services.publish(campaign=campaign, actor=staff)

    services.end(campaign=campaign, reason="the tea is sold out", actor=staff)

    assert status(campaign) == ("ended", "ended")
    assert Event.objects.get(topic="campaigns.ended").payload == {"mechanism": "pebbles", "early": True}
    last = AuditEntry.objects.latest("id")
    assert (last.action, last.reason, last.actor) == ("campaigns.end", "the tea is sold out", staff)
    services.archive(campaign=campaign, reason="old", actor=staff)
    assert status(campaign) == ("archived", "archived")


@pytest.mark.parametrize("act", ["pause", "resume", "end"])
def test_what_does_not_fit_the_status_is_refused_and_leaves_no_trace(clock, draft, staff, act):
    campaign = draft()
    before = AuditEntry.objects.count()

    with pytest.raises(errors.WrongStatus):
        getattr(services, act)(campaign=campaign, reason="why not", actor=staff)

    assert status(campaign) == ("draft", "draft")
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("act", ["pause", "end", "archive", "resume"])
def test_after_its_end_a_campaign_takes_no_act_until_swept(clock, draft, staff, act):
    campaign = draft()
    services.publish(campaign=campaign, actor=staff)
    clock.move_to(at("2026-12-31 00:00"))

    with pytest.raises(errors.WrongStatus):
        getattr(services, act)(campaign=campaign, reason="late", actor=staff)

    assert status(campaign) == ("scheduled", "ended")


@pytest.mark.parametrize("act", ["pause", "end", "archive", "resume"])
def test_every_act_after_publishing_needs_a_reason(clock, draft, staff, act):
    campaign = draft()

    with pytest.raises(errors.ReasonRequired):
        getattr(services, act)(campaign=campaign, reason="  ", actor=staff)

    assert status(campaign) == ("draft", "draft")
