"""What is kept of secrets: sealed (AES-256-GCM) or as a keyed hash. The keys follow from ``TOKEN_KEYS``."""

import base64
import binascii
import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_NONCE_BYTES = 12


def _secrets() -> dict[str, str]:
    """Key id → secret; the first seals, all open. The demo has only Django's key."""
    return dict(settings.TOKEN_KEYS) or {"0": settings.SECRET_KEY}


@lru_cache(maxsize=32)
def _key(purpose: str, secret: str) -> bytes:
    return hmac.new(secret.encode(), b"homeground wechat " + purpose.encode(), hashlib.sha256).digest()


def seal(text: str, *, bound_to: str) -> str:
    """``text`` sealed; it opens only with the same ``bound_to``, so that rows can't be swapped."""
    key_id, secret = next(iter(_secrets().items()))
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(_key("seal", secret)).encrypt(nonce, text.encode(), f"{key_id}|{bound_to}".encode())
    return f"{key_id}.{base64.b64encode(nonce + sealed).decode()}"


def unseal(sealed: str, *, bound_to: str) -> str | None:
    """What :func:`seal` sealed; ``None`` when its key is gone or it was changed."""
    key_id, _, text = sealed.partition(".")
    secret = _secrets().get(key_id)
    if secret is None:
        return None
    try:
        raw = base64.b64decode(text, validate=True)
        opened = AESGCM(_key("seal", secret)).decrypt(
            raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], f"{key_id}|{bound_to}".encode()
        )
    except (binascii.Error, ValueError, InvalidTag):
        return None
    return opened.decode()


def mark(text: str, *, purpose: str) -> str:
    """A keyed SHA-256 of ``text``, by which it is found again; after a change of keys it is another."""
    secret = next(iter(_secrets().values()))
    return hmac.new(_key(purpose, secret), text.encode(), hashlib.sha256).hexdigest()
