"""The generated rules page: what a member must know before taking part, in the words of the configuration itself."""

import hashlib
import json
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock
from engagement.campaigns import rules
from engagement.campaigns.contract import Config, Mechanism, Section

CHINESE, ENGLISH = "zh-hans", "en"
_CHINESE_NUMBERS = "一二三四五六七八九十"


def rules_text(mechanism: Mechanism, campaign: Config, settings: Config, lang: str) -> str:
    """The rules page in ``lang`` (``zh-hans`` or ``en``) as plain text; the same configuration gives the same text."""
    with translation.override(lang):
        sections = [
            Section(_("Period"), list(_period(campaign))),
            Section(_("Who can take part"), list(_audience(campaign["audience"]))),
            *mechanism.rules(campaign, settings, lang),
            Section(_("Limits"), list(_limits(campaign["limits"]))),
            Section(_("Organiser and contact"), [campaign["organiser"], campaign["contact"]]),
            Section(_("Good to know"), _notes()),
        ]
        blocks = [_block(number, each, lang) for number, each in enumerate(_filled(sections), start=1)]
    return "\n\n".join([campaign["name"], *blocks]) + "\n"


def sha256(text: str) -> str:
    """The fingerprint of a text's UTF-8 bytes, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(config: Config) -> str:
    """``config`` as JSON with sorted keys and no spaces: the same configuration has the same text and fingerprint."""
    return json.dumps(config, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _filled(sections: list[Section]) -> list[Section]:
    return [each for each in sections if any(str(line) for line in each.lines)]


def _block(number: int, section: Section, lang: str) -> str:
    chinese = lang == CHINESE and number <= len(_CHINESE_NUMBERS)
    mark = f"{_CHINESE_NUMBERS[number - 1]}、" if chinese else f"{number}. "
    return "\n".join([f"{mark}{section.heading}", *(str(line) for line in section.lines if str(line))])


def _period(campaign: Config) -> list[str]:
    start, end = datetime.fromisoformat(campaign["starts_at"]), datetime.fromisoformat(campaign["ends_at"])
    lines = [
        _("From %(start)s until %(end)s (Beijing time).")
        % {"start": f"{clock.to_local(start):%Y-%m-%d %H:%M}", "end": f"{clock.to_local(end):%Y-%m-%d %H:%M}"}
    ]
    if campaign["daily_from"]:
        hours = {"start": campaign["daily_from"], "end": campaign["daily_to"]}
        lines.append(_("Open each day from %(start)s to %(end)s.") % hours)
    if campaign["day_cut_hour"]:
        lines.append(
            _("A day of this campaign begins at %(hour)d:00 in the morning.") % {"hour": campaign["day_cut_hour"]}
        )
    return lines


def _audience(audience: Config) -> list[str]:
    lines = [_("Members who have joined. Joining is free of charge.")]
    if audience.get("new_only"):
        days = audience.get("new_days") or rules.NEW_DAYS
        text = ngettext("Joined at most %(days)d day ago.", "Joined at most %(days)d days ago.", days)
        lines.append(text % {"days": days})
    if audience.get("adults_only"):
        lines.append(_("Aged 18 or above by the birthday on the member's profile."))
    if audience.get("exclude_staff"):
        lines.append(_("Staff of the organiser can't take part."))
    return lines


def _limits(limits: Config) -> list[str]:
    texts = {
        "per_member_per_day": _("Each member: at most %(n)d a day."),
        "per_member": _("Each member: at most %(n)d in all."),
        "per_day": _("All members together: at most %(n)d a day."),
        "total": _("All members together: at most %(n)d in all."),
    }
    return [texts[name] % {"n": limits[name]} for name in rules.LIMITS if name in limits]


def _notes() -> list[str]:
    return [
        _("While the campaign runs, its rules change only in the members' favour; each version of this page is kept."),
        _("Who takes part with automated programs, false identities or several accounts of one person may be refused."),
    ]
