"""What the mini-program's console knows of us: the file that proves the domain, and the rules for plain addresses."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class VerificationFile(models.Model):
    """The file by which WeChat sees that the domain is ours; served as plain text below the printed prefix."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(_("file name"), max_length=68, unique=True)
    content = models.CharField(_("content"), max_length=128)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("verification file")
        verbose_name_plural = _("verification files")

    def __str__(self) -> str:
        return self.name


class PrefixRule(models.Model):
    """A rule as it stands in the mini-program's console, written down here to be checked."""

    id = models.BigAutoField(primary_key=True)
    prefix = models.CharField(_("prefix"), max_length=200, unique=True)
    is_published = models.BooleanField(_("published"), default=False)

    class Meta:
        verbose_name = _("rule for plain addresses")
        verbose_name_plural = _("rules for plain addresses")

    def __str__(self) -> str:
        return self.prefix
