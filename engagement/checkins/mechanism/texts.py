"""The rules page and the costs of a check-in, in words."""

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import FieldError
from engagement.campaigns.contract import Config, Section
from engagement.checkins.rules import payouts
from engagement.checkins.rules.plan import Plan, Spec
from members.rewards import selectors as rewards

CROWD = 1000  # members in the cost estimate
LISTED_DAYS = 31


def sections(plan: Plan, lang: str) -> list[Section]:
    """The mechanism's part of the rules page, its texts final in ``lang``."""
    with translation.override(lang):
        return [
            Section(_("How to take part"), _ways(plan)),
            Section(_("Rewards"), [*_daily(plan, lang), *_extras(plan, lang)]),
            Section(_("Missed days"), _missed(plan)),
        ]


def _ways(plan: Plan) -> list[str]:
    cycle = {
        "none": _("The streak grows with each day in a row."),
        "rolling": ngettext(
            "A round has %(days)d day; after its last day a new one begins.",
            "A round has %(days)d days; after its last day a new one begins.",
            plan.cycle.days,
        ),
        "week": _("A new round begins each Monday."),
        "month": _("A new round begins on the first of each month."),
    }[plan.cycle.mode]
    return [
        _("Open the check-in page and tap the button; it counts once a day."),
        cycle % {"days": plan.cycle.days},
        _("A missed day ends the streak; the next check-in begins a new one with day 1."),
    ]


def _daily(plan: Plan, lang: str) -> list[str]:
    """One line for each run of days that pay the same."""
    length = min(LISTED_DAYS, plan.cycle.length or len(plan.daily))
    groups: list[tuple[int, int, str]] = []
    for place in range(1, length + 1):
        text = _describe(payouts.day_reward(plan, place, 1), lang)
        if groups and groups[-1][2] == text:
            groups[-1] = (groups[-1][0], place, text)
        else:
            groups.append((place, place, text))
    lines = [_line(first, last, text) for first, last, text in groups]
    if plan.cycle.mode == "none":
        last = _("later days pay what day %(day)d pays") % {"day": length}
        if plan.increment:
            last = _increment(plan)
        lines.append(_("From day %(day)d on: %(text)s.") % {"day": length + 1, "text": last})
    return lines


def _increment(plan: Plan) -> str:
    if not plan.increment_cap:
        return _("each day pays %(more)d points more than the day before") % {"more": plan.increment}
    text = _("each day pays %(more)d points more than the day before, up to %(cap)d points more than day 1")
    return text % {"more": plan.increment, "cap": plan.increment_cap}


def _line(first: int, last: int, text: str) -> str:
    if first == last:
        return _("Day %(day)d: %(reward)s.") % {"day": first, "reward": text}
    return _("Days %(first)d to %(last)d: %(reward)s each.") % {"first": first, "last": last, "reward": text}


def _describe(spec: Spec, lang: str) -> str:
    if spec["kind"] == "points" and not spec["points"]:
        return _("counts, without a reward")
    return rewards.describe(spec, lang)


def _extras(plan: Plan, lang: str) -> list[str]:
    lines = []
    if plan.first_time:
        lines.append(_("First check-in ever: %(reward)s in addition.") % {"reward": _describe(plan.first_time, lang)})
    for streak in plan.streaks:
        text = _("%(days)d days in a row within a round: %(reward)s in addition.")
        lines.append(text % {"days": streak.days, "reward": _describe(streak.reward, lang)} + _times(streak.limit))
    for tally in plan.tallies:
        text = _("%(days)d days in total: %(reward)s in addition.")
        lines.append(text % {"days": tally.days, "reward": _describe(tally.reward, lang)})
    text = _("On %(day)s the day's points count %(times)d times.")
    lines += [text % {"day": each.day.isoformat(), "times": each.times} for each in plan.special_dates]
    if plan.birthday_times > 1:
        lines.append(_("On your birthday the day's points count %(times)d times.") % {"times": plan.birthday_times})
    return lines


def _times(limit: int) -> str:
    if not limit:
        return ""
    return " " + ngettext("At most %(n)d time a member.", "At most %(n)d times a member.", limit) % {"n": limit}


def _missed(plan: Plan) -> list[str]:
    lines = []
    rule = plan.make_up
    if rule.enabled:
        price = _("one make-up card") if rule.pay_with == "card" else _("%(n)d points") % {"n": rule.points}
        text = _(
            "A missed day of the last %(window)d days can be made up for %(price)s, at most %(limit)d times %(span)s."
        )
        span = _("a week") if plan.cycle.mode == "week" else _("a month")
        lines.append(text % {"window": rule.window_days, "price": price, "limit": rule.limit, "span": span})
        share = _("A day made up counts for streak and total; it pays %(n)d%% of that day's reward.")
        if not rule.share_percent:
            share = _("A day made up counts for streak and total; that day's reward is not paid.")
        lines.append(share % {"n": rule.share_percent})
    if plan.freezes_per_month:
        text = ngettext(
            "%(n)d missed day a month is protected: the streak goes on at the next check-in.",
            "%(n)d missed days a month are protected: the streak goes on at the next check-in.",
            plan.freezes_per_month,
        )
        lines.append(text % {"n": plan.freezes_per_month})
    return lines


def fault_text(fault: FieldError) -> str:
    """A fault of a plan in plain words, with the place where it is."""
    reasons = {
        "too_many_points": _("too many points for one reward"),
        "beyond_cycle": _("more days than a round has"),
        "twice": _("a day is listed twice"),
    }
    other = _("this value is not possible")
    place = fault.pointer.strip("/") or _("settings")
    return f"{place}: {reasons.get(fault.code, other)}"


def costs(campaign: Config, plan: Plan) -> list[tuple[str, str]]:
    """What a member gets who never misses a day: a round, the whole campaign, and that for a thousand members."""
    days = (datetime.fromisoformat(campaign["ends_at"]) - datetime.fromisoformat(campaign["starts_at"])).days or 1
    length = plan.cycle.length or min(30, days)
    one_round = payouts.most_for_cycle(plan, days=length)
    whole = payouts.most_for_campaign(plan, campaign["starts_at"][:10], days)
    fen = sum(rewards.cost_fen(each.spec) for each in whole)
    return [
        (_("Points of a full round"), f"{payouts.total_points(one_round):,}"),
        (_("Other rewards of a full round"), str(sum(each.spec["kind"] != "points" for each in one_round))),
        (_("Cost of a full round, one member"), yuan(sum(rewards.cost_fen(each.spec) for each in one_round))),
        (_("Days of the campaign"), str(days)),
        (_("Points of the whole campaign, one member"), f"{payouts.total_points(whole):,}"),
        (_("Cost of the whole campaign, one member"), yuan(fen)),
        (_("The same for %(n)d members") % {"n": CROWD}, yuan(fen * CROWD)),
    ]


def yuan(fen: int) -> str:
    """Money as a marketer reads it."""
    return f"¥{fen // 100:,}.{fen % 100:02d}"
