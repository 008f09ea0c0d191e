"""What the sandbox accepts as a login code."""

import re

PREFIX = "demo-"
_CODE = re.compile(r"demo-[\w.-]{1,50}")


def openid_of(code: str) -> str | None:
    """The openid behind ``code``: the code itself, if it is ``demo-`` and 1–50 letters, digits, ``_``, ``.``, ``-``."""
    return code if _CODE.fullmatch(code) else None
