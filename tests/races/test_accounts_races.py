"""Races of the accounts: one person, one member number, one birthday a year."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest

from core import audit
from core.models import AuditEntry
from members.accounts import contract, errors, rules, services
from members.accounts.models import Consent, Identity, Member
from members.accounts.rules import ConsentGiven
from members.accounts.services import membership, sessions
from tests.factories.accounts import caller_of, make_member, make_visitor
from tests.races.harness import RACE, Outcomes, Race, patched, without_constraint

pytestmark = RACE

CONSENTS = (ConsentGiven("terms", "1"), ConsentGiven("privacy", "1"))


# ---- first sign-in ---------------------------------------------------------------------------------------------------


def _code() -> str:
    return f"demo-{uuid.uuid4().hex}"


def _sign_in(code: str, _number: int) -> services.SignInResult:
    return services.sign_in(platform="sandbox", app_id="", code=code, launch={})


def _not_one_person(code: str, outcomes: Outcomes) -> int:
    results = [outcome.value for outcome in outcomes if outcome.succeeded]
    people = Identity.objects.filter(openid=code).values("member").distinct().count()
    strays = Member.objects.filter(identities__isnull=True).count()
    told = {result.member.pk for result in results}
    return abs(people - 1) + strays + abs(len(told) - 1) + abs(sum(result.is_new for result in results) - 1)


@contextmanager
def _claiming_naively() -> Iterator[None]:
    bare = sessions.CLAIM_IDENTITY.replace("ON CONFLICT DO NOTHING", "")
    assert bare != sessions.CLAIM_IDENTITY
    with without_constraint(Identity, "identity_once"), patched(sessions, "CLAIM_IDENTITY", bare):
        yield


def test_one_openid_signed_in_by_32_threads_is_one_member() -> None:
    race = Race("accounts: first sign-in of one openid", 32, _code, _sign_in, _not_one_person)

    race.prove(_claiming_naively).ensure()


# ---- joining ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def _counted() -> Iterator[None]:
    """A joining part that leaves a row each time it is called."""

    def count(joined: contract.Joined) -> None:
        audit.record(actor=None, action="test.joined", subject=f"member:{joined.member_id}")

    contract.joined.register("counting", count)
    yield
    contract.joined.unregister("counting")


def _join(visitor: Member, _number: int) -> Any:
    return services.join(caller=caller_of(visitor), consents=CONSENTS).member_no


def _not_joined_once(visitor: Member, outcomes: Outcomes) -> int:
    numbers = {outcome.value for outcome in outcomes if outcome.succeeded}
    visitor.refresh_from_db()
    calls = AuditEntry.objects.filter(subject=f"member:{visitor.pk}").count()
    consents = Consent.objects.filter(member=visitor).count()
    return len(numbers ^ {visitor.member_no}) + abs(calls - 1) + abs(consents - 2)


@contextmanager
def _joining_naively() -> Iterator[None]:
    bare = membership.BECOME_MEMBER.replace("AND joined_at IS NULL", "")
    assert bare != membership.BECOME_MEMBER
    # a second event of the same fact would stop the others too, so that it goes as well
    with patched(membership, "BECOME_MEMBER", bare), patched(membership, "publish", lambda *_args, **_named: None):
        yield


@pytest.mark.usefixtures("_counted")
def test_joining_from_16_threads_gives_one_number_and_calls_the_parts_once() -> None:
    race = Race("accounts: joining at once", 16, make_visitor, _join, _not_joined_once)

    race.prove(_joining_naively).ensure()


# ---- birthday --------------------------------------------------------------------------------------------------------


def _set_birthday(member: Member, number: int) -> Any:
    changes = services.Changes(birthday=date(1980, 1, 1 + number))
    return services.update_profile(caller=caller_of(member), changes=changes).birthday


def _not_changed_once(member: Member, outcomes: Outcomes) -> int:
    kept = {outcome.value for outcome in outcomes if outcome.succeeded}
    member.refresh_from_db()
    return abs(sum(outcome.succeeded for outcome in outcomes) - 1) + len(kept ^ {member.birthday})


def test_16_birthdays_at_once_are_one_change() -> None:
    race = Race(
        "accounts: one birthday a year", 16, make_member, _set_birthday, _not_changed_once,
        refusals=(errors.BirthdayChangedRecently,),
    )  # fmt: skip

    race.prove(lambda: patched(rules, "year_before", lambda _day: date.max)).ensure()
