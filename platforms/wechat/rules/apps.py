"""The configured mini-programs."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from platforms.wechat.rules.crypt import PushKey

_APP_ID = re.compile(r"wx[0-9a-f]{16}")
_PUSH_TOKEN = re.compile(r"[0-9A-Za-z]{3,32}")
_FIELDS = frozenset({"app_id", "secret", "push_token", "push_aes_key"})


@dataclass(frozen=True)
class App:
    """A mini-program: its id and secret, and the token and key of its message push where that is set up."""

    app_id: str
    secret: str = field(repr=False)
    push_token: str = field(default="", repr=False)
    push_key: PushKey | None = field(default=None, repr=False)


def parse(entries: Iterable[Mapping[str, Any]]) -> dict[str, App]:
    """``WECHAT_APPS`` as apps by id; ``ValueError`` names what is wrong, never a secret."""
    apps = [_app(number, entry) for number, entry in enumerate(entries, start=1)]
    found = {app.app_id: app for app in apps}
    if len(found) < len(apps):
        raise ValueError("WECHAT_APPS names an app twice")
    return found


def _app(number: int, entry: Mapping[str, Any]) -> App:
    if not isinstance(entry, Mapping) or set(entry) - _FIELDS or not all(isinstance(v, str) for v in entry.values()):
        raise ValueError(f"WECHAT_APPS, entry {number}: an object with texts for {', '.join(sorted(_FIELDS))}")
    app_id, secret = entry.get("app_id", ""), entry.get("secret", "")
    token, aes_key = entry.get("push_token", ""), entry.get("push_aes_key", "")
    if not _APP_ID.fullmatch(app_id):
        raise ValueError(f"WECHAT_APPS, entry {number}: app_id is wx and 16 hex digits")
    if not secret:
        raise ValueError(f"WECHAT_APPS, entry {number}: the secret is missing")
    if bool(token) != bool(aes_key) or (token and not _PUSH_TOKEN.fullmatch(token)):
        raise ValueError(f"WECHAT_APPS, entry {number}: push_token (3–32 letters, digits) and push_aes_key go together")
    try:
        key = PushKey.of(app_id, aes_key) if aes_key else None
    except ValueError:
        raise ValueError(f"WECHAT_APPS, entry {number}: push_aes_key has 43 characters of base64") from None
    return App(app_id, secret, token, key)
