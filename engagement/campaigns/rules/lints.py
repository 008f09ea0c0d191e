"""Phrases that must not be published, found however they are spaced, cased or widened."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Lint:
    """A phrase that must not be published: its class, where it stands and the words found."""

    kind: str  # interpretation, share_reward, lottery, rated_reward
    field: str
    phrase: str


_LINTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    # Measures on contract supervision (2023-07-01): no clause that keeps the interpretation to the trader.
    ("interpretation", re.compile(r"最终解释|解释权|最终裁定权|finalrightofinterpretation|rightoffinalinterpretation")),
    # WeChat operating rules 5.1: no reward for sharing, no hint that sharing gives more, no forced share.
    (
        "share_reward",
        re.compile(
            r"(?:分享|转发)[^。!?;,]{0,12}?(?:领|(?<!心)得|送|赠|奖|赢|抽|返|解锁)"
            r"|(?:不|未)(?:转发|分享)[^。!?;,]{0,6}?(?:不能|无法|不得)|集赞|百元现金|天天领现金"
            r"|share[a-z]{0,20}?(?:towin|toearn|toget)"
        ),
    ),
    # WeChat operating rules: a mini-program must not imitate lottery products.
    ("lottery", re.compile(r"彩票|开奖号码|六合彩|双色球|下注|投注|lotteryticket")),
    # Anti-unfair-competition law art. 9: no reward tied to a good rating.
    ("rated_reward", re.compile(r"好评返|五星好评|好评有礼|晒好评")),
)


def lint_texts(texts: Mapping[str, str]) -> list[Lint]:
    """Forbidden phrases in ``texts`` (field → text), however they are spaced, cased or widened."""
    return [
        Lint(kind, field, match.group())
        for field, text in texts.items()
        for kind, pattern in _LINTS
        if (match := pattern.search(_squeezed(text)))
    ]


def _squeezed(text: str) -> str:
    """NFKC, lower case, without spaces, invisible characters and quotation or dash marks that split a phrase."""
    normal = unicodedata.normalize("NFKC", text).lower()
    return "".join(
        each for each in normal if unicodedata.category(each) not in {"Zs", "Cf", "Cc", "Pd", "Ps", "Pe", "Pi", "Pf"}
        and each not in "·*_'\"~|/\\"
    )  # fmt: skip


def texts_in(value: Any, path: str = "") -> dict[str, str]:
    """All texts within a JSON value, by their path (``prizes/0/name``)."""
    if isinstance(value, str):
        return {path: value}
    pairs: list[tuple[Any, Any]] = []
    if isinstance(value, Mapping):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    found: dict[str, str] = {}
    for name, each in pairs:
        found |= texts_in(each, f"{path}/{name}" if path else str(name))
    return found
