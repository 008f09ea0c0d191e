"""Refusals of WeChat, one class a meaning; ``rules.codes`` says which ``errcode`` is which.

``errcode`` is WeChat's number (0: there was no readable answer) and ``rid`` its mark of the request, for the operator.
Neither reaches members.
"""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class WeChatError(DomainError):
    """Base of all refusals by WeChat."""

    def __init__(self, *, errcode: int = 0, rid: str = "", retry_after: int | None = None) -> None:
        super().__init__(retry_after=retry_after)
        self.errcode, self.rid = errcode, rid


class Unavailable(WeChatError):
    """No answer in time, none that can be read, or WeChat says that it is busy (-1)."""

    code = "wechat.unavailable"
    status = 503
    retry_after = 5
    message = _("WeChat does not answer. Please try again in a moment.")


class TokenRefused(WeChatError):
    """The access token was refused, and a fresh one too (40001, 40014, 42001)."""

    code = "wechat.token_refused"
    status = 503
    retry_after = 60
    message = _("WeChat does not accept our access token. Please try again in a minute.")


class QuotaUsedUp(WeChatError):
    """The quota of a minute or day is used up (45009, 45029)."""

    code = "wechat.quota_used_up"
    status = 503
    retry_after = 60
    message = _("WeChat takes no more requests for now. Please try again later.")


class TooOften(WeChatError):
    """WeChat's limit for one person (45011), or our own below the platform's."""

    code = "wechat.too_often"
    status = 429
    retry_after = 60
    message = _("Too many requests. Please wait a moment and try again.")


class LoginCodeInvalid(WeChatError):
    """The login code is wrong, older than five minutes (40029) or was used before (40163)."""

    code = "wechat.login_code_invalid"
    status = 401
    message = _("Signing in did not work. Please try again.")


class AccountBlocked(WeChatError):
    """WeChat holds this person for a high risk and lets nobody sign in (40226)."""

    code = "wechat.account_blocked_by_wechat"
    status = 403
    message = _("WeChat does not let this account sign in.")


class Misconfigured(WeChatError):
    """App id, secret, allowed addresses or permissions are wrong: the operator must act."""

    code = "wechat.misconfigured"
    status = 500
    message = _("The connection to WeChat is not set up correctly. Please tell the operator.")


class UnknownApp(WeChatError):
    """The ``app_id`` isn't one of ``WECHAT_APPS``."""

    code = "wechat.unknown_app"
    status = 422
    message = _("This mini-program is not set up here.")


class SceneInvalid(WeChatError):
    """The scene is empty, longer than 32 or has characters that WeChat does not take (40129, 40169)."""

    code = "wechat.scene_invalid"
    status = 422
    message = _("The scene must be 1 to 32 letters, digits or marks that WeChat takes.")


class PageInvalid(WeChatError):
    """The page begins with a slash, has a query, or is too long."""

    code = "wechat.page_invalid"
    status = 422
    message = _("Give the page without a leading slash and without a question mark, such as pages/gift/index.")


class PageUnpublished(WeChatError):
    """The mini-program's published version has no such page (41030)."""

    code = "wechat.page_unpublished"
    status = 422
    message = _("The published mini-program has no such page.")


class WidthInvalid(WeChatError):
    """The width isn't 280 to 1280 pixels (40189)."""

    code = "wechat.width_invalid"
    status = 422
    message = _("The width must be from 280 to 1280 pixels.")


class ArgumentsInvalid(WeChatError):
    """WeChat can't read our request (40033, 40097, 44002, 47001): a fault of ours."""

    code = "wechat.arguments_invalid"
    status = 422
    message = _("WeChat does not accept this request.")


class NotRecentlyActive(WeChatError):
    """The person hasn't opened the mini-program lately (61010): the answer is unknown, not good."""

    code = "wechat.not_recently_active"
    status = 422
    message = _("Please open the mini-program again first.")


class Refused(WeChatError):
    """Any other ``errcode``."""

    code = "wechat.refused"
    status = 422
    message = _("WeChat has refused this.")
