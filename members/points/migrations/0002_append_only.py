"""Entries and allocations are never changed: the database itself refuses it, whatever the path.

On PostgreSQL also TRUNCATE is refused. Accounts and lots are rewritten in place by each act: room is left on their
pages, so that these updates touch no index. The dashboard's sums by business day read a block-range index, which costs
an insert next to nothing.
"""

from django.db import migrations

TABLES = ("points_pointsentry", "points_pointsallocation")

POSTGRES = [
    """
    CREATE FUNCTION points_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
    END $$
    """,
    *(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION points_refuse_change()"
        for table in TABLES
    ),
    *(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION points_refuse_change()"
        for table in TABLES
    ),
    "ALTER TABLE points_pointsaccount SET (fillfactor = 80)",
    "ALTER TABLE points_pointslot SET (fillfactor = 80)",
    "CREATE INDEX points_entry_days ON points_pointsentry USING brin (business_on)",
]
POSTGRES_BACK = [
    "DROP INDEX points_entry_days",
    "ALTER TABLE points_pointslot RESET (fillfactor)",
    "ALTER TABLE points_pointsaccount RESET (fillfactor)",
    *(f"DROP TRIGGER {table}_no_truncate ON {table}" for table in TABLES),
    *(f"DROP TRIGGER {table}_append_only ON {table}" for table in TABLES),
    "DROP FUNCTION points_refuse_change()",
]
SQLITE = [
    f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: {act} is refused'); END"
    for table in TABLES
    for act in ("UPDATE", "DELETE")
]
SQLITE_BACK = [f"DROP TRIGGER {table}_no_{act}" for table in TABLES for act in ("update", "delete")]


def protect(_apps, schema_editor):
    for statement in POSTGRES if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement, params=None)


def release(_apps, schema_editor):
    for statement in POSTGRES_BACK if schema_editor.connection.vendor == "postgresql" else SQLITE_BACK:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("points", "0001_first")]

    operations = [migrations.RunPython(protect, release, elidable=False)]
