"""The tables of the channels: tree and kits, codes and landings, scans and attribution, the day's sums, print jobs."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import ids
from members.channels.rules import codes, landing, tree


class WelcomeKit(models.Model):
    """What a new member gets when joining: reward specifications, given through the rewards, once a person."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    name = models.CharField(_("name"), max_length=tree.LONGEST_NAME)
    rewards = models.JSONField(_("rewards"), default=list)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("welcome kit")
        verbose_name_plural = _("welcome kits")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Channel(models.Model):
    """Where people come from: a platform, a campaign on it, a store or a print run."""

    class Kind(models.TextChoices):
        PLATFORM = "platform", _("platform")
        CAMPAIGN = "campaign", _("campaign")
        STORE = "store", _("store")
        BATCH = "batch", _("batch")

    class Type(models.TextChoices):
        INSERT = "insert", _("package insert")
        CARD = "card", _("card")
        STORE = "store", _("store sign")
        POSTER = "poster", _("poster")
        SMS = "sms", _("text message")
        CALL = "call", _("call")
        AD = "ad", _("advertisement")
        LIVE = "live", _("live stream")
        MENU = "menu", _("menu")
        RECEIPT = "receipt", _("receipt")
        PARTNER = "partner", _("partner")
        OTHER = "other", _("other")

    class Traffic(models.TextChoices):
        STABLE = "stable", _("stable")
        PAID = "paid", _("paid")
        UNCLEAR = "unclear", _("unclear")

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        ACTIVE = "active", _("active")
        PAUSED = "paused", _("paused")
        CLOSED = "closed", _("closed")

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children",
                               verbose_name=_("below"))  # fmt: skip
    name = models.CharField(_("name"), max_length=tree.LONGEST_NAME)
    kind = models.CharField(_("level"), max_length=10, choices=Kind)
    type = models.CharField(_("type"), max_length=10, choices=Type)
    traffic = models.CharField(_("traffic"), max_length=10, choices=Traffic, default=Traffic.STABLE)
    owner = models.CharField(_("owner"), max_length=40, blank=True)
    store = models.ForeignKey("stores.Store", models.PROTECT, null=True, blank=True, related_name="+",
                              verbose_name=_("store"))  # fmt: skip
    starts_at = models.DateTimeField(_("starts at"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    welcome_kit = models.ForeignKey(WelcomeKit, models.PROTECT, null=True, blank=True, related_name="+",
                                    verbose_name=_("welcome kit"))  # fmt: skip
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="channel_window",
            ),
            models.CheckConstraint(
                condition=(Q(kind="platform") & Q(parent__isnull=True)) | ~Q(kind="platform"), name="channel_top"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ChannelCost(models.Model):
    """What a channel cost: an amount for each day from ``first_on`` to ``last_on``, or an amount for each piece."""

    class Kind(models.TextChoices):
        DAY = "day", _("per day")
        PIECE = "piece", _("per piece")

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="costs", verbose_name=_("channel"))
    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    amount_fen = models.BigIntegerField(_("amount (fen)"))
    quantity = models.PositiveIntegerField(_("pieces"), default=1)
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    note = models.CharField(_("note"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("channel cost")
        verbose_name_plural = _("channel costs")
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gte=0), name="channel_cost_not_negative"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="channel_cost_pieces"),
            models.CheckConstraint(
                condition=Q(last_on=F("first_on")) | (Q(kind="day") & Q(last_on__gte=F("first_on"))),
                name="channel_cost_days",
            ),
        ]

    def __str__(self) -> str:
        return self.note or self.get_kind_display()


class Experiment(models.Model):
    """A comparison of copy or gift: each variant has batches of its own, spread alike."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    name = models.CharField(_("name"), max_length=tree.LONGEST_NAME)
    question = models.CharField(_("question"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("experiment")
        verbose_name_plural = _("experiments")

    def __str__(self) -> str:
        return self.name


class Variant(models.Model):
    """One side of an experiment; the first one made is what the others are compared with."""

    id = models.BigAutoField(primary_key=True)
    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="variants", verbose_name=_("experiment"))
    name = models.CharField(_("name"), max_length=tree.LONGEST_NAME)
    note = models.CharField(_("what is different"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        constraints = [models.UniqueConstraint(fields=["experiment", "name"], name="variant_name_once")]

    def __str__(self) -> str:
        return self.name


class CodeBatch(models.Model):
    """Codes that were made together and are printed alike; a single code is a batch of one.

    ``quantity`` is the number of different codes, ``print_quantity`` the number of pieces printed with them.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="batches", verbose_name=_("channel"))
    name = models.CharField(_("name"), max_length=tree.LONGEST_NAME)
    quantity = models.PositiveIntegerField(_("codes"))
    print_quantity = models.PositiveIntegerField(_("printed pieces"), default=0)
    variant = models.ForeignKey(Variant, models.PROTECT, null=True, blank=True, related_name="batches",
                                verbose_name=_("variant"))  # fmt: skip
    created_at = models.DateTimeField(_("created at"))
    created_by = models.CharField(_("created by"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("batch of codes")
        verbose_name_plural = _("batches of codes")
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=tree.MOST_CODES), name="code_batch_quantity"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ChannelCode(models.Model):
    """A printed code. It never changes; where it leads does (``LandingRule``). It carries no one-time value."""

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(_("code"), max_length=codes.LENGTH, unique=True)
    batch = models.ForeignKey(CodeBatch, models.PROTECT, related_name="codes", verbose_name=_("batch"))
    label = models.CharField(_("label"), max_length=tree.LONGEST_NAME, blank=True)
    tags = models.JSONField(_("tags"), default=list, blank=True)

    class Meta:
        verbose_name = _("channel code")
        verbose_name_plural = _("channel codes")
        indexes = [models.Index(fields=["batch", "id"], name="channel_code_batch")]

    def __str__(self) -> str:
        return codes.grouped(self.code)


class LandingRule(models.Model):
    """Where a code or all codes below a channel lead, at a time; the most special rule in force wins."""

    class Target(models.TextChoices):
        MINI_PROGRAM = "mini_program", _("page of the mini-program")
        PAGE = "page", _("our own page")

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(Channel, models.CASCADE, null=True, blank=True, related_name="landings",
                                verbose_name=_("channel"))  # fmt: skip
    code = models.ForeignKey(ChannelCode, models.CASCADE, null=True, blank=True, related_name="landings",
                             verbose_name=_("code"))  # fmt: skip
    target = models.CharField(_("leads to"), max_length=12, choices=Target, default=Target.MINI_PROGRAM)
    path = models.CharField(_("page"), max_length=landing.LONGEST_PATH, blank=True)
    params = models.JSONField(_("parameters"), default=dict, blank=True)
    title_zh = models.CharField(_("heading (Chinese)"), max_length=40, blank=True)
    title_en = models.CharField(_("heading (English)"), max_length=80, blank=True)
    text_zh = models.CharField(_("text (Chinese)"), max_length=300, blank=True)
    text_en = models.CharField(_("text (English)"), max_length=600, blank=True)
    starts_at = models.DateTimeField(_("starts at"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    priority = models.SmallIntegerField(_("priority"), default=0)

    class Meta:
        verbose_name = _("landing")
        verbose_name_plural = _("landings")
        constraints = [
            models.CheckConstraint(
                condition=Q(channel__isnull=True, code__isnull=False) | Q(channel__isnull=False, code__isnull=True),
                name="landing_of_channel_or_code",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="landing_window",
            ),
        ]

    def __str__(self) -> str:
        return self.path or self.title_zh or self.get_target_display()


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
    """How far a counting sweep has come; holding its row makes the sweep the only one."""

    name = models.CharField(primary_key=True, max_length=16)
    reached_at = models.DateTimeField()

    class Meta:
        verbose_name = _("counting mark")
        verbose_name_plural = _("counting marks")

    def __str__(self) -> str:
        return self.name


class PrintJob(models.Model):
    """A batch being made into files for the printer, in the background."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("being made")
        FINISHED = "finished", _("finished")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    batch = models.ForeignKey(CodeBatch, models.PROTECT, related_name="print_jobs", verbose_name=_("batch"))
    spec = models.JSONField(_("specification"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    codes = models.PositiveIntegerField(_("codes"))
    verified = models.PositiveIntegerField(_("verified"), default=0)
    pages = models.PositiveIntegerField(_("pages"), default=0)
    file = models.CharField(_("file"), max_length=120, blank=True)
    failure = models.CharField(_("failure"), max_length=300, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+",
                                     verbose_name=_("requested by"))  # fmt: skip
    requested_at = models.DateTimeField(_("requested at"))
    lease_until = models.DateTimeField(null=True)
    is_cancel_requested = models.BooleanField(default=False)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("print job")
        verbose_name_plural = _("print jobs")
        constraints = [models.CheckConstraint(condition=Q(verified__lte=F("codes")), name="print_job_progress")]
        indexes = [
            models.Index(fields=["requested_at"], condition=Q(state__in=["queued", "running"]), name="print_job_due")
        ]

    def __str__(self) -> str:
        return f"{self.batch} · {self.get_state_display()}"
