"""Reads of the stores: who is an insider."""

from members.stores.models import StaffMember

# Over ``<alias>.member_id`` of an outer statement: whether that member is an insider.
IS_INSIDER = "EXISTS (SELECT 1 FROM stores_staffmember insider WHERE insider.member_id = {member})"


def is_insider(member_id: int) -> bool:
    """Whether ``member_id`` is a staff user's own account. One query."""
    return StaffMember.objects.filter(member_id=member_id).exists()


def insider_ids() -> set[int]:
    """The keys of all insiders: a few hundred at most. One query."""
    return set(StaffMember.objects.values_list("member_id", flat=True))
