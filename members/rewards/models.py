"""The tables of the rewards: grants and budgets."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.rewards import rules


class Grant(models.Model):
    """A reward that was given. Only ``state``, ``revoked_at`` and ``revoked_label`` ever change, once, together.

    Points have no row here: their ledger entry carries the same (source, key). The campaign is referred to by value,
    since it lives above this slice.
    """

    class State(models.TextChoices):
        GRANTED = "granted", _("granted")
        REVOKED = "revoked", _("taken back")

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey("accounts.Member", models.PROTECT, related_name="+", verbose_name=_("member"))
    source = models.CharField(_("source"), max_length=rules.LONGEST_SOURCE)
    key = models.CharField(_("key"), max_length=rules.LONGEST_KEY)
    label = models.CharField(_("label"), max_length=rules.LONGEST_LABEL)
    kind = models.CharField(_("kind"), max_length=32)
    spec = models.JSONField(_("reward"))
    amount = models.BigIntegerField(_("amount"))
    cost_fen = models.BigIntegerField(_("cost (fen)"))
    campaign_id = models.UUIDField(_("campaign"), null=True)
    campaign_version_id = models.BigIntegerField(_("campaign version"), null=True)
    budget = models.CharField(_("budget"), max_length=rules.LONGEST_BUDGET, blank=True)
    budget_shard = models.PositiveSmallIntegerField(null=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.GRANTED)
    granted_at = models.DateTimeField(_("granted at"))
    business_on = models.DateField(_("business day"))
    revoked_at = models.DateTimeField(_("taken back at"), null=True)
    revoked_label = models.CharField(_("taken back for"), max_length=rules.LONGEST_LABEL, blank=True)

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [
            models.UniqueConstraint(fields=["source", "key"], name="grant_once"),
            models.CheckConstraint(
                condition=Q(cost_fen__gte=0, cost_fen__lte=rules.MOST_COST_FEN), name="grant_cost_in_bounds"
            ),
            models.CheckConstraint(
                condition=Q(state="granted", revoked_at__isnull=True) | Q(state="revoked", revoked_at__isnull=False),
                name="grant_revoked_at_some_time",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "-id"], name="grant_member"),
            models.Index(fields=["campaign_id", "business_on"], name="grant_campaign"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.source}/{self.key}"


class Budget(models.Model):
    """How much a campaign's rewards may cost at most; what is left is in the shards of pool kind ``reward_budget``."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(_("budget"), max_length=rules.LONGEST_BUDGET, unique=True)
    limit_fen = models.BigIntegerField(_("limit (fen)"))
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = _("reward budget")
        verbose_name_plural = _("reward budgets")
        constraints = [
            models.CheckConstraint(
                condition=Q(limit_fen__gte=0, limit_fen__lte=rules.MOST_COST_FEN), name="budget_in_bounds"
            )
        ]

    def __str__(self) -> str:
        return self.name
