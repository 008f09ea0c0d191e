"""The publish checklist, in plain words: what the kernel and the mechanism find."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from core import clock
from core.errors import FieldError
from engagement.campaigns import errors, rules
from engagement.campaigns.contract import Config, Finding, Mechanism, limits_of, mechanisms
from engagement.campaigns.services.rules_page import CHINESE, ENGLISH, rules_text

if TYPE_CHECKING:
    from engagement.campaigns.models import Campaign


def checklist(campaign: "Campaign") -> list[Finding]:
    """What stands against publishing the draft as it is saved, and what is only worth a look."""
    mechanism = mechanisms.get(campaign.mechanism)
    return findings(mechanism, campaign.as_config(), mechanism.settings_of(campaign.pk))


def findings(mechanism: Mechanism, campaign: Config, settings: Config, *, is_new: bool = True) -> list[Finding]:
    """The checklist of a configuration; ``is_new`` leaves out what only the first publishing asks."""
    found = [*_facts(campaign), *_period(campaign, clock.now(), is_new=is_new), *_budget(campaign)]
    found += [
        Finding(
            _("This kind of campaign can't keep the limit “%(limit)s”. Remove it.") % {"limit": name}, field="limits"
        )
        for name in sorted(set(campaign["limits"]) - set(limits_of(mechanism)))
    ]
    own = mechanism.check(campaign, settings)
    texts = _texts(campaign, settings)
    if not any(each.blocks for each in own):  # rules can be written only from settings that hold together
        for lang in (CHINESE, ENGLISH):
            lines = rules_text(mechanism, campaign, settings, lang).splitlines()
            texts |= {f"rules_{lang}/{number}": line for number, line in enumerate(lines)}
    return [*found, *own, *_lints(texts)]


def ensure_publishable(mechanism: Mechanism, campaign: Config, settings: Config, *, is_new: bool = True) -> None:
    """Refuse with ``NotPublishable`` when a line of the checklist blocks."""
    blocking = [each for each in findings(mechanism, campaign, settings, is_new=is_new) if each.blocks]
    if blocking:
        raise errors.NotPublishable([FieldError(f"/{each.field}", "blocks", str(each.message)) for each in blocking])


def _facts(campaign: Config) -> list[Finding]:
    needed = {
        "name": _("Give the campaign a name."),
        "organiser": _("Name the organiser: the law asks who stands behind a campaign."),
        "contact": _("Give a contact (telephone or e-mail) at which members can ask and complain."),
    }
    return [Finding(text, field=name) for name, text in needed.items() if not campaign[name].strip()]


def _period(campaign: Config, now: datetime, *, is_new: bool) -> list[Finding]:
    start, end = datetime.fromisoformat(campaign["starts_at"]), datetime.fromisoformat(campaign["ends_at"])
    found = []
    if end <= now:
        found.append(Finding(_("The end is in the past. Choose a later one."), field="ends_at"))
    if end <= start:
        found.append(Finding(_("The end must be later than the start."), field="ends_at"))
    if end - start > rules.LONGEST:
        found.append(Finding(_("A campaign runs for at most 366 days. Choose an earlier end."), field="ends_at"))
    if campaign["daily_from"] and campaign["daily_from"] == campaign["daily_to"]:
        found.append(Finding(_("The daily hours begin and end at the same time."), field="daily_to"))
    if is_new and start <= now < end:
        found.append(Finding(_("The start has passed: the campaign runs at once."), blocks=False, field="starts_at"))
    return found


def _budget(campaign: Config) -> list[Finding]:
    if campaign["budget_fen"] is None:
        text = _("No budget is set: rewards are given without an upper limit of cost.")
        return [Finding(text, blocks=False, field="budget_fen")]
    if campaign["budget_fen"] == 0:
        return [Finding(_("The budget is zero: nobody could get a reward."), field="budget_fen")]
    return []


def _texts(campaign: Config, settings: Config) -> dict[str, str]:
    own = {name: campaign[name] for name in ("name", "organiser", "contact", "share_title")}
    return own | rules.texts_in(settings, "settings")


def _lints(texts: dict[str, str]) -> list[Finding]:
    """One line a phrase and kind: what a settings text says stands in the rules page as well."""
    reasons = {
        "interpretation": _(
            "“%(phrase)s”: a clause that keeps the interpretation to the organiser is forbidden by law."
        ),
        "share_reward": _("“%(phrase)s”: the platform forbids rewards or pressure for sharing."),
        "lottery": _("“%(phrase)s”: the platform forbids anything that looks like a lottery product."),
        "rated_reward": _("“%(phrase)s”: the law forbids rewards for good ratings."),
    }
    first: dict[tuple[str, str], rules.Lint] = {}
    for lint in rules.lint_texts(texts):
        first.setdefault((lint.kind, lint.phrase), lint)
    return [Finding(reasons[each.kind] % {"phrase": each.phrase}, field=each.field) for each in first.values()]
