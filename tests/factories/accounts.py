"""Members, visitors and their tokens, straight into the tables."""

from datetime import timedelta
from typing import Any

from core import clock, ids, randomness
from core.api import auth
from members.accounts import rules
from members.accounts.models import Identity, Member


def make_member(*, joined: bool = True, openid: str = "", **fields: Any) -> Member:
    """A member who joined a day ago (or a visitor); with ``openid`` the sandbox knows the person too."""
    since = fields.pop("first_seen_at", clock.now() - timedelta(days=1))
    if joined:
        fields.setdefault("member_no", rules.member_no(randomness.digits(11)))
        fields.setdefault("joined_at", since)
    fields.setdefault("last_seen_on", clock.business_date(since))
    fields.setdefault("public_id", ids.uuid7())
    member = Member.objects.create(first_seen_at=since, **fields)
    if openid:
        Identity.objects.create(member=member, platform="sandbox", app_id="sandbox", openid=openid)
    return member


def make_visitor(**fields: Any) -> Member:
    """Somebody who was seen but has not joined."""
    return make_member(joined=False, **fields)


def caller_of(member: Member) -> auth.Caller:
    """What the API knows of ``member`` from a valid token."""
    return auth.open_token(token_for(member))


def token_for(member: Member) -> str:
    """A valid token of ``member``."""
    return auth.seal(member.pk, member.token_version)[0]


def bearer(member: Member) -> dict[str, str]:
    """Keyword arguments that sign ``member`` in with Django's test client: ``client.get(url, **bearer(m))``."""
    return {"HTTP_AUTHORIZATION": f"Bearer {token_for(member)}"}
