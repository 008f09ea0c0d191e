"""The file that proves the domain to WeChat."""

from members.channels.models import VerificationFile


def get_verification(name: str) -> str | None:
    """The content of the file of that name, or ``None``. One query."""
    return VerificationFile.objects.filter(name=name).values_list("content", flat=True).first()
