"""Which version stands a logo: level H repairs it, and should have something left for dirt and wear.

Where a codeword lies decides what can be repaired, so it is tried out: a symbol should read blurred, and with
every module wrong in a square of 5 % of its area, wherever that lies off the finder patterns. Logos of up to
about 15 % leave a version that does; above, one that reads blurred and with a module more lost around the logo.
"""

from collections.abc import Iterator, Sequence

from platforms.artwork.errors import BadLogo, ModulesTooSmall
from platforms.artwork.logo import PreparedLogo, square
from platforms.artwork.matrices import Matrix, Plan, plan_batch, reference
from platforms.artwork.raster import total_modules
from platforms.artwork.spec import Symbol
from platforms.artwork.verify import read_with_logo

MOST_MORE_VERSIONS = 8
STICKER_AREA = 0.05
STICKER_STEP = 2  # modules between two places that are tried
FINDER = 8  # modules of a finder pattern with its separator: no reader finds a symbol without one
BLUR = 0.35  # modules, as a standard deviation; 0.5 is where plain symbols end


def plan_below(logo: PreparedLogo, payloads: Sequence[bytes], symbol: Symbol) -> Plan:
    """The smallest version of level H that reads below ``logo`` with damage besides, or the next best."""
    sample = payloads[:: max(1, len(payloads) // 4)][:4]
    next_best: list[Plan] = []
    for plan in _larger_plans(payloads, symbol):
        if all(_reads_soft(logo, plan, payload) for payload in sample):
            if _stands_stickers(logo, plan, sample[0]):
                return plan
            next_best.append(plan)
    for plan in next_best:
        if all(_reads(logo, reference(payload, plan), payload, more=1) for payload in sample):
            return plan
    raise BadLogo("Below this logo the symbol does not read: make the logo smaller or the symbol larger.")


def _larger_plans(payloads: Sequence[bytes], symbol: Symbol) -> Iterator[Plan]:
    """Plans of growing versions, as far as their modules are large enough to print."""
    for more in range(MOST_MORE_VERSIONS + 1):
        plan = plan_batch(payloads, symbol.level, more_versions=more)
        try:
            total_modules(plan, symbol)
        except ModulesTooSmall:
            return
        yield plan


def _reads(logo: PreparedLogo, matrix: Matrix, payload: bytes, *, more: int = 0, blur: float = 0.0) -> bool:
    return read_with_logo(matrix, logo, more=more, blur=blur) == payload.decode()


def _reads_soft(logo: PreparedLogo, plan: Plan, payload: bytes) -> bool:
    return _reads(logo, reference(payload, plan), payload, blur=BLUR)


def _stands_stickers(logo: PreparedLogo, plan: Plan, payload: bytes) -> bool:
    matrix = reference(payload, plan)
    side = round((STICKER_AREA * plan.size**2) ** 0.5)
    return all(
        _reads(logo, Matrix(plan.size, matrix.bits ^ square(plan.size, left, top, side)), payload)
        for left, top in _places(plan.size, side)
    )


def _places(size: int, side: int) -> Iterator[tuple[int, int]]:
    """Top left corners of squares of ``side`` modules that leave the three finder patterns free."""
    steps = range(0, size - side + 1, STICKER_STEP)
    for left, top in ((left, top) for top in steps for left in steps):
        near_left, near_right = left < FINDER, left + side > size - FINDER
        near_top, near_bottom = top < FINDER, top + side > size - FINDER
        if not (near_top and (near_left or near_right)) and not (near_bottom and near_left):
            yield left, top
