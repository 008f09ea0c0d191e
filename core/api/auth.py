"""Bearer tokens: opaque to the client, checked without a database read.

A token is ``<key id>.<base64url(nonce ‖ AES-256-GCM(member, version, expiry))>`` with the key id as associated data. It
carries the member's ``token_version``; whether that version still holds and whether the member is blocked is checked by
the first row that each endpoint reads anyway (``members.accounts``), so a revoked token dies at once.
"""

import base64
import binascii
import hashlib
import os
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core import clock, errors

_BODY = struct.Struct(">QIQ")
_NONCE_BYTES = 12
LEEWAY_SECONDS = 60  # an app node's clock may be off by so much


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent the request, as far as the token says: the member's key, the token's version and expiry (unix s)."""

    member_id: int
    version: int
    expires_at: int
    is_authenticated: bool = True


def _keys() -> dict[str, str]:
    if settings.TOKEN_KEYS:
        return dict(settings.TOKEN_KEYS)
    return {"0": _key_of(settings.SECRET_KEY)}


@lru_cache(maxsize=8)
def _key_of(secret: str) -> str:
    """The demo's token key; a deployment sets ``TOKEN_KEYS``, so that the two can be rotated apart."""
    return hashlib.sha256(b"homeground token key:" + secret.encode()).hexdigest()


@lru_cache(maxsize=8)
def _cipher(key_hex: str) -> AESGCM:
    return AESGCM(bytes.fromhex(key_hex))


def seal(member_id: int, version: int, *, now: datetime | None = None) -> tuple[str, datetime]:
    """A new token for ``member_id`` and the moment at which it expires."""
    expires = (now or clock.now()) + timedelta(days=settings.TOKEN_DAYS)
    key_id, key = next(iter(_keys().items()))
    nonce = os.urandom(_NONCE_BYTES)
    body = _BODY.pack(member_id, version, int(expires.timestamp()))
    sealed = nonce + _cipher(key).encrypt(nonce, body, key_id.encode())
    return f"{key_id}.{base64.urlsafe_b64encode(sealed).decode().rstrip('=')}", expires


def open_token(token: str) -> Caller:
    """The caller that ``token`` names; ``NotSignedIn`` when it is forged, damaged or expired."""
    key_id, _, text = token.partition(".")
    key = _keys().get(key_id)
    if key is None or len(text) > 200:
        raise errors.NotSignedIn
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        body = _cipher(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], key_id.encode())
        member_id, version, expires_at = _BODY.unpack(body)
    except (binascii.Error, ValueError, InvalidTag, struct.error):
        raise errors.NotSignedIn from None
    if expires_at + LEEWAY_SECONDS < clock.now().timestamp():
        raise errors.NotSignedIn
    return Caller(member_id, version, expires_at)


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer <token>``; without the header the request is anonymous."""

    def authenticate(self, request: Request) -> tuple[Caller, str] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            return None
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.isascii():
            raise errors.NotSignedIn
        return open_token(token.strip()), token

    def authenticate_header(self, request: Request) -> str:
        """What a 401 says that it wants."""
        return "Bearer"


class IsSignedIn(BasePermission):
    """The default: a readable token. Views open to all set ``permission_classes = [Anyone]``."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.user, Caller):
            raise errors.NotSignedIn
        return True


class Anyone(BasePermission):
    """A declared decision that a view needs no token."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return True
