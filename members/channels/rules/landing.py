"""Landings: what a target must look like, which languages a page has, and which way in a scanner offers."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

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
