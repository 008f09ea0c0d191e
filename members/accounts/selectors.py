"""Reads of the accounts. Other slices put :data:`MEMBER_COLUMNS` into the one SELECT of a hot request."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import audit, clock, sql
from core import errors as core_errors
from core.api.auth import Caller
from members.accounts import contract, errors, rules
from members.accounts.models import Consent, Member

MEMBER_COLUMNS = """
m.token_version AS member_version, m.blocked_at AS member_blocked_at, m.merged_into_id AS member_merged_into,
m.joined_at AS member_joined_at, m.first_seen_at AS member_first_seen_at, m.birthday AS member_birthday,
m.is_test AS member_is_test
"""  # over ``accounts_member m``; a row with these columns goes to ensure_alive and ensure_joined


def ensure_alive(row: dict[str, Any] | None, caller: Caller) -> dict[str, Any]:
    """``row`` (with the first three of :data:`MEMBER_COLUMNS`) if the caller's token still holds.

    ``NotSignedIn`` for no row, an older token version or a merged account; ``Blocked`` for a closed one.
    """
    if row is None or row["member_version"] != caller.version or row["member_merged_into"] is not None:
        raise core_errors.NotSignedIn
    if row["member_blocked_at"] is not None:
        raise errors.Blocked
    return row


def ensure_joined(row: dict[str, Any]) -> None:
    """``NotJoined`` for a visitor; ``row`` has :data:`MEMBER_COLUMNS`."""
    if row["member_joined_at"] is None:
        raise errors.NotJoined


def get_member(caller: Caller) -> Member:
    """The caller's member or visitor; refuses like :func:`ensure_alive`. One query."""
    member = Member.objects.filter(pk=caller.member_id).first()
    if member is None or member.token_version != caller.version or member.merged_into_id is not None:
        raise core_errors.NotSignedIn
    if member.blocked_at is not None:
        raise errors.Blocked
    return member


def get_joined(caller: Caller) -> Member:
    """The caller's member; ``NotJoined`` for a visitor. One query."""
    member = get_member(caller)
    if not member.is_joined:
        raise errors.NotJoined
    return member


PROFILE_FIELDS = (
    "public_id", "member_no", "joined_at", "nickname", "avatar_url", "birthday", "birthday_changed_on", "first_seen_at",
)  # fmt: skip
READ_PROFILE = f"""
SELECT {", ".join(f"m.{name}" for name in PROFILE_FIELDS)}, m.token_version AS member_version,
       m.blocked_at AS member_blocked_at, m.merged_into_id AS member_merged_into
  FROM accounts_member m WHERE m.id = %(id)s
"""  # noqa: S608 - names of columns, nothing from outside
_PROFILE_KINDS = {"public_id": "uuid", "joined_at": "datetime", "first_seen_at": "datetime"}
READ_ALIVE = f"SELECT {MEMBER_COLUMNS} FROM accounts_member m WHERE m.id = %(id)s"  # noqa: S608 - as above


def read_alive(caller: Caller) -> dict[str, Any]:
    """:data:`MEMBER_COLUMNS` of the caller; refuses like :func:`ensure_alive`. One statement, no model instance."""
    return ensure_alive(sql.fetch_one(READ_ALIVE, {"id": caller.member_id}), caller)


def get_profile(caller: Caller) -> dict[str, Any]:
    """The caller's profile as the API gives it; refuses like :func:`ensure_alive`. One statement, a dict."""
    row = sql.fetch_one(READ_PROFILE, {"id": caller.member_id}, **_PROFILE_KINDS)
    return render_profile(ensure_alive(row, caller))


def get_profile_of(member_id: int) -> dict[str, Any]:
    """The profile of ``member_id`` for a section of the first screen; the caller was checked before."""
    row = sql.fetch_one(READ_PROFILE, {"id": member_id}, **_PROFILE_KINDS)
    if row is None:
        raise core_errors.NotFound
    return render_profile(row)


def profile_of(member: Member) -> dict[str, Any]:
    """The profile of a member at hand."""
    return render_profile({name: getattr(member, name) for name in PROFILE_FIELDS})


def render_profile(row: dict[str, Any]) -> dict[str, Any]:
    """A row with :data:`PROFILE_FIELDS` as the API gives it; times with the offset of Shanghai."""
    joined_at, birthday = row["joined_at"], row["birthday"]
    changeable_on = rules.birthday_changeable_on(row["birthday_changed_on"])
    return {
        "public_id": str(row["public_id"]),
        "member_no": row["member_no"],
        "is_member": joined_at is not None,
        "joined_at": clock.iso(joined_at) if joined_at else None,
        "nickname": row["nickname"],
        "avatar_url": row["avatar_url"],
        "birthday": birthday.isoformat() if birthday else None,
        "birthday_changeable_on": changeable_on.isoformat() if changeable_on else None,
        "first_seen_at": clock.iso(row["first_seen_at"]),
    }


def get_members_figure() -> tuple[str, str]:
    """For the dashboard: how many have joined, and how many visitors have not; test accounts left out. One query."""
    counts = Member.objects.filter(merged_into__isnull=True, is_test=False).aggregate(
        joined=Count("id", filter=Q(joined_at__isnull=False)), all=Count("id")
    )
    visitors = counts["all"] - counts["joined"]
    return f"{counts['joined']:,}", gettext("and %(count)s visitors") % {"count": f"{visitors:,}"}


def joined_by_day(first: date, last: date) -> list[int]:
    """How many joined on each business day from ``first`` to ``last``, in order, test accounts left out."""
    rows = (
        Member.objects.filter(
            joined_at__gte=clock.start_of(first),
            joined_at__lt=clock.start_of(last + timedelta(days=1)),
            is_test=False,
        )
        .annotate(day=TruncDate("joined_at", tzinfo=clock.ZONE))
        .values_list("day")
        .annotate(count=Count("id"))
    )
    found = dict(rows)
    return [found.get(first + timedelta(days=n), 0) for n in range((last - first).days + 1)]


STATE_LABELS: dict[str, str | Promise] = {
    "member": _("member"),
    "visitor": _("visitor"),
    "closed": _("closed"),
    "merged": _("merged"),
}
STATES: dict[str, tuple[str | Promise, dict[str, Any]]] = {
    "member": (_("Members"), {"joined_at__isnull": False, "blocked_at__isnull": True, "merged_into__isnull": True}),
    "visitor": (_("Visitors"), {"joined_at__isnull": True, "blocked_at__isnull": True, "merged_into__isnull": True}),
    "closed": (_("Closed accounts"), {"blocked_at__isnull": False}),
    "test": (_("Test accounts"), {"is_test": True}),
}  # the choices above the list of members: name, label, conditions
PURPOSE_LABELS: dict[str, str | Promise] = {
    "terms": _("Membership terms"),
    "privacy": _("Privacy policy"),
    "marketing": _("News and offers"),
}


@dataclass(frozen=True)
class Panel:
    """A box of the member's card: its heading and its lines of (label, value)."""

    label: str | Promise
    lines: list[tuple[str | Promise, str]]


def list_panels(member_id: int) -> list[Panel]:
    """The boxes of a member's card that slices registered, in their order."""
    panels = sorted(contract.card_panels.values(), key=lambda panel: panel.order)
    return [Panel(panel.label, panel.read(member_id)) for panel in panels]


def list_consents(member_id: int) -> list[tuple[str | Promise, str]]:
    """The latest word on each purpose, for the member's card. One query."""
    latest = {each.purpose: each for each in Consent.objects.filter(member_id=member_id).order_by("id")}
    return [
        (PURPOSE_LABELS.get(each.purpose, each.purpose), _consent_line(each))
        for each in (latest[purpose] for purpose in sorted(latest, key=rules.PURPOSES.index))
    ]


def _consent_line(consent: Consent) -> str:
    answer = gettext("agreed") if consent.given else gettext("not agreed")
    day = clock.business_date(consent.at).isoformat()
    return gettext("%(answer)s on %(day)s, text %(version)s") % {
        "answer": answer, "day": day, "version": consent.version,
    }  # fmt: skip


def list_last_acts(member_id: int) -> list[tuple[str | Promise, str]]:
    """What staff did to the account, newest first, for the member's card. One query."""
    return [
        (clock.business_date(entry.at).isoformat(), f"{ACT_LABELS.get(entry.action, entry.action)} · {entry.reason}")
        for entry in audit.trail(f"member:{member_id}", limit=10)
    ]


ACT_LABELS: dict[str, str | Promise] = {
    "accounts.block": _("Closed"),
    "accounts.unblock": _("Reopened"),
    "accounts.end_sessions": _("Signed out everywhere"),
}


def grouped(member_no: str) -> str:
    """A member number in groups of four, as on the card."""
    return " ".join(member_no[start : start + 4] for start in range(0, len(member_no), 4))
