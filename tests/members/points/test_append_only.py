"""Entries and allocations can't be changed or deleted, by whatever path: the database itself refuses."""

import pytest
from django.db import DatabaseError, connection, transaction

from members.points.models import PointsAllocation, PointsEntry
from tests.factories.points import earn, everything, spend

pytestmark = pytest.mark.django_db


@pytest.fixture
def written(member, clock):
    """An earning and a spending, so that there is an entry and an allocation."""
    earn(member, 5)
    spend(member, 2)
    return everything()


def run(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement, None)


def first(model):
    return model.objects.order_by("pk").first()


def save_again(model):
    first(model).save()


def save_changed(model):
    row = first(model)
    row.__dict__["delta" if model is PointsEntry else "amount"] = 99
    super(model, row).save(force_update=True)


PATHS = {
    "saved": save_again,
    "updated": save_changed,
    "updated in bulk": lambda model: model.objects.update(**{"label" if model is PointsEntry else "amount": 7}),
    "bulk_update": lambda model: model.objects.bulk_update(
        [first(model)], ["label" if model is PointsEntry else "amount"]
    ),
    "deleted": lambda model: model.objects.filter(pk=first(model).pk)._raw_delete(model.objects.db),
    "deleted in bulk": lambda model: model.objects.all()._raw_delete(model.objects.db),
    "SQL update": lambda model: run(f"UPDATE {model._meta.db_table} SET id = id"),
    "SQL delete": lambda model: run(f"DELETE FROM {model._meta.db_table}"),
    "upsert": lambda model: run(
        f"INSERT INTO {model._meta.db_table} SELECT * FROM {model._meta.db_table} WHERE id > 0 "
        "ON CONFLICT (id) DO UPDATE SET id = excluded.id"
    ),
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("model", [PointsEntry, PointsAllocation])
def test_it_is_refused(written, model, path):
    with pytest.raises(DatabaseError), transaction.atomic():
        PATHS[path](model)

    assert everything() == written


def test_a_member_with_entries_cannot_be_deleted(written, member):
    from django.db.models import ProtectedError

    with pytest.raises(ProtectedError):
        member.delete()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["points_pointsentry", "points_pointsallocation"])
def test_the_table_cannot_be_emptied(written, table):
    run(f"ALTER TABLE {table} ENABLE TRIGGER {table}_no_truncate")  # off in the test database, for its own flush
    try:
        with pytest.raises(DatabaseError, match="append-only"):
            run(f"TRUNCATE {table} CASCADE")
    finally:
        run(f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_truncate")

    assert everything() == written
