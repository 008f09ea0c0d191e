"""Commands open the transaction, parts need one, scopes let one command join."""

import pytest
from django.db import connection

from core import audit, errors
from core.commands import NestedCommand, OutsideTransaction, command, in_transaction, part, scope
from core.models import AuditEntry


@part
def write(subject: str) -> None:
    audit.record(actor=None, action="test.wrote", subject=subject)


@command
def write_one(subject: str) -> bool:
    write(subject)
    return connection.in_atomic_block


@command
def write_and_refuse(subject: str) -> None:
    write(subject)
    raise errors.OutOfStock


@command
def call_another() -> None:
    write_one("inner")


@pytest.mark.django_db(transaction=True)
def test_a_command_commits_what_its_parts_wrote() -> None:
    assert write_one("kept") is True

    assert not connection.in_atomic_block
    assert AuditEntry.objects.get().subject == "kept"


@pytest.mark.django_db(transaction=True)
def test_a_refusal_leaves_nothing_behind() -> None:
    with pytest.raises(errors.OutOfStock):
        write_and_refuse("gone")

    assert not AuditEntry.objects.exists()
    assert not in_transaction()


def test_a_part_outside_a_command_is_an_error() -> None:
    with pytest.raises(OutsideTransaction, match="write"):
        write("nowhere")


@pytest.mark.django_db
def test_a_command_within_a_command_is_an_error() -> None:
    with pytest.raises(NestedCommand, match="write_one"):
        call_another()

    assert not AuditEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_commands_of_a_scope_commit_together() -> None:
    def both() -> None:
        with scope():
            write_one("first")
            write_and_refuse("second")

    with pytest.raises(errors.OutOfStock):
        both()

    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_a_scope_within_a_scope_or_command_is_an_error() -> None:
    with pytest.raises(NestedCommand), scope(), scope():
        pass

    @command
    def open_scope() -> None:
        with scope():
            pass

    with pytest.raises(NestedCommand):
        open_scope()


@pytest.mark.django_db
def test_a_scope_takes_one_command_after_the_other() -> None:
    with scope():
        write_one("one")
        write_one("two")

    assert list(AuditEntry.objects.order_by("id").values_list("subject", flat=True)) == ["one", "two"]


@pytest.mark.django_db(transaction=True)
def test_a_command_refuses_a_transaction_that_somebody_else_opened() -> None:
    from django.db import transaction

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        write_one("not durable")

    assert not AuditEntry.objects.exists()
