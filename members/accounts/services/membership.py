"""Joining: a visitor becomes a member once."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from core import clock, randomness, sql
from core import errors as core_errors
from core.api.auth import Caller
from core.commands import command, part
from core.events import publish
from members.accounts import contract, events, rules, selectors
from members.accounts.models import Consent, Member
from members.accounts.rules import ConsentGiven

BECOME_MEMBER = """
UPDATE accounts_member SET joined_at = %(at)s, member_no = %(member_no)s
 WHERE id = %(id)s AND token_version = %(version)s AND joined_at IS NULL AND blocked_at IS NULL
   AND merged_into_id IS NULL
RETURNING id
"""
NUMBER_TRIES = 5  # of 10^11 numbers: with a hundred million members one try in a thousand finds its number taken


@command
def join(*, caller: Caller, consents: Sequence[ConsentGiven], place: str = "api") -> Member:
    """Make the caller a member, with a member number and the given consents; again: the member as it is.

    ``ConsentRequired`` without a yes to terms and privacy policy.
    """
    member = selectors.get_member(caller)
    if member.is_joined:
        return member
    rules.ensure_consents(consents)
    enrol(member=member, consents=consents, place=place, at=clock.now())
    return selectors.get_member(caller)


@part
def enrol(*, member: Member, consents: Sequence[ConsentGiven], place: str, at: datetime) -> None:
    """Make the visitor a member and call the joining parts; nothing happens if another request was first."""
    if not _become_member(member, at):
        return
    Consent.objects.bulk_create(
        Consent(member=member, purpose=each.purpose, version=each.version, given=each.given, at=at, place=place)
        for each in consents
    )
    for act in contract.joined.values():
        act(contract.Joined(member.pk, at))
    publish(events.Joined(member_id=member.pk, is_test=member.is_test), occurred_at=at)


def _become_member(member: Member, at: datetime) -> bool:
    """Whether this request made the visitor a member; a number that is taken is drawn again."""
    for _ in range(NUMBER_TRIES):
        number = rules.member_no(randomness.digits(11))
        try:
            with transaction.atomic():
                row = sql.fetch_one(
                    BECOME_MEMBER,
                    {"id": member.pk, "version": member.token_version, "at": at, "member_no": number},
                )
        except IntegrityError:
            continue
        return row is not None
    raise core_errors.Busy
