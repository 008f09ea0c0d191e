"""Who came: scans, attribution, welcomes, and the sums of each day."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.channels.models.codes import ChannelCode, CodeBatch
from members.channels.models.tree import Channel, WelcomeKit


class Scan(models.Model):
    """A code was scanned. ``scanned_at`` is the server's time; ``claimed_at`` and ``scene`` are the client's claims.

    ``device`` is a keyed hash. ``counted`` is what the day's row holds of this scan (0 nothing, 1 the scan, 2 a new
    person as well); while ``pending`` the worker has yet to bring the row up to date. The address goes after 90 days.
    """

    class Via(models.TextChoices):
        APP = "app", _("mini-program")
        PAGE = "page", _("landing page")
        SIGN_IN = "sign_in", _("sign-in")

    id = models.BigAutoField(primary_key=True)
    scan_id = models.UUIDField(_("scan id"), unique=True)
    code = models.ForeignKey(ChannelCode, models.PROTECT, related_name="+", verbose_name=_("code"))
    batch = models.ForeignKey(CodeBatch, models.PROTECT, related_name="+", verbose_name=_("batch"))
    member = models.ForeignKey("accounts.Member", models.PROTECT, null=True, related_name="+",
                               verbose_name=_("member"))  # fmt: skip
    via = models.CharField(_("by way of"), max_length=8, choices=Via)
    scanned_at = models.DateTimeField(_("scanned at"))
    scanned_on = models.DateField(_("business day"))
    claimed_at = models.DateTimeField(_("scanned at, as the client says"), null=True)
    scene = models.IntegerField(_("launch scene, as the client says"), null=True)
    device = models.CharField(_("device"), max_length=32, blank=True)
    address = models.CharField(_("address"), max_length=45, null=True)
    is_test = models.BooleanField(_("test"), default=False)
    is_staff = models.BooleanField(_("staff"), default=False)
    counted = models.PositiveSmallIntegerField(default=0)
    pending = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("scan")
        verbose_name_plural = _("scans")
        indexes = [
            models.Index(fields=["batch", "scanned_on"], name="scan_batch_day"),
            models.Index(fields=["code", "id"], name="scan_code"),
            models.Index(fields=["member", "id"], condition=Q(member__isnull=False), name="scan_member"),
            models.Index(fields=["id"], condition=Q(pending=True), name="scan_pending"),
            models.Index(fields=["scanned_on"], condition=Q(address__isnull=False), name="scan_with_address"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Scanner(models.Model):
    """A channel has seen this person (``m:<key>``) or device (``d:<hash>``) before; written by the worker only."""

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+", verbose_name=_("channel"))
    mark = models.CharField(max_length=40)
    member = models.ForeignKey("accounts.Member", models.PROTECT, null=True, related_name="+",
                               verbose_name=_("member"))  # fmt: skip
    first_scan = models.ForeignKey(Scan, models.PROTECT, related_name="+", verbose_name=_("first scan"))

    class Meta:
        verbose_name = _("person or device seen")
        verbose_name_plural = _("persons and devices seen")
        constraints = [models.UniqueConstraint(fields=["channel", "mark"], name="scanner_once")]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Attribution(models.Model):
    """Which channel brought a person: the first touch for ever, and the last one before a conversion.

    ``counted`` is the set of steps (bits: 1 signed in, 2 joined, 4 first action, 8 first order) that the days' rows
    hold of this person.
    """

    id = models.BigAutoField(primary_key=True)
    member = models.OneToOneField("accounts.Member", models.PROTECT, related_name="+", verbose_name=_("member"))
    first_channel = models.ForeignKey(Channel, models.PROTECT, related_name="+", verbose_name=_("first channel"))
    first_code = models.ForeignKey(ChannelCode, models.PROTECT, related_name="+", verbose_name=_("first code"))
    first_batch = models.ForeignKey(CodeBatch, models.PROTECT, related_name="+", verbose_name=_("first batch"))
    first_scan_at = models.DateTimeField(_("first touch"))
    last_channel = models.ForeignKey(Channel, models.PROTECT, related_name="+", verbose_name=_("last channel"))
    last_code = models.ForeignKey(ChannelCode, models.PROTECT, related_name="+", verbose_name=_("last code"))
    last_scan_at = models.DateTimeField(_("last touch"))
    is_acquired = models.BooleanField(_("brought by a channel"), default=True)
    signed_in_on = models.DateField(_("signed in on"))
    joined_on = models.DateField(_("joined on"), null=True)
    acted_on = models.DateField(_("first action on"), null=True)
    ordered_on = models.DateField(_("first order on"), null=True)
    gift_fen = models.BigIntegerField(_("gift cost (fen)"), default=0)
    is_excluded = models.BooleanField(_("test or staff"), default=False)
    counted = models.PositiveSmallIntegerField(default=0)
    pending = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("attribution")
        verbose_name_plural = _("attributions")
        indexes = [
            models.Index(fields=["first_batch", "signed_in_on"], name="attribution_batch"),
            models.Index(fields=["id"], condition=Q(pending=True), name="attribution_pending"),
            models.Index(
                fields=["member"], condition=Q(acted_on__isnull=True, joined_on__isnull=False),
                name="attribution_waiting",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"#{self.pk}"


class Welcome(models.Model):
    """A member got a kit, once. The rewards themselves are in their own ledgers."""

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey("accounts.Member", models.PROTECT, related_name="+", verbose_name=_("member"))
    kit = models.ForeignKey(WelcomeKit, models.PROTECT, related_name="+", verbose_name=_("welcome kit"))
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+", verbose_name=_("channel"))
    cost_fen = models.BigIntegerField(_("cost (fen)"))
    welcomed_at = models.DateTimeField(_("given at"))

    class Meta:
        verbose_name = _("welcome")
        verbose_name_plural = _("welcomes")
        constraints = [models.UniqueConstraint(fields=["member", "kit"], name="welcome_once")]

    def __str__(self) -> str:
        return f"#{self.pk}"


class ChannelDay(models.Model):
    """A day of a batch: how many came how far. Written by the worker only, with what it counts, exactly once.

    ``scans`` and ``unique_scans`` are by the day of the scan; the steps by the day on which the person took them, for
    the batch of the first touch. A person is new to a channel once. Staff and tests are left out.
    """

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+", verbose_name=_("channel"))
    batch = models.ForeignKey(CodeBatch, models.PROTECT, related_name="+", verbose_name=_("batch"))
    day = models.DateField(_("day"))
    scans = models.BigIntegerField(_("scans"), default=0)
    unique_scans = models.BigIntegerField(_("unique"), default=0)
    signed_in = models.BigIntegerField(_("signed in"), default=0)
    joined = models.BigIntegerField(_("joined"), default=0)
    first_actions = models.BigIntegerField(_("first action"), default=0)
    first_orders = models.BigIntegerField(_("first order"), default=0)
    gift_fen = models.BigIntegerField(_("gift cost (fen)"), default=0)

    class Meta:
        verbose_name = _("day of a channel")
        verbose_name_plural = _("days of channels")
        permissions = [("export_channelday", _("Can download the funnel"))]
        constraints = [
            models.UniqueConstraint(fields=["batch", "day"], name="channel_day_once"),
            models.CheckConstraint(
                condition=Q(
                    scans__gte=0, unique_scans__gte=0, signed_in__gte=0, joined__gte=0, first_actions__gte=0,
                    first_orders__gte=0, gift_fen__gte=0,
                ),
                name="channel_day_not_negative",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["day", "channel"], name="channel_day_by_day")]

    def __str__(self) -> str:
        return f"{self.day}"


class CountingMark(models.Model):
    """How far the counting has come in the event log; holding its row makes a sweep the only one.

    Up to ``settled_id`` all is counted for ever; ``seen_id`` was the newest event at ``seen_at``.
    """

    name = models.CharField(primary_key=True, max_length=16)
    settled_id = models.BigIntegerField(default=0)
    seen_id = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("counting mark")
        verbose_name_plural = _("counting marks")

    def __str__(self) -> str:
        return self.name
