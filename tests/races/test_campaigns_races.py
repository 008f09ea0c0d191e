"""Races of publishing: one draft becomes one version, and of two overlapping campaigns one is published."""

from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from core import sql
from engagement.campaigns import errors, services
from engagement.campaigns.contract import mechanisms
from engagement.campaigns.models import Campaign, CampaignVersion
from engagement.campaigns.services import publishing
from tests.engagement.campaigns.conftest import at
from tests.engagement.campaigns.pebbles import Pebbles
from tests.races.harness import RACE, Race, patched, pause, without_constraint

pytestmark = RACE


@pytest.fixture
def pebbles():
    """The fake mechanism, registered for one test."""
    fake: Any = Pebbles()
    mechanism = mechanisms.register("pebbles", fake)
    yield mechanism
    mechanisms.unregister("pebbles")


def make_draft(name: str = "沙滩捡石子") -> Campaign:
    period = {"starts_at": at("2030-12-01"), "ends_at": at("2030-12-31")}
    campaign = services.create_from_template(mechanism="pebbles", template_key="beach", name=name, actor=None, **period)
    fields = {"organiser": "山野茶集", "contact": "400-000-0000"}
    return services.edit_draft(campaign=campaign, revision=0, fields=fields, settings=None, actor=None)


def fresh_start() -> None:
    Campaign.objects.update(current_version=None, status="draft")
    CampaignVersion.objects.all().delete()
    Campaign.objects.all().delete()


@contextmanager
def unguarded_claim():
    """Publishing reads the status, thinks, and writes: no claim, no gate, no unique number or event."""
    from core.models import Event

    def read_then_write(statement, params, **kinds):
        found = Campaign.objects.filter(pk=params["id"], status="draft").exists()
        pause()
        return {"revision": 1} if found else None

    with ExitStack() as stack:
        stack.enter_context(without_constraint(CampaignVersion, "campaign_version_once"))
        stack.enter_context(without_constraint(Event, "core_event_event_id_key"))
        stack.enter_context(patched(publishing, "ENTER_GATE", "SELECT %(mechanism)s::text, %(now)s"))
        stack.enter_context(patched(sql, "fetch_one", read_then_write))
        yield


def test_two_publishes_at_once_make_one_version(pebbles):
    def given():
        fresh_start()
        return make_draft()

    def violations(campaign, outcomes):
        versions = CampaignVersion.objects.filter(campaign=campaign).count()
        return abs(versions - 1) + abs(sum(each.succeeded for each in outcomes) - 1)

    race = Race(
        "campaigns: publish one draft", 8, given, lambda campaign, _n: services.publish(campaign=campaign, actor=None),
        violations, refusals=(errors.WrongStatus,),
    )  # fmt: skip
    race.prove(unguarded_claim).ensure()


@contextmanager
def open_gate():
    """Publishers of one mechanism don't wait for each other."""
    check = Pebbles.check

    def slow_check(self, campaign, settings):
        found = check(self, campaign, settings)
        pause()
        return found

    with (
        patched(publishing, "ENTER_GATE", "SELECT %(mechanism)s::text, %(now)s"),
        patched(Pebbles, "check", slow_check),
    ):
        yield


def test_of_overlapping_campaigns_only_one_is_published(pebbles):
    def given():
        fresh_start()
        return [make_draft(name=str(number)) for number in range(6)]

    def violations(drafts, outcomes):
        return abs(Campaign.objects.filter(status="scheduled").count() - 1)

    race = Race(
        "campaigns: publish overlapping ones", 6, given,
        lambda drafts, n: services.publish(campaign=drafts[n], actor=None),
        violations, refusals=(errors.NotPublishable,),
    )  # fmt: skip
    race.prove(open_gate).ensure()
