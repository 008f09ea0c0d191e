"""What a running campaign may change to: only what is in the members' favour."""

from engagement.checkins.rules.payouts import day_reward
from engagement.checkins.rules.plan import MakeUp, Plan, Spec

DAYS_COMPARED = 366  # a campaign has no more days


def is_no_worse(old: Spec | None, new: Spec | None) -> bool:
    """Whether ``new`` gives at least ``old``: the same kind, no number smaller, everything else the same."""
    if old is None or old == new:
        return True
    if new is None or set(old) != set(new):
        return False
    return all(
        new[name] >= value if isinstance(value, int) and isinstance(new[name], int) else new[name] == value
        for name, value in old.items()
    )


def is_relaxation(old: Plan, new: Plan) -> bool:
    """Whether ``new`` takes nothing from anybody that ``old`` promised."""
    return (
        old.cycle == new.cycle
        and _daily(old, new)
        and is_no_worse(old.first_time, new.first_time)
        and _streaks(old, new)
        and _tallies(old, new)
        and _special(old, new)
        and _make_up(old.make_up, new.make_up)
        and new.freezes_per_month >= old.freezes_per_month
    )


def _daily(old: Plan, new: Plan) -> bool:
    days = range(1, (old.cycle.length or DAYS_COMPARED) + 1)
    return all(is_no_worse(day_reward(old, day, 1), day_reward(new, day, 1)) for day in days)


def _streaks(old: Plan, new: Plan) -> bool:
    known = {each.days: each for each in new.streaks}
    return all(
        each.days in known
        and is_no_worse(each.reward, known[each.days].reward)
        and (known[each.days].limit == 0 or 0 < each.limit <= known[each.days].limit)
        for each in old.streaks
    )


def _tallies(old: Plan, new: Plan) -> bool:
    known = {each.days: each.reward for each in new.tallies}
    return all(each.days in known and is_no_worse(each.reward, known[each.days]) for each in old.tallies)


def _special(old: Plan, new: Plan) -> bool:
    known = {each.day: each.times for each in new.special_dates}
    kept = all(known.get(each.day, 1) >= each.times for each in old.special_dates)
    return kept and new.birthday_times >= old.birthday_times


def _make_up(old: MakeUp, new: MakeUp) -> bool:
    if not old.enabled:
        return True
    return (
        new.enabled
        and new.pay_with == old.pay_with
        and new.points <= old.points
        and new.window_days >= old.window_days
        and new.limit >= old.limit
        and new.share_percent >= old.share_percent
    )
