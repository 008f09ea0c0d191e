"""The earning as one PostgreSQL statement writes the rows that the sequential one writes."""

from datetime import date

import pytest
from django.db import IntegrityError

from core import clock, sql
from core.commands import scope
from members.points import services
from members.points.models import PointsAccount, PointsEntry, PointsLot
from members.points.rules import Cap, CapMode, Policy
from tests.factories.accounts import make_member
from tests.factories.points import act, earn, spend

pytestmark = [pytest.mark.django_db]
STATEMENT = (
    "WITH go AS (SELECT 1 WHERE {go}), {ctes} SELECT id, seq, balance_after AS balance, debt_after AS debt "
    "FROM points_entry"
)


def fragment(member, points, key, *, go="TRUE", **arguments):
    at = clock.now()
    with scope():
        made = services.earn_fragment(
            member_id=member.pk, points=points, source_kind="f", source_key=key, label="l", at=at,
            on=clock.business_date(at), after="go", **arguments,
        )  # fmt: skip
        assert made is not None
        return sql.fetch_one(STATEMENT.format(go=go, ctes=made.ctes), made.params)


def sequential(member, points, key, **arguments):
    return earn(member, points, source_kind="f", source_key=key, label="l", **arguments)


def rows_of(member):
    entries = PointsEntry.objects.filter(member=member).order_by("seq").values(
        "seq", "kind", "delta", "balance_after", "debt_after", "label", "source_kind", "source_key", "expires_on",
        "occurred_at", "business_on",
    )  # fmt: skip
    account = PointsAccount.objects.values("balance", "debt", "held", "seq").get(member=member)
    lots = PointsLot.objects.filter(member=member).order_by("expires_on").values("expires_on", "remaining", "is_open")
    return list(entries), account, list(lots)


def tell(member, clock, write):
    """A story with a first entry, a second one of the same lot, a debt that is repaid in two steps, a last day."""
    write(member, 5, "1")
    write(member, 7, "2")
    spend(member, 12, source_key="s", label="l")
    act(services.reverse_source, member, source_kind="f", source_key="2", label="l")
    write(member, 3, "3")
    write(member, 4, "4")
    write(member, 9, "5")
    write(member, 2, "6", expires_on=date(9999, 12, 31))


@pytest.mark.postgres
def test_both_forms_write_the_same_rows(clock, member, monkeypatch):
    other = make_member()
    tell(member, clock, sequential)
    tell(other, clock, fragment)

    def without_keys(rows):
        entries, account, lots = rows
        return [{**entry, "source_key": entry["source_key"][:1]} for entry in entries], account, lots

    mine, theirs = without_keys(rows_of(member)), without_keys(rows_of(other))
    for entries in (mine[0], theirs[0]):
        entries[3]["source_key"] = "reversed"
    assert mine == theirs
    assert mine[1] == {"balance": 11, "debt": 0, "held": 0, "seq": 8}


@pytest.mark.postgres
def test_it_answers_with_the_entry(clock, member):
    assert fragment(member, 5, "1") | {"id": 0} == {"id": 0, "seq": 1, "balance": 5, "debt": 0}


@pytest.mark.postgres
def test_without_a_row_to_follow_it_writes_nothing(clock, member):
    assert fragment(member, 5, "1", go="FALSE") is None
    assert not PointsEntry.objects.filter(member=member).exists()


@pytest.mark.postgres
def test_a_known_source_fails_as_a_whole(clock, member):
    fragment(member, 5, "1")
    before = rows_of(member)

    with pytest.raises(IntegrityError):
        fragment(member, 5, "1")

    assert rows_of(member) == before


def test_a_capped_source_has_no_fragment(clock, member):
    services.set_policy(policy=Policy(caps=(Cap("all", ("*",), 5, CapMode.CUT),)), actor=None, reason="test")

    with scope():
        made = services.earn_fragment(
            member_id=member.pk, points=5, source_kind="f", source_key="1", label="l", at=clock.now,
            on=clock.now.date(), after="go",
        )  # fmt: skip

    assert made is None
