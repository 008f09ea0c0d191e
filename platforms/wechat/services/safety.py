"""Checks of texts and pictures, and WeChat's opinion of a person.

The person must have opened the mini-program within two hours, else ``NotRecentlyActive``: unknown, never good.
Sources: msgSecCheck (version 2), mediaCheckAsync, getUserRiskRank (developers.weixin.qq.com).
"""

from dataclasses import dataclass
from enum import IntEnum

from platforms.wechat import errors, selectors
from platforms.wechat.rules import push
from platforms.wechat.services import calls
from platforms.wechat.services.transport import Request

LONGEST_TEXT = 2500
SUGGESTIONS = ("pass", "review", "risky")


class Scene(IntEnum):
    """Where a text or picture is to be shown."""

    PROFILE = 1
    COMMENT = 2
    FORUM = 3
    SOCIAL = 4


class RiskScene(IntEnum):
    """What the person is about to do."""

    REGISTER = 0
    MARKETING = 1
    CONTENT = 2


@dataclass(frozen=True)
class TextVerdict:
    """``suggest`` is pass, review or risky; ``label`` as WeChat numbers it (100: nothing found)."""

    suggest: str
    label: int


def check_text(app_id: str, openid: str, content: str, scene: Scene) -> TextVerdict:
    """WeChat's verdict on ``content`` (1–2,500 characters, ``ArgumentsInvalid`` otherwise); an outside call."""
    if not 0 < len(content) <= LONGEST_TEXT:
        raise errors.ArgumentsInvalid
    body = {"version": 2, "openid": openid, "scene": int(scene), "content": content}
    result = calls.call_json(selectors.get_app(app_id), Request("POST", "/wxa/msg_sec_check", {}, body)).get("result")
    if not isinstance(result, dict) or result.get("suggest") not in SUGGESTIONS:
        raise errors.Unavailable
    return TextVerdict(result["suggest"], push.number(result.get("label")) or 0)


def check_picture(app_id: str, openid: str, address: str, scene: Scene) -> str:
    """Have the picture at ``address`` (≤ 10 MB) checked; returns the ``trace_id`` of the verdict to come.

    The verdict arrives within 30 minutes as ``wechat.media_judged/1``, or never: sweep for lost ones. An outside call.
    """
    body = {"media_url": address, "media_type": 2, "version": 2, "openid": openid, "scene": int(scene)}
    trace_id = calls.call_json(
        selectors.get_app(app_id), Request("POST", "/wxa/media_check_async", {}, body)
    ).get("trace_id")  # fmt: skip
    if not isinstance(trace_id, str) or not 0 < len(trace_id) <= 64:
        raise errors.Unavailable
    return trace_id


def risk_rank(app_id: str, openid: str, *, scene: RiskScene, address: str) -> int:
    """WeChat's rank of the person, 0 (none) to 4 (high), with the client's network ``address``. An outside call."""
    body = {"appid": app_id, "openid": openid, "scene": int(scene), "client_ip": address}
    answer = calls.call_json(selectors.get_app(app_id), Request("POST", "/wxa/getuserriskrank", {}, body))
    rank = push.number(answer.get("risk_rank"))
    if rank is None or not 0 <= rank <= 4:
        raise errors.Unavailable
    return rank
