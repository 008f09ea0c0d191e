"""Landings: what a target must look like, which languages a page has, and which way in a scanner offers."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from members.channels import errors

LONGEST_PATH = 120
MOST_PARAMS = 8
LONGEST_PARAM = 64
FALLBACK_PATH = "pages/index/index"

_PATH = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+){0,7}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
RESERVED = frozenset({"code", "scan_id"})  # we add them ourselves


class Scanner(StrEnum):
    """What opened the address, as its User-Agent says."""

    WECHAT = "wechat"
    ALIPAY = "alipay"
    OTHER = "other"


def scanner_of(user_agent: str) -> Scanner:
    """Which app a ``User-Agent`` names."""
    if "MicroMessenger" in user_agent:
        return Scanner.WECHAT
    return Scanner.ALIPAY if "AlipayClient" in user_agent else Scanner.OTHER


def ensure_target(path: str, params: Mapping[str, Any]) -> None:
    """``InvalidTarget`` unless ``path`` is a mini-program's page and ``params`` are a few short texts.

    A path has no scheme, host, dot or query, so that a landing can't lead anywhere but into our own mini-program.
    """
    if len(path) > LONGEST_PATH or not _PATH.fullmatch(path) or len(params) > MOST_PARAMS:
        raise errors.InvalidTarget
    for name, value in params.items():
        if not _NAME.fullmatch(name) or name in RESERVED or not isinstance(value, str) or len(value) > LONGEST_PARAM:
            raise errors.InvalidTarget


_ROBOT = re.compile(r"bot|spider|crawl|preview|monitor|curl|wget|python-", re.IGNORECASE)


def is_person(user_agent: str) -> bool:
    """Whether a person seems to look: programs that fetch the page are not counted as scans."""
    return bool(user_agent) and not _ROBOT.search(user_agent)


def query_of(params: Mapping[str, str], *, code: str, scan_id: str) -> str:
    """The query that a mini-program page is opened with: the rule's parameters, the code, the scan's id."""
    return urlencode({**params, "code": code, "scan_id": scan_id})


def wechat_scheme(app_id: str, path: str, query: str) -> str:
    """The plain address that opens a mini-program from outside WeChat.

    Source: WeChat's guide "URL Scheme", the form without a call to the platform; path and query must be declared in
    the mini-program's console. Not tried against the live service.
    """
    return f"weixin://dl/business/?{urlencode({'appid': app_id, 'path': path, 'query': query})}"
