"""WeChat's cryptography: message push, user data, session signatures.

Sources: the message push and signature guides of developers.weixin.qq.com; known answers are in
``tests/data/wechat_vectors.json``. Two paddings: user data is padded to 16 bytes (PKCS #7), pushes to 32.
"""

import base64
import binascii
import hashlib
import hmac
import struct
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_RANDOM_BYTES, _LENGTH = 16, struct.Struct(">I")


class Undecipherable(Exception):
    """The text was not sealed for us, with this key."""


@dataclass(frozen=True)
class PushKey:
    """The 32 bytes behind an ``EncodingAESKey`` (43 characters), and the app that it belongs to."""

    app_id: str
    key: bytes

    @classmethod
    def of(cls, app_id: str, encoding_aes_key: str) -> "PushKey":
        """The key as the console shows it; ``ValueError`` unless it has 43 characters of base64."""
        if len(encoding_aes_key) != 43:
            raise ValueError("an EncodingAESKey has 43 characters")
        return cls(app_id, base64.b64decode(encoding_aes_key + "=", validate=True))


def sha1_sorted(*parts: str) -> str:
    """SHA-1 (hex) over the parts in byte order, as the protocol prescribes."""
    joined = b"".join(sorted(part.encode() for part in parts))
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def same(given: str, expected: str) -> bool:
    """Whether two signatures are equal, in a time that says nothing about where they differ."""
    return hmac.compare_digest(given.encode(), expected.encode())


def open_push(sealed: str, key: PushKey) -> bytes:
    """The message in ``sealed``; ``Undecipherable`` unless it was sealed for the key's app.

    AES-256-CBC, IV = the key's first half; 16 random bytes, big-endian length, message, app id.
    """
    text = _unpad(_decrypt(_b64(sealed), key.key, key.key[:16]), block=32)
    if len(text) < _RANDOM_BYTES + _LENGTH.size:
        raise Undecipherable
    start = _RANDOM_BYTES + _LENGTH.size
    end = start + _LENGTH.unpack_from(text, _RANDOM_BYTES)[0]
    if end > len(text) or not hmac.compare_digest(text[end:], key.app_id.encode()):
        raise Undecipherable
    return text[start:end]


def seal_push(message: bytes, key: PushKey, random: bytes) -> str:
    """``message`` as WeChat would push it; ``random`` are 16 bytes."""
    text = random + _LENGTH.pack(len(message)) + message + key.app_id.encode()
    padding = 32 - len(text) % 32
    encryptor = Cipher(algorithms.AES(key.key), modes.CBC(key.key[:16])).encryptor()
    return base64.b64encode(encryptor.update(text + bytes([padding]) * padding) + encryptor.finalize()).decode()


def open_user_data(
    sealed: str, *, iv: str, session_key: str, app_id: str, now: int, window: int = 300
) -> dict[str, Any]:
    """What ``wx.getUserInfo`` and old phone buttons send sealed (AES-128-CBC, PKCS #7).

    A wrong session key may pass the padding by chance, so app and time (unix s, ± ``window`` s) of the watermark are
    checked too: ``Undecipherable``.
    """
    text = _unpad(_decrypt(_b64(sealed), _b64(session_key), _b64(iv)), block=16)
    try:
        found = orjson.loads(text)
        mark = found["watermark"]
        fits = mark["appid"] == app_id and abs(now - int(mark["timestamp"])) <= window
    except (ValueError, TypeError, KeyError):
        raise Undecipherable from None
    if not fits or not isinstance(found, dict):
        raise Undecipherable
    return found


def raw_data_signature(raw_data: str, session_key: str) -> str:
    """The old signature beside ``rawData``: SHA-1 over the data and the key's text."""
    return hashlib.sha1((raw_data + session_key).encode(), usedforsecurity=False).hexdigest()


def session_signature(data: str, session_key: str) -> str:
    """HMAC-SHA-256 over ``data`` with the key's *text*, not its bytes (checkSessionKey, game requests)."""
    return hmac.new(session_key.encode(), data.encode(), hashlib.sha256).hexdigest()


def _b64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Undecipherable from None


def _decrypt(data: bytes, key: bytes, iv: bytes) -> bytes:
    if not data or len(data) % 16 or len(iv) != 16 or len(key) not in {16, 24, 32}:
        raise Undecipherable
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def _unpad(text: bytes, *, block: int) -> bytes:
    count = text[-1]
    if not 1 <= count <= block or text[-count:] != bytes([count]) * count:
        raise Undecipherable
    return text[:-count]
