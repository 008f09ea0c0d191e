"""Signing in with ``wx.login`` (code2Session)."""

from dataclasses import dataclass

from core import clock, sql
from platforms.protocols import LoginRefused, PlatformDown, PlatformIdentity
from platforms.wechat import errors, selectors
from platforms.wechat.rules.apps import App
from platforms.wechat.services import calls, sealing
from platforms.wechat.services.transport import Request

PLATFORM = "wechat"
LONGEST_OPENID = 128
TAKE_CODE = "INSERT INTO wechat_usedlogincode (mark, used_at) VALUES (%(mark)s, %(now)s) ON CONFLICT DO NOTHING"
GIVE_BACK = "DELETE FROM wechat_usedlogincode WHERE mark = %(mark)s"


@dataclass(frozen=True)
class WeChatLogin:
    """The configured mini-programs as a login provider.

    ``exchange`` raises ``LoginRefused`` for a code that is wrong, old or used, ``PlatformDown`` when WeChat can't
    answer (also when its quota is used up), and passes on as they are: ``TooOften`` (429), ``AccountBlocked`` (403),
    ``Misconfigured`` (500). The session key that comes along is dropped: nothing here needs it (threat T1).
    """

    def app_ids(self) -> tuple[str, ...]:
        """The apps of ``WECHAT_APPS``."""
        return tuple(selectors.configured())

    def exchange(self, app_id: str, code: str) -> PlatformIdentity:
        """The person behind ``code``, which goes to WeChat once; a code that WeChat did not take may come again."""
        app = selectors.get_app(app_id)
        calls.ensure_outside_transaction()
        mark = sealing.mark(f"{app_id}|{code}", purpose="login code")
        if sql.execute(TAKE_CODE, {"mark": mark, "now": clock.now()}) != 1:
            raise LoginRefused  # nothing inserted: this code is or was on its way
        try:
            return _ask(app, code)
        except errors.LoginCodeInvalid:
            raise LoginRefused from None
        except errors.WeChatError as refusal:
            sql.execute(GIVE_BACK, {"mark": mark})
            if isinstance(refusal, errors.TooOften | errors.AccountBlocked | errors.Misconfigured):
                raise
            raise PlatformDown from None


def _ask(app: App, code: str) -> PlatformIdentity:
    query = {"appid": app.app_id, "secret": app.secret, "js_code": code, "grant_type": "authorization_code"}
    # Busy may have used the code all the same: one repeat, and a 40163 to it sends the person to wx.login again.
    data = calls.call_json(app, Request("GET", "/sns/jscode2session", query, tries=2), with_token=False)
    openid, unionid = data.get("openid"), data.get("unionid")
    if not isinstance(openid, str) or not 0 < len(openid) <= LONGEST_OPENID:
        raise errors.Unavailable
    known = unionid if isinstance(unionid, str) and 0 < len(unionid) <= LONGEST_OPENID else None
    return PlatformIdentity(platform=PLATFORM, app_id=app.app_id, openid=openid, unionid=known)
