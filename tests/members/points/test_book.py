"""The checks of the book: silent on a clean one, and each kind of corruption is found where it is."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from core import reconcile
from core.models import Incident
from members.points import services
from tests.factories.accounts import make_member
from tests.factories.points import act, earn, findings, spend

pytestmark = pytest.mark.django_db
TABLES = ("points_pointsentry", "points_pointsallocation")
CHECKED = {
    "points_pointslot": ("points_lot_not_negative",),
    "points_pointsaccount": ("points_balance_or_debt",),
}


@pytest.fixture(autouse=True)
def _clean_book():
    """These tests break the book on purpose."""


def live(person, clock):
    """Every kind of act: two lots, spent, expired, reversed, adjusted, held (open, captured, released), pending."""
    for number, day in enumerate((date(2026, 11, 23), date(2026, 12, 31), date(9999, 12, 31))):
        earn(person, 40, expires_on=day, source_key=f"lot-{number}")
    spend(person, 10, source_key="spent")
    act(services.reverse_source, person, source_kind="test.earn", source_key="lot-1")
    for key, end in (("a", services.capture), ("b", services.release), ("c", None)):
        due_at = clock.now + timedelta(minutes=90)
        act(services.hold, person, points=5, source_kind="o", source_key=key, label="o", due_at=due_at)
        if end:
            act(end, person, source_kind="o", source_key=key)
    for key, due_on in (("now", clock.now.date()), ("later", date(2026, 12, 20))):
        act(services.add_pending, person, points=9, source_kind="p", source_key=key, label="p", due_on=due_on)


@pytest.fixture
def victim(clock, db):
    """One of three members with a whole life behind them."""
    people = [make_member() for _ in range(3)]
    clock.move_to("2026-11-23 23:30")
    for person in people:
        live(person, clock)
    clock.move_to("2026-11-24 00:30")
    services.sweep()
    services.sweep_pending()
    assert findings() == []
    return people[1]


def unguard(cursor):
    """Take away what stands before the checks: triggers and CHECKs, until the test's rollback."""
    if connection.vendor == "sqlite":
        for table in TABLES:
            cursor.execute(f"DROP TRIGGER {table}_no_update")
            cursor.execute(f"DROP TRIGGER {table}_no_delete")
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        return
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in TABLES:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for table, names in CHECKED.items():
        for name in names:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


KINDS = {
    "a balance one too high": (
        "UPDATE points_pointsaccount SET balance = balance + 1 WHERE member_id = {m}",
        {"accounts", "last", "lots", "book"},
    ),
    "a missing entry": (
        "DELETE FROM points_pointsentry WHERE member_id = {m} AND seq = 1", {"accounts", "chain", "lot_moves", "book"},
    ),
    "a hold without its row": (
        "DELETE FROM points_pointshold WHERE member_id = {m} AND state = 'open'", {"held", "holds"},
    ),
    "a negative lot": (
        "UPDATE points_pointslot SET remaining = -1 WHERE member_id = {m} AND expires_on = '9999-12-31'",
        {"lots", "lot_moves", "book"},
    ),
    "points in the wrong lot": (
        """UPDATE points_pointslot SET remaining = remaining + CASE WHEN expires_on = '9999-12-31' THEN 1 ELSE -1 END
            WHERE member_id = {m} AND expires_on > '2027-01-01'""",
        {"lot_moves"},
    ),
    "a broken chain": (
        "UPDATE points_pointsentry SET balance_after = balance_after + 1 WHERE member_id = {m} AND seq = 2",
        {"chain"},
    ),
    "a changed entry": (
        "UPDATE points_pointsentry SET delta = delta + 1 WHERE member_id = {m} AND seq = 4",
        {"accounts", "chain", "book"},
    ),
    "a changed allocation": (
        """UPDATE points_pointsallocation SET amount = amount - 1 WHERE entry_id IN
             (SELECT id FROM points_pointsentry WHERE member_id = {m} AND kind = 'spend')""",
        {"lot_moves", "entry_moves"},
    ),
    "held points without a hold": (
        "UPDATE points_pointsaccount SET held = held + 1 WHERE member_id = {m}", {"held"},
    ),
    "a hold that does not end": (
        "UPDATE points_pointshold SET due_at = '2026-11-01 00:00:00+00:00' WHERE member_id = {m} AND state = 'open'",
        {"holds"},
    ),
    "a capture that lost points": (
        "UPDATE points_pointshold SET captured = captured - 1 WHERE member_id = {m} AND state = 'captured'", {"holds"},
    ),
    "pending points that arrived as other ones": (
        "UPDATE points_pointspending SET points = points + 1 WHERE member_id = {m} AND state = 'settled'", {"pending"},
    ),
    "pending points that are forgotten": (
        "UPDATE points_pointspending SET due_on = '2026-11-01' WHERE member_id = {m} AND state = 'open'", {"pending"},
    ),
    "a lost account": (
        "DELETE FROM points_pointsaccount WHERE member_id = {m}", {"orphans", "book"},
    ),
    "balance and debt at once": (
        "UPDATE points_pointsaccount SET balance = balance + 1, debt = 1 WHERE member_id = {m}",
        {"last", "lots", "book"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_corruption_is_found_where_it_is(victim, kind):
    statement, names = KINDS[kind]
    with connection.cursor() as cursor:
        unguard(cursor)
        try:
            cursor.execute(statement.format(m=victim.pk))
            assert cursor.rowcount >= 1
            found = reconcile.run([name for name in reconcile.checks if name.startswith("points.")])
        finally:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA ignore_check_constraints = OFF")

    assert {result.name.removeprefix("points.") for result in found if result.findings} == names
    subjects = {finding.subject for result in found for finding in result.findings} - {"points"}
    assert subjects <= {f"points:{victim.pk}"}
    seen = {(result.name, finding.subject) for result in found for finding in result.findings}
    assert set(Incident.objects.values_list("check_name", "subject")) == seen


def test_an_incident_is_opened_once(victim):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE points_pointsaccount SET held = held + 1 WHERE member_id = {victim.pk}")

    for _ in range(3):
        reconcile.run(["points.held"])

    incident = Incident.objects.get()
    assert (incident.check_name, incident.subject) == ("points.held", f"points:{victim.pk}")
    assert incident.detail == "held 6, open holds 5"


def test_verify_ledger_says_that_the_book_is_clean(victim):
    out = StringIO()

    call_command("verify_ledger", stdout=out)

    assert out.getvalue().endswith("The ledger is clean.\n")
    assert Incident.objects.count() == 0


def test_verify_ledger_fails_on_a_finding(victim):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE points_pointsaccount SET held = held + 1 WHERE member_id = {victim.pk}")
    out = StringIO()

    with pytest.raises(SystemExit) as end:
        call_command("verify_ledger", stdout=out)

    assert end.value.code == 1
    assert f"points:{victim.pk}: held 6, open holds 5" in out.getvalue()
