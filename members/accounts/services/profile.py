"""The profile: nickname, avatar, birthday."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Q

from core import clock
from core.api.auth import Caller
from core.commands import command
from members.accounts import errors, rules, selectors
from members.accounts.models import Member


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What to change; ``None`` leaves a field as it is. ``clear_birthday`` takes the birthday away."""

    nickname: str | None = None
    avatar_url: str | None = None
    birthday: date | None = None
    clear_birthday: bool = False


@command
def update_profile(*, caller: Caller, changes: Changes) -> Member:
    """Change the caller's profile, all or nothing.

    The first birthday counts as a change; taking it away is always possible and gives no earlier change. Refusals:
    ``InvalidNickname``, ``InvalidAvatar``, ``InvalidBirthday``, ``TooYoung``, ``BirthdayChangedRecently``.
    """
    member = selectors.get_member(caller)
    today = clock.today()
    values = _texts(changes) | _birthday(changes, member, today)
    if not values:
        return member
    mine = Member.objects.filter(
        pk=member.pk, token_version=caller.version, blocked_at__isnull=True, merged_into__isnull=True
    )
    if values.get("birthday"):
        mine = mine.filter(Q(birthday_changed_on__isnull=True) | Q(birthday_changed_on__lte=rules.year_before(today)))
    if mine.update(**values):
        return selectors.get_member(caller)
    # nothing updated: the account was closed meanwhile (get_member says so), or the birthday is too fresh
    fresh = selectors.get_member(caller)
    raise errors.BirthdayChangedRecently(on=rules.birthday_changeable_on(fresh.birthday_changed_on))


def _texts(changes: Changes) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if changes.nickname is not None:
        values["nickname"] = rules.clean_nickname(changes.nickname)
    if changes.avatar_url is not None:
        values["avatar_url"] = rules.clean_avatar_url(changes.avatar_url, hosts=settings.AVATAR_HOSTS)
    return values


def _birthday(changes: Changes, member: Member, today: date) -> dict[str, Any]:
    if changes.clear_birthday:
        return {"birthday": None}
    if changes.birthday is None or changes.birthday == member.birthday:
        return {}
    rules.ensure_birthday(changes.birthday, today=today)
    return {"birthday": changes.birthday, "birthday_changed_on": today}
