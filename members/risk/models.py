"""The tables of the risk gate: policies, the block list, decisions."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.risk import rules


class Scope(models.TextChoices):
    """Whose acts are counted, or who is listed."""

    MEMBER = rules.MEMBER, _("member")
    DEVICE = rules.DEVICE, _("device")
    ADDRESS = rules.ADDRESS, _("network address")


class Hardness(models.TextChoices):
    """What happens to who is over a limit or listed."""

    HOLD = "hold", _("hold back the reward")
    REFUSE = "refuse", _("refuse")


class RiskPolicy(models.Model):
    """A limit of the brand's own. It stands before the built-in one of the same scope and measure."""

    class Measure(models.TextChoices):
        ACTS = rules.ACTS, _("acts")
        MEMBERS = rules.MEMBERS, _("different members")

    id = models.BigAutoField(primary_key=True)
    act = models.CharField(
        _("act"), max_length=40, default=rules.ANY_ACT, help_text=_("Such as checkins.check_in; * is every act.")
    )
    scope = models.CharField(_("counted by"), max_length=10, choices=Scope)
    measure = models.CharField(_("what is counted"), max_length=10, choices=Measure, default=Measure.ACTS)
    most = models.PositiveIntegerField(_("at most"), validators=[MinValueValidator(1)])
    seconds = models.PositiveIntegerField(_("in so many seconds"), validators=[MinValueValidator(1)])
    decision = models.CharField(_("beyond that"), max_length=10, choices=Hardness)
    is_active = models.BooleanField(
        _("in force"), default=True, help_text=_("Switched off, it also switches off the built-in limit.")
    )

    class Meta:
        verbose_name = _("risk policy")
        verbose_name_plural = _("risk policies")
        constraints = [
            models.UniqueConstraint(fields=["act", "scope", "measure"], name="risk_policy_once"),
            models.CheckConstraint(condition=Q(most__gte=1, seconds__gte=1), name="risk_policy_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.scope} {self.measure}"


class BlockEntry(models.Model):
    """A member, device or address on the block list. ``value`` is the member's key, the device mark or the network."""

    id = models.BigAutoField(primary_key=True)
    scope = models.CharField(_("what"), max_length=10, choices=Scope)
    value = models.CharField(_("which"), max_length=rules.LONGEST_VALUE)
    member = models.ForeignKey("accounts.Member", models.PROTECT, null=True, related_name="+", verbose_name=_("member"))
    decision = models.CharField(_("decision"), max_length=10, choices=Hardness)
    reason = models.CharField(_("reason"), max_length=200)
    until = models.DateTimeField(_("until"), null=True)
    created_at = models.DateTimeField(_("listed at"))

    class Meta:
        verbose_name = _("block list entry")
        verbose_name_plural = _("block list")
        permissions = [("list_subject", _("Can change the block list"))]
        constraints = [
            models.UniqueConstraint(fields=["scope", "value"], name="block_once"),
            models.CheckConstraint(
                condition=Q(scope="member", member__isnull=False) | (~Q(scope="member") & Q(member__isnull=True)),
                name="block_names_its_member",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_scope_display()} {self.member or self.value}"


class RiskDecision(models.Model):
    """A verdict other than a plain "allow". Kept for 90 days, never changed."""

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey("accounts.Member", models.PROTECT, null=True, related_name="+", verbose_name=_("member"))
    act = models.CharField(_("act"), max_length=40)
    decision = models.CharField(_("decision"), max_length=10, choices=Hardness)
    reasons = models.JSONField(_("reasons"))
    device = models.CharField(_("device"), max_length=rules.LONGEST_VALUE, blank=True)
    address = models.CharField(_("network address"), max_length=rules.LONGEST_VALUE, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("risk decision")
        verbose_name_plural = _("risk decisions")
        indexes = [
            models.Index(fields=["member", "-id"], name="risk_decision_member"),
            models.Index(fields=["at"], name="risk_decision_age"),
        ]

    def __str__(self) -> str:
        return f"{self.act}: {self.decision}"
