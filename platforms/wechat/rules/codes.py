"""What WeChat's numbers mean. HTTP is 200 even for errors; ``errcode`` absent or 0 is success.

The texts in ``errmsg`` are free and end in ``rid: …``: only the number decides. Sources: the error tables of
code2Session, getStableAccessToken, getUnlimitedQRCode, msgSecCheck and the global list of error codes
(developers.weixin.qq.com); 40163 is from an answer of WeChat's staff and unverified against live.
"""

import re
from typing import Any

from platforms.wechat import errors

BUSY = -1
LOGIN_CODE_USED = 40163
STALE_TOKEN = frozenset({40001, 40014, 42001})  # refresh once, replay once
_TABLE: dict[int, type[errors.WeChatError]] = {
    BUSY: errors.Unavailable,
    40001: errors.TokenRefused,
    40014: errors.TokenRefused,
    42001: errors.TokenRefused,
    45009: errors.QuotaUsedUp,
    45029: errors.QuotaUsedUp,  # 100,000 limited codes
    45033: errors.QuotaUsedUp,  # too many at once
    45011: errors.TooOften,
    40029: errors.LoginCodeInvalid,
    LOGIN_CODE_USED: errors.LoginCodeInvalid,
    40226: errors.AccountBlocked,
    40002: errors.Misconfigured,  # grant type
    40013: errors.Misconfigured,  # app id
    40125: errors.Misconfigured,  # secret
    40164: errors.Misconfigured,  # our address is not on the allow-list
    41002: errors.Misconfigured,  # no app id
    41004: errors.Misconfigured,  # no secret
    41008: errors.Misconfigured,  # no code: the API checks that before
    43104: errors.Misconfigured,  # openid of another app
    48001: errors.Misconfigured,  # the app has no right to this call
    50002: errors.Misconfigured,  # the app is limited
    61004: errors.Misconfigured,  # address of a third party not registered
    40129: errors.SceneInvalid,
    40169: errors.SceneInvalid,
    41030: errors.PageUnpublished,
    40189: errors.WidthInvalid,
    40033: errors.ArgumentsInvalid,
    40097: errors.ArgumentsInvalid,
    44002: errors.ArgumentsInvalid,
    47001: errors.ArgumentsInvalid,
    61010: errors.NotRecentlyActive,
}
_RID = re.compile(r"rid: ?([0-9a-fA-F-]{8,64})")


def errcode_of(answer: dict[str, Any]) -> int:
    """The number in ``answer``: 0 for success; an unreadable one counts as busy (WeChat sends integers)."""
    value = answer.get("errcode", 0)
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,9}", value):
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else BUSY


def rid_of(answer: dict[str, Any]) -> str:
    """WeChat's mark of the request, for its support; empty without one."""
    match = _RID.search(str(answer.get("errmsg", ""))[:1000])
    return match[1] if match else ""


def refusal(errcode: int, rid: str = "") -> errors.WeChatError:
    """The refusal that ``errcode`` (not 0) stands for."""
    return _TABLE.get(errcode, errors.Refused)(errcode=errcode, rid=rid)


def known() -> dict[int, type[errors.WeChatError]]:
    """The whole table."""
    return dict(_TABLE)
