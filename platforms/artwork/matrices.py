"""QR matrices for a whole batch: one version, level and mask, so that a batch looks alike and is fast.

With version, level, mask and payload length fixed, each module is an affine function over GF(2) of the
payload's bits: terminator, padding and masks are constants, and Reed-Solomon and interleaving are linear.
So the matrix of a payload is that of a base payload, XORed with one difference for each bit that differs.
Base and differences are built with ``qrcode`` itself, and a sample of each batch is compared with it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import qrcode
from qrcode import constants, exceptions, util

from platforms.artwork.errors import BadPayload, Unreadable
from platforms.artwork.spec import Level

LEVELS = {
    Level.L: constants.ERROR_CORRECT_L,
    Level.M: constants.ERROR_CORRECT_M,
    Level.Q: constants.ERROR_CORRECT_Q,
    Level.H: constants.ERROR_CORRECT_H,
}
DIRECT_BELOW = 64  # learning the differences costs about 60 direct matrices


@dataclass(frozen=True, slots=True)
class Plan:
    """What all symbols of a batch share."""

    version: int
    level: Level
    mask: int

    @property
    def size(self) -> int:
        """Modules along one side, without the quiet zone."""
        return 17 + 4 * self.version


@dataclass(frozen=True, slots=True)
class Matrix:
    """``size`` x ``size`` modules as one number, row by row, the top left module in the highest bit, dark = 1."""

    size: int
    bits: int

    def rows(self) -> list[str]:
        """The rows from the top, as strings of ``0`` and ``1``."""
        size = self.size
        flat = format(self.bits, f"0{size * size}b")
        return [flat[start : start + size] for start in range(0, size * size, size)]


def reference(payload: bytes, plan: Plan) -> Matrix:
    """The matrix as ``qrcode`` makes it: the truth that the fast way is measured against (about 1 ms)."""
    code = qrcode.QRCode(version=plan.version, error_correction=LEVELS[plan.level], mask_pattern=plan.mask)
    code.add_data(util.QRData(payload, mode=util.MODE_8BIT_BYTE))
    code.make(fit=False)
    flat = "".join("1" if dark else "0" for row in code.modules for dark in row)
    return Matrix(plan.size, int(flat, 2))


def least_version(length: int, level: Level) -> int:
    """The smallest version that holds ``length`` bytes in byte mode."""
    code = qrcode.QRCode(error_correction=LEVELS[level])
    code.add_data(util.QRData(b"a" * length, mode=util.MODE_8BIT_BYTE))
    try:
        return int(code.best_fit())
    except (exceptions.DataOverflowError, ValueError) as error:
        raise BadPayload(f"No QR symbol of level {level} holds {length} bytes.", length=length) from error


def best_mask(payloads: Sequence[bytes], version: int, level: Level) -> int:
    """The mask with the least mean penalty (ISO/IEC 18004, 7.8.3) over ``payloads``."""

    def penalty(mask: int) -> int:
        plan = Plan(version, level, mask)
        return sum(util.lost_point(_modules(reference(payload, plan))) for payload in payloads)

    return min(range(8), key=penalty)


def _modules(matrix: Matrix) -> list[list[bool]]:
    return [[char == "1" for char in row] for row in matrix.rows()]


def plan_batch(payloads: Sequence[bytes], level: Level, *, more_versions: int = 0) -> Plan:
    """Version for the longest payload, the best level which that version holds, mask from a sample of 8."""
    longest = max(map(len, payloads))
    version = least_version(longest, level) + more_versions
    ordered = list(Level)
    better = [one for one in ordered[ordered.index(level) :] if least_version(longest, one) <= version]
    sample = payloads[:: max(1, len(payloads) // 8)][:8]
    return Plan(version, better[-1], best_mask(sample, version, better[-1]))


@dataclass(slots=True)
class Encoder:
    """Makes the matrices of one plan. Keep it for a batch: it learns as it goes. Not for use by several threads."""

    plan: Plan
    expected: int = 1
    _bases: dict[int, tuple[bytes, int]] = field(default_factory=dict)
    _differences: dict[tuple[int, int, int], int] = field(default_factory=dict)

    def encode(self, payload: bytes) -> Matrix:
        """The matrix of ``payload``, equal to :func:`reference`."""
        if self.expected < DIRECT_BELOW:
            return reference(payload, self.plan)
        length = len(payload)
        if length not in self._bases:
            self._bases[length] = (payload, reference(payload, self.plan).bits)
        base, bits = self._bases[length]
        known = self._differences
        for position, (was, is_now) in enumerate(zip(base, payload, strict=True)):
            change = was ^ is_now
            if change:
                key = (length, position, change)
                bits ^= known[key] if key in known else self._learn(key)
        return Matrix(self.plan.size, bits)

    def _learn(self, key: tuple[int, int, int]) -> int:
        """What changing ``change``'s bits in the byte at ``position`` does to a payload of ``length`` bytes."""
        length, position, change = key
        total = 0
        for bit in (1 << shift for shift in range(8) if change >> shift & 1):
            single = (length, position, bit)
            if single not in self._differences:
                base, bits = self._bases[length]
                flipped = bytearray(base)
                flipped[position] ^= bit
                self._differences[single] = bits ^ reference(bytes(flipped), self.plan).bits
            total ^= self._differences[single]
        self._differences[key] = total
        return total

    def cross_check(self, payloads: Iterable[bytes]) -> None:
        """Compare the fast way with ``qrcode`` itself for ``payloads``."""
        for payload in payloads:
            if self.encode(payload) != reference(payload, self.plan):
                raise Unreadable("A symbol differs from the one that the QR library makes.")
