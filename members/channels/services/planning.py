"""Acts of staff around the tree: costs, experiments, landings that are taken back, the set-up of the mini-program."""

from collections.abc import Sequence
from datetime import date

from core import audit, clock
from core.commands import command
from core.models import StaffUser
from members.channels import errors
from members.channels.models import (
    Channel,
    ChannelCost,
    Experiment,
    LandingRule,
    PrefixRule,
    Variant,
    VerificationFile,
)
from members.channels.rules import prefix, tree

MOST_VARIANTS = 6


@command
def add_cost(
    *, channel: Channel, kind: str, amount_fen: int, quantity: int, first_on: date, last_on: date, note: str,
    actor: StaffUser,
) -> ChannelCost:  # fmt: skip
    """Note what ``channel`` costs: each day up to ``last_on``, or ``quantity`` pieces on ``first_on``."""
    if kind == ChannelCost.Kind.PIECE:
        last_on = first_on
    else:
        quantity = 1
    if last_on < first_on:
        raise errors.InvalidWindow
    cost = ChannelCost.objects.create(
        channel=channel, kind=kind, amount_fen=amount_fen, quantity=quantity, first_on=first_on, last_on=last_on,
        note=note,
    )  # fmt: skip
    detail = {"kind": kind, "amount_fen": amount_fen, "quantity": quantity}
    audit.record(actor=actor, action="channels.add_cost", subject=f"channel:{channel.pk}", detail=detail)
    return cost


@command
def remove_cost(*, cost: ChannelCost, reason: str, actor: StaffUser) -> None:
    """Take a wrong cost back; the trail keeps what it was."""
    detail = {"kind": cost.kind, "amount_fen": cost.amount_fen, "quantity": cost.quantity, "first": f"{cost.first_on}"}
    subject = f"channel:{cost.channel_id}"
    audit.record(actor=actor, action="channels.remove_cost", subject=subject, reason=reason, detail=detail)
    cost.delete()


@command
def remove_landing(*, rule: LandingRule, reason: str, actor: StaffUser) -> None:
    """Take a landing back: from now on the next rule, or the fallback, holds."""
    subject = f"channel:{rule.channel_id}" if rule.channel_id else f"channel_code:{rule.code_id}"
    detail = {"path": rule.path}
    audit.record(actor=actor, action="channels.remove_landing", subject=subject, reason=reason, detail=detail)
    rule.delete()


@command
def create_experiment(*, name: str, question: str, variants: Sequence[str], actor: StaffUser) -> Experiment:
    """Make an experiment with its variants, the one to compare with first; ``InvalidExperiment``."""
    names = [each.strip() for each in variants if each.strip()]
    fits = all(len(each) <= tree.LONGEST_NAME for each in names)
    if not fits or not 2 <= len(names) <= MOST_VARIANTS or len(set(names)) < len(names):
        raise errors.InvalidExperiment(most=MOST_VARIANTS)
    experiment = Experiment.objects.create(name=name, question=question, created_at=clock.now())
    for each in names:
        Variant.objects.create(experiment=experiment, name=each)
    audit.record(actor=actor, action="channels.create_experiment", subject=f"experiment:{experiment.pk}")
    return experiment


@command
def end_experiment(*, experiment: Experiment, actor: StaffUser) -> None:
    """Close it: no new batch can belong to it; its figures stay."""
    Experiment.objects.filter(pk=experiment.pk, ended_at=None).update(ended_at=clock.now())
    audit.record(actor=actor, action="channels.end_experiment", subject=f"experiment:{experiment.pk}")


@command
def save_verification(*, name: str, content: str, actor: StaffUser) -> VerificationFile:
    """Keep the console's file, so that it is served; ``InvalidVerification``."""
    name, content = name.strip(), content.strip()
    prefix.ensure_file(name, content)
    file, _made = VerificationFile.objects.update_or_create(
        name=name, defaults={"content": content, "created_at": clock.now()}
    )
    audit.record(actor=actor, action="channels.save_verification", subject=f"verification:{name}")
    return file


@command
def save_prefix_rule(*, text: str, is_published: bool, actor: StaffUser) -> PrefixRule:
    """Note a rule of the console, or that it is published now; ``InvalidPrefix``."""
    text = text.strip()
    prefix.ensure_prefix(text)
    rule, _made = PrefixRule.objects.update_or_create(prefix=text, defaults={"is_published": is_published})
    detail = {"published": is_published}
    audit.record(actor=actor, action="channels.save_prefix_rule", subject=f"prefix_rule:{rule.pk}", detail=detail)
    return rule


@command
def remove_prefix_rule(*, rule: PrefixRule, actor: StaffUser) -> None:
    """Forget a rule that no longer stands in the console."""
    audit.record(actor=actor, action="channels.remove_prefix_rule", subject=f"prefix_rule:{rule.pk}")
    rule.delete()
