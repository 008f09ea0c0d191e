"""Codes: eight random Crockford base32 symbols and a check symbol by Luhn's algorithm modulo 32.

The check finds every single wrong symbol and nearly all swapped neighbours, so a typing mistake is told from an unknown
code without a look at the database. Sources: Crockford, "Base 32"; ISO/IEC 7812-1 annex B, generalised to base 32.
"""

from members.channels import errors

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O and U
RANDOM_SYMBOLS = 8
LENGTH = RANDOM_SYMBOLS + 1
LONGEST_TYPED = 24  # with spaces or hyphens between the symbols

_VALUES = {symbol: value for value, symbol in enumerate(ALPHABET)}
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", " ": None, "-": None, "\u2010": None, "\u2011": None})


def check_symbol(symbols: str) -> str:
    """The check symbol of ``symbols``, which are in :data:`ALPHABET`.

    From the right every other value, the last one included, is doubled and its two base-32 digits are added; the check
    value brings the sum to a multiple of 32.
    """
    total = 0
    for place, symbol in enumerate(reversed(symbols)):
        value = _VALUES[symbol]
        if place % 2 == 0:
            doubled = 2 * value
            value = doubled // 32 + doubled % 32
        total += value
    return ALPHABET[-total % 32]


def complete(symbols: str) -> str:
    """``symbols`` with their check symbol."""
    return symbols + check_symbol(symbols)


def read(text: str) -> str:
    """What a person typed or a link carries, as a code: O is 0, I and L are 1, case and hyphens don't matter.

    ``CodeMistyped`` when it can't be a code or its check symbol is wrong.
    """
    if len(text) > LONGEST_TYPED:
        raise errors.CodeMistyped
    code = text.strip().upper().translate(_READ_AS)
    if len(code) != LENGTH or any(symbol not in _VALUES for symbol in code):
        raise errors.CodeMistyped
    if check_symbol(code[:-1]) != code[-1]:
        raise errors.CodeMistyped
    return code


def grouped(code: str) -> str:
    """``code`` as it is read aloud: ``XXXX-XXXX-X``."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"
