"""What a store's code must look like."""

import re

from members.stores import errors

LONGEST_CODE = 16
LONGEST_NAME = 40

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,15}")


def store_code(text: str) -> str:
    """``text`` as a store's code: 1–16 capital letters, digits and hyphens; ``InvalidStoreCode`` otherwise."""
    code = text.strip().upper()
    if not _CODE.fullmatch(code):
        raise errors.InvalidStoreCode
    return code
