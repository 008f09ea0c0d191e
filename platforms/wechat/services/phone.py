"""The phone number behind a tap on WeChat's phone button (getPhoneNumber). Every success is paid."""

from dataclasses import dataclass, field

from platforms.wechat import errors, selectors
from platforms.wechat.rules import push
from platforms.wechat.services import calls
from platforms.wechat.services.transport import Request


@dataclass(frozen=True)
class PhoneNumber:
    """A verified number: digits without the country code, and that code (86)."""

    number: str = field(repr=False)
    country_code: int


def phone_number(app_id: str, code: str) -> PhoneNumber:
    """The number behind ``code`` (not a login code; good once, for five minutes).

    An outside call: never inside a transaction. ``LoginCodeInvalid`` for a wrong, old or used code, else the refusals
    of :func:`platforms.wechat.services.codes.mini_program_code`.
    """
    request = Request("POST", "/wxa/business/getuserphonenumber", {}, {"code": code})
    info = calls.call_json(selectors.get_app(app_id), request).get("phone_info")
    if not isinstance(info, dict):
        raise errors.Unavailable
    digits, country = info.get("purePhoneNumber"), push.number(info.get("countryCode"))  # a text or a number, as seen
    mark = info.get("watermark")
    if not isinstance(digits, str) or not digits.isdecimal() or len(digits) > 20 or country is None:
        raise errors.Unavailable
    if not isinstance(mark, dict) or mark.get("appid") != app_id:
        raise errors.Unavailable
    return PhoneNumber(digits, country)
