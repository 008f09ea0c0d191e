"""Mini-program codes (getUnlimitedQRCode): fetched once, kept in the database."""

import io
import math

from PIL import Image

from core import clock, limits
from platforms.wechat import errors, selectors
from platforms.wechat.models import MiniProgramCode
from platforms.wechat.rules import scene as rules
from platforms.wechat.services import calls
from platforms.wechat.services.transport import Request

# The platform allows 5,000 a minute and app. Without Redis each process counts for itself; what goes over is 45009.
FETCHES = limits.Limit("wechat-codes", "app", per_minute=4_000, burst=500)


def mini_program_code(app_id: str, scene: str, page: str, width: int, *, env_version: str = "release") -> bytes:
    """The mini-program code (JPEG) that opens ``page`` with ``scene``; fetched once, then read from the database.

    ``scene``: 1–32 of ``0-9 A-Z a-z !#$&'()*+,/:;=?@-._~`` (a channel code fits). ``page``: without leading slash and
    without ``?``; empty is the first page. ``width``: 280–1280 pixels. ``env_version``: ``release``, ``trial`` or
    ``develop``; only for ``release`` does WeChat check that the page is published.

    An outside call of at most ``WECHAT_TOTAL_SECONDS`` (4.5 s): never inside a transaction, so in the admin call it
    from a view or action of its own (``CallInTransaction`` otherwise). Refusals, each a ``DomainError`` with ``code``,
    ``status``, ``retryable`` and a sentence in the reader's language:

    - ``UnknownApp``, ``SceneInvalid``, ``PageInvalid``, ``WidthInvalid``, ``ArgumentsInvalid`` (422): before any call;
    - ``PageUnpublished`` (422): the published mini-program has no such page;
    - ``TooOften`` (429), ``QuotaUsedUp`` (503): wait ``retry_after`` seconds;
    - ``Unavailable``, ``TokenRefused`` (503): try again later, nothing was lost;
    - ``Misconfigured`` (500): secret, allowed address or rights; the operator finds it among the incidents;
    - ``Refused`` (422): any other number of WeChat's. All are in ``platforms.wechat.errors``, below ``WeChatError``.
    """
    calls.ensure_outside_transaction()
    app = selectors.get_app(app_id)
    spec = rules.CodeSpec(app_id, scene, page, width, env_version)
    rules.ensure_drawable(spec)
    kept = MiniProgramCode.objects.filter(pk=spec.key()).values_list("picture", flat=True).first()
    if kept is not None:
        return bytes(kept)
    _take_place(app_id)
    answer = calls.call(app, Request("POST", "/wxa/getwxacodeunlimit", {}, spec.body()))
    if not _is_whole(answer.picture):
        raise errors.Unavailable  # half a picture would be kept for good
    row = MiniProgramCode(
        key=spec.key(), app_id=app_id, scene=scene, page=page, width=width, env_version=env_version,
        picture=answer.picture, fetched_at=clock.now(),
    )  # fmt: skip
    MiniProgramCode.objects.bulk_create([row], ignore_conflicts=True)  # another may have fetched the same meanwhile
    return answer.picture


def _is_whole(picture: bytes) -> bool:
    """Whether ``picture`` is one to its last row."""
    try:
        with Image.open(io.BytesIO(picture), formats=["JPEG", "PNG"]) as opened:
            opened.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False
    return True


def _take_place(app_id: str) -> None:
    """Stay below the platform's limit, whatever the switches of our own limits say."""
    outcome = limits.buckets().hit(f"{FETCHES.name}:{app_id}", FETCHES)
    if not outcome.allowed:
        raise errors.TooOften(retry_after=max(1, math.ceil(outcome.reset)))
