"""The tables of WeChat: access tokens, used login codes, fetched codes, pushed messages, faults for the operator."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AccessToken(models.Model):
    """An app's access token, sealed; ``mark`` (a keyed hash) lets the refused one be told from a newer one."""

    app_id = models.CharField(_("app"), max_length=32, primary_key=True)
    sealed = models.CharField(max_length=1024)
    mark = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")

    def __str__(self) -> str:
        return self.app_id


class UsedLoginCode(models.Model):
    """A login code that was sent to WeChat, as a keyed hash: a second sign-in with it ends here. Kept for a day."""

    mark = models.CharField(max_length=64, primary_key=True)
    used_at = models.DateTimeField(_("used at"), db_index=True)

    class Meta:
        verbose_name = _("used login code")
        verbose_name_plural = _("used login codes")

    def __str__(self) -> str:
        return self.mark[:8]


class MiniProgramCode(models.Model):
    """A fetched code; ``key`` is the SHA-256 of everything that shows in it, so it is fetched once."""

    key = models.CharField(max_length=64, primary_key=True)
    app_id = models.CharField(_("app"), max_length=32)
    scene = models.CharField(_("scene"), max_length=32)
    page = models.CharField(_("page"), max_length=128, blank=True)
    width = models.PositiveIntegerField(_("width"))
    env_version = models.CharField(_("version"), max_length=8)
    picture = models.BinaryField(_("picture"))
    fetched_at = models.DateTimeField(_("fetched at"))

    class Meta:
        verbose_name = _("mini-program code")
        verbose_name_plural = _("mini-program codes")

    def __str__(self) -> str:
        return self.scene


class PushMessage(models.Model):
    """A message that WeChat pushed: ``dedup`` makes it act once. The openid stays here; events name the row."""

    id = models.BigAutoField(primary_key=True)
    app_id = models.CharField(_("app"), max_length=32)
    dedup = models.CharField(max_length=64)
    kind = models.CharField(_("kind"), max_length=64)
    openid = models.CharField(max_length=128, blank=True)
    sent_at = models.DateTimeField(_("sent at"))
    received_at = models.DateTimeField(_("received at"), db_index=True)

    class Meta:
        verbose_name = _("pushed message")
        verbose_name_plural = _("pushed messages")
        constraints = [models.UniqueConstraint(fields=["app_id", "dedup"], name="wechat_push_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Fault(models.Model):
    """What only an operator can mend: WeChat refused an app's secret, address or rights. One row an app and number."""

    id = models.BigAutoField(primary_key=True)
    app_id = models.CharField(_("app"), max_length=32)
    errcode = models.IntegerField(_("error number"))
    rid = models.CharField(max_length=64, blank=True)
    first_at = models.DateTimeField(_("first at"))
    last_at = models.DateTimeField(_("last at"))

    class Meta:
        verbose_name = _("fault of the set-up")
        verbose_name_plural = _("faults of the set-up")
        constraints = [models.UniqueConstraint(fields=["app_id", "errcode"], name="wechat_fault_once")]

    def __str__(self) -> str:
        return f"{self.app_id} {self.errcode}"
