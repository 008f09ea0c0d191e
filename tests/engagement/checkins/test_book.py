"""The checks of the book find each kind of damage, and nothing in a clean one."""

import pytest

from core import reconcile
from engagement.checkins import services
from engagement.checkins.models import CheckIn, CheckInStanding, MakeUpCard
from tests.factories.accounts import caller_of, make_member
from tests.factories.checkins import give_cards, make_check_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(clock):
    """Three members with two days each; the one in the middle is the damaged one."""
    campaign, members = make_check_in(), [make_member() for _ in range(3)]
    for day in ("22", "23"):
        clock.move_to(f"2026-11-{day} 09:00")
        for member in members:
            services.check_in(caller=caller_of(member), campaign_id=campaign.pk)
    give_cards(members[1], 2)
    return members


def subjects():
    names = ["checkins.standings", "checkins.cards"]
    found = [finding.subject.rsplit(":", 1)[0] for name in names for finding in reconcile.checks.get(name).run()]
    return [subject.split(":")[0] for subject in found], found


def test_a_clean_book_has_no_findings(people):
    assert subjects() == ([], [])


@pytest.mark.parametrize(
    "damage",
    [
        lambda member: CheckInStanding.objects.filter(member=member).update(streak=1),
        lambda member: CheckInStanding.objects.filter(member=member).update(tally=3),
        lambda member: CheckInStanding.objects.filter(member=member).update(last_on="2026-11-24"),
        lambda member: CheckInStanding.objects.filter(member=member).delete(),
        lambda member: CheckIn.objects.filter(member=member).delete(),
        lambda member: CheckIn.objects.filter(member=member, checked_on="2026-11-22").update(kind="frozen", points=0,
                                                                                          streak=0, tally=0),
    ],
)  # fmt: skip
def test_a_damaged_standing_is_found(people, damage):
    damage(people[1])

    assert subjects()[1] == [f"checkins:{people[1].pk}"]


def test_a_changed_count_of_cards_is_found(people):
    MakeUpCard.objects.filter(member=people[1]).update(count=7)

    assert subjects()[0] == ["cards"]
