"""Hand-written SQL: what goes in comes out, on both databases."""

import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from core import sql
from core.models import Event, StockShard

pytestmark = pytest.mark.django_db
INSERT = """
INSERT INTO core_event (event_id, topic, version, member_id, campaign_id, subject, payload, occurred_at, business_on,
                        is_test, delivered_at, attempts, available_at, dead)
VALUES (%(id)s, 'test', 1, %(member)s, %(campaign)s, '100 %%', %(payload)s, %(at)s, %(day)s,
        %(test)s, %(none)s, 0, %(at)s, %(no)s)
RETURNING id, event_id, campaign_id, payload, occurred_at, business_on, is_test, delivered_at, member_id
"""
KINDS = {
    "event_id": "uuid", "campaign_id": "uuid", "payload": "json", "occurred_at": "datetime", "business_on": "date",
    "is_test": "bool", "delivered_at": "datetime",
}  # fmt: skip
AT = datetime(2026, 11, 22, 9, 30, 15, 123456, tzinfo=timezone(timedelta(hours=8)))


def insert(**changed: Any) -> dict[str, Any]:
    values = {
        "id": uuid.uuid4(), "member": 2**40, "campaign": None, "payload": {"名": ["茶", 1, None]}, "at": AT,
        "day": date(2028, 2, 29), "test": True, "none": None, "no": False,
    }  # fmt: skip
    row = sql.fetch_one(INSERT, values | changed, **KINDS)
    assert row is not None
    return row | {"given": values | changed}


def test_values_come_back_as_they_went_in() -> None:
    row = insert(campaign=uuid.UUID(int=7))

    given = row["given"]
    assert row["event_id"] == given["id"]
    assert row["campaign_id"] == uuid.UUID(int=7)
    assert row["payload"] == {"名": ["茶", 1, None]}
    assert (row["occurred_at"], row["occurred_at"].utcoffset()) == (AT, timedelta())
    assert (row["business_on"], row["is_test"], row["delivered_at"]) == (date(2028, 2, 29), True, None)
    assert row["member_id"] == 2**40


def test_the_orm_reads_what_was_written_by_hand_and_the_other_way_round() -> None:
    row = insert()

    event = Event.objects.get(event_id=row["event_id"])
    assert (event.occurred_at, event.payload, event.business_on, event.is_test, event.subject) == (
        AT, row["payload"], date(2028, 2, 29), True, "100 %",
    )  # fmt: skip
    Event.objects.filter(pk=event.pk).update(occurred_at=AT + timedelta(microseconds=1), payload=[1])
    again = sql.fetch_one("SELECT occurred_at, payload FROM core_event", occurred_at="datetime", payload="json")
    assert again == {"occurred_at": AT + timedelta(microseconds=1), "payload": [1]}


def test_times_written_by_hand_and_by_the_orm_sort_together() -> None:
    first, second = insert(), insert(at=AT.replace(microsecond=0) + timedelta(seconds=1))
    Event.objects.filter(event_id=first["event_id"]).update(occurred_at=AT.astimezone(UTC))

    rows = sql.fetch_all(
        "SELECT event_id FROM core_event WHERE occurred_at > %(at)s ORDER BY occurred_at", {"at": AT}, event_id="uuid"
    )

    assert [row["event_id"] for row in rows] == [second["event_id"]]


def test_nothing_matched_is_none_and_an_empty_list() -> None:
    assert sql.fetch_one("SELECT id FROM core_event WHERE id = %(id)s", {"id": -1}) is None
    assert sql.fetch_all("SELECT id FROM core_event") == []


def test_a_statement_without_parameters_keeps_its_percent_sign() -> None:
    assert sql.fetch_one("SELECT '5 %' AS text") == {"text": "5 %"}


def test_execute_counts_the_rows_it_touched() -> None:
    insert(), insert()

    assert sql.execute("UPDATE core_event SET attempts = attempts + %(n)s", {"n": 1}) == 2
    assert sql.execute("UPDATE core_event SET attempts = 0 WHERE id = %(id)s", {"id": -1}) == 0


def test_execute_many_runs_once_for_each_set() -> None:
    rows = [{"pool": f"p{number}", "n": number} for number in range(3)]

    sql.execute_many(
        "INSERT INTO core_stockshard (pool_kind, pool_id, shard, remaining) VALUES ('t', %(pool)s, 0, %(n)s)", rows
    )

    assert list(StockShard.objects.order_by("pool_id").values_list("remaining", flat=True)) == [0, 1, 2]


def test_a_broken_constraint_is_an_integrity_error() -> None:
    row = insert()

    with pytest.raises(IntegrityError), transaction.atomic():
        insert(id=row["event_id"])


@pytest.mark.django_db(transaction=True)
def test_a_returning_of_many_rows_can_be_committed() -> None:
    with transaction.atomic():
        insert(), insert()
    with transaction.atomic():
        first = sql.fetch_one("UPDATE core_event SET attempts = 5 RETURNING id")

    assert first is not None
    assert set(Event.objects.values_list("attempts", flat=True)) == {5}


def test_null_is_not_distinct_from_null() -> None:
    StockShard.objects.create(pool_kind="t", pool_id="p", day=None, shard=0, remaining=1)
    statement = "SELECT remaining FROM core_stockshard WHERE day IS NOT DISTINCT FROM %(day)s"

    assert sql.fetch_one(statement, {"day": None}) == {"remaining": 1}
    assert sql.fetch_one(statement, {"day": date(2026, 11, 22)}) is None


def test_locks_are_asked_for_only_where_there_are_any() -> None:
    suffixes = (sql.for_update(), sql.skip_locked())

    if connection.vendor == "sqlite":
        assert suffixes == ("", "")
    else:
        assert suffixes == (" FOR UPDATE", " FOR UPDATE SKIP LOCKED")
        assert sql.fetch_all(f"SELECT id FROM core_event{suffixes[1]}") == []


@pytest.mark.postgres
def test_one_statement_is_prepared_once_whatever_the_size_of_its_integers() -> None:
    for number in (1, 2**20, 2**40):
        sql.fetch_all("SELECT CAST(%(n)s AS bigint) AS prepared_once", {"n": number})

    plans = sql.fetch_all("SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%AS prepared_once'")
    assert len(plans) == 1
