"""What is printed: experiments, batches, codes, where they lead, and the jobs that draw them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from members.channels.models.tree import Channel, Identified
from members.channels.rules import codes, landing, tree


class Experiment(Identified):
    """A comparison of copy or gift: each variant has batches of its own, spread alike."""

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


class CodeBatch(Identified):
    """Codes that were made together and are printed alike; a single code is a batch of one.

    ``quantity`` is the number of different codes, ``print_quantity`` the number of pieces printed with them.
    """

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


class PrintJob(Identified):
    """A batch being made into files for the printer, in the background; at most one at a time for each batch.

    A worker holds ``lease_until`` and writes only while it still stands; ``attempts`` counts the times that a job was
    taken up since it last made progress.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("being made")
        FINISHED = "finished", _("finished")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

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
    attempts = models.PositiveSmallIntegerField(default=0)
    is_cancel_requested = models.BooleanField(default=False)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("print job")
        verbose_name_plural = _("print jobs")
        constraints = [
            models.CheckConstraint(condition=Q(verified__lte=F("codes")), name="print_job_progress"),
            models.UniqueConstraint(
                fields=["batch"], condition=Q(state__in=["queued", "running"]), name="print_job_one_open"
            ),
        ]
        permissions = [("download_printjob", _("Can download print files"))]
        indexes = [
            models.Index(fields=["requested_at"], condition=Q(state__in=["queued", "running"]), name="print_job_due")
        ]

    def __str__(self) -> str:
        return f"{self.batch} · {self.get_state_display()}"
