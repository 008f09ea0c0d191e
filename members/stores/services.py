"""Acts of staff on stores: linking a staff user with the member that they are, so that reports leave them out."""

from typing import Any

from django.db import IntegrityError, transaction

from core import audit, clock
from core.commands import command, part
from core.models import StaffUser
from members.accounts.models import Member
from members.stores import contract, errors, rules
from members.stores.models import StaffMember, Store, StoreStaff


@command
def save_store(*, store: Store, actor: StaffUser | None = None) -> Store:
    """Make or change ``store``; ``InvalidStoreCode`` for a code no file could carry, ``CodeTaken`` for another's."""
    store.code = rules.store_code(store.code)
    try:
        with transaction.atomic():  # the unique key decides
            store.save()
    except IntegrityError:
        raise errors.CodeTaken from None
    audit.record(actor=actor, action="stores.save", subject=f"store:{store.pk}", detail={"code": store.code})
    return store


@command
def link_insider(*, user: StaffUser, member: Member, actor: StaffUser | None = None) -> StaffMember:
    """Say that ``member`` is the staff user's own account; ``AlreadyInsider`` when either is linked already."""
    return _link(user, member, actor)


def _link(user: StaffUser, member: Member, actor: StaffUser | None) -> StaffMember:
    try:
        with transaction.atomic():  # the two unique keys decide
            link = StaffMember.objects.create(user=user, member=member, linked_at=clock.now())
    except IntegrityError:
        raise errors.AlreadyInsider from None
    _tell(member.pk, is_insider=True)
    audit.record(actor=actor, action="stores.link_insider", subject=f"member:{member.pk}", reason=user.get_username())
    return link


@command
def link_by_number(*, user: StaffUser, member_no: str, actor: StaffUser | None = None) -> StaffMember:
    """The same by the member's number, with or without spaces; ``NoSuchMember``."""
    member = Member.objects.filter(member_no=member_no.replace(" ", ""), merged_into__isnull=True).first()
    if member is None:
        raise errors.NoSuchMember
    return _link(user, member, actor)


@command
def toggle_staff(*, store: Store, user: StaffUser, actor: StaffUser | None = None) -> bool:
    """Note that ``user`` works in ``store``, or no longer does; whether they do now."""
    deleted, _each = StoreStaff.objects.filter(store=store, user=user).delete()
    if not deleted:
        StoreStaff.objects.create(store=store, user=user)
    audit.record(
        actor=actor, action="stores.staff", subject=f"store:{store.pk}", detail={"user": user.pk, "works": not deleted}
    )
    return not deleted


@command
def unlink_insider(*, link: StaffMember, actor: StaffUser | None = None, reason: str = "") -> None:
    """Take the link away again; a second time changes nothing."""
    deleted, _each = StaffMember.objects.filter(pk=link.pk).delete()
    if deleted:
        _tell(link.member_id, is_insider=False)
        audit.record(actor=actor, action="stores.unlink_insider", subject=f"member:{link.member_id}", reason=reason)


def _tell(member_id: int, *, is_insider: bool) -> None:
    for act in contract.insider_changed.values():
        act(member_id, is_insider)


class StaffMemberData:
    """The answer for ``stores_staffmember`` in merge, export and erasure; every act is a part."""

    tables: tuple[str, ...] = ("stores_staffmember",)

    @staticmethod
    @part
    def merge(*, source_id: int, target_id: int) -> None:
        """The survivor is the insider, if it isn't one already."""
        if not StaffMember.objects.filter(member_id__in=[source_id, target_id]).exists():
            return
        if StaffMember.objects.filter(member_id=target_id).exists():
            StaffMember.objects.filter(member_id=source_id).delete()
        else:
            StaffMember.objects.filter(member_id=source_id).update(member_id=target_id)
        _tell(target_id, is_insider=True)

    @staticmethod
    def export(member_id: int) -> dict[str, Any]:
        """Whether the account is known as a staff user's."""
        return {"is_staff_account": StaffMember.objects.filter(member_id=member_id).exists()}

    @staticmethod
    @part
    def erase(member_id: int) -> None:
        """The link to the staff user goes; what was left out of reports stays out."""
        StaffMember.objects.filter(member_id=member_id).delete()
