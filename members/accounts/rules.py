"""Decisions about accounts: nicknames, avatars, birthdays, member numbers, consents."""

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from members.accounts import errors

LONGEST_NICKNAME = 32
LONGEST_AVATAR_URL = 500
LONGEST_VERSION = 20
LEAST_AGE = 14  # PIPL art. 31: data of younger persons needs a guardian's consent, which we don't ask for
EARLIEST_BIRTHDAY = date(1900, 1, 1)
REQUIRED_PURPOSES = frozenset({"terms", "privacy"})
PURPOSES = ("terms", "privacy", "marketing")

_SPACES = frozenset(" \u3000")
_JOINER, _EMOJI_STYLE, _KEYCAP = "\u200d", "\ufe0f", "\u20e3"
_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"}
# Letters, marks and symbols that show nothing: combining grapheme joiner, Hangul and Khmer fillers, Braille blank,
# variation selectors (but for U+FE0F behind an emoji).
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0") | frozenset(
    chr(code) for code in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
)


@dataclass(frozen=True)
class ConsentGiven:
    """A yes or no to one text: its ``purpose`` (of :data:`PURPOSES`) and its version."""

    purpose: str
    version: str
    given: bool = True


def clean_nickname(raw: str) -> str:
    """``raw`` in NFC without outer spaces; empty means none.

    ``InvalidNickname`` above 32 characters, or with a control, direction, private, unassigned or invisible character.
    The joiner and the emoji style stay allowed inside an emoji, where they do show.
    """
    name = unicodedata.normalize("NFC", raw).strip()
    if len(name) > LONGEST_NICKNAME or any(not _shows(name, place) for place in range(len(name))):
        raise errors.InvalidNickname(longest=LONGEST_NICKNAME)
    return name


def _shows(name: str, place: int) -> bool:
    character = name[place]
    before, after = name[place - 1 : place], name[place + 1 : place + 2]
    if character == _JOINER:
        return _is_emoji(before) and _is_pictograph(after)
    if character == _EMOJI_STYLE:
        return _is_pictograph(before) or (before != "" and before in "0123456789#*" and after == _KEYCAP)
    if character in _SPACES:
        return True
    return character not in _BLANK and unicodedata.category(character) not in _UNSEEN


def _is_pictograph(character: str) -> bool:
    return character != "" and character not in _BLANK and unicodedata.category(character) in {"So", "Sm", "Po"}


def _is_emoji(character: str) -> bool:
    """A pictograph, its style mark or a skin tone."""
    return _is_pictograph(character) or character == _EMOJI_STYLE or "\U0001f3fb" <= character <= "\U0001f3ff"


def clean_avatar_url(raw: str, *, hosts: Collection[str]) -> str:
    """``raw`` if it is an https address on one of ``hosts`` (or below one); empty means none; else ``InvalidAvatar``.

    Other members' phones load it, so a host of the sender's choice would learn who looks at what.
    """
    url = raw.strip()
    if not url:
        return ""
    if len(url) > LONGEST_AVATAR_URL or not url.isascii() or not url.isprintable() or any(c in url for c in " \"'<>\\"):
        raise errors.InvalidAvatar
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or ""), parts.port
    except ValueError:
        raise errors.InvalidAvatar from None
    known = any(host == allowed or host.endswith(f".{allowed}") for allowed in hosts)
    if parts.scheme != "https" or "@" in parts.netloc or port not in {None, 443} or not known:
        raise errors.InvalidAvatar
    return url


def age_on(day: date, birthday: date) -> int:
    """Full years on ``day``; who is born on 29 February turns on 1 March in other years."""
    return day.year - birthday.year - ((day.month, day.day) < (birthday.month, birthday.day))


def ensure_birthday(birthday: date, *, today: date) -> None:
    """Refuse what can't be a birthday, and children under 14."""
    if not EARLIEST_BIRTHDAY <= birthday <= today:
        raise errors.InvalidBirthday
    if age_on(today, birthday) < LEAST_AGE:
        raise errors.TooYoung(least=LEAST_AGE)


def birthday_changeable_on(changed_on: date | None) -> date | None:
    """The first day of the next change: a year after the last one (29 February: 1 March); ``None`` for any day."""
    if changed_on is None:
        return None
    if (changed_on.month, changed_on.day) == (2, 29):
        return date(changed_on.year + 1, 3, 1)
    return changed_on.replace(year=changed_on.year + 1)


def year_before(day: date) -> date:
    """The last day on which a change doesn't stand in the way of another one on ``day``."""
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 2, 28)
    return day.replace(year=day.year - 1)


def luhn_digit(digits: str) -> str:
    """The check digit behind ``digits`` (ISO/IEC 7812-1, annex B)."""
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits)))
    return str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def member_no(digits: str) -> str:
    """The member number of 11 random ``digits``: with a Luhn digit at the end, so that a slip of the pen shows."""
    return digits + luhn_digit(digits)


def is_member_no(text: str) -> bool:
    """Whether ``text`` could be a member number."""
    return len(text) == 12 and text.isascii() and text.isdigit() and text[-1] == luhn_digit(text[:-1])


def ensure_consents(consents: Iterable[ConsentGiven]) -> None:
    """Joining needs a yes to the terms and to the privacy policy."""
    if REQUIRED_PURPOSES - {each.purpose for each in consents if each.given}:
        raise errors.ConsentRequired
