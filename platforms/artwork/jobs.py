"""What all chunks of a batch share: the plan of its symbols, its logo, and how it is cut into chunks."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from platforms.artwork.logo import PreparedLogo, prepare
from platforms.artwork.logo_plan import plan_below
from platforms.artwork.matrices import Plan, plan_batch
from platforms.artwork.pdf import page_of
from platforms.artwork.raster import PngWriter, total_modules
from platforms.artwork.spec import BatchSpec, CodeItem, Format, Symbol, ensure_batch

CHUNK_CODES = 250  # a third of a second of work: what a stop waits for and a kill loses
RECIPE = 1  # raise it when the same job makes other bytes, so that old chunks are not mixed in


@dataclass(frozen=True, slots=True)
class Job:
    """A checked batch, ready to be made. It crosses to the worker processes."""

    spec: BatchSpec
    plan: Plan
    logo: PreparedLogo | None
    codes: int
    per_page: int  # 0 without PDF

    @property
    def chunk_codes(self) -> int:
        """Codes a chunk: whole pages, if there are pages."""
        return CHUNK_CODES if not self.per_page else -(-CHUNK_CODES // self.per_page) * self.per_page

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return -(-self.codes // self.chunk_codes)

    @property
    def pages(self) -> int:
        """Pages of the print PDF, 0 without one."""
        return -(-self.codes // self.per_page) if self.per_page else 0


def make_job(spec: BatchSpec, items: Sequence[CodeItem]) -> Job:
    """Check ``items`` and ``spec`` against each other and choose version, level and mask; refuse early."""
    ensure_batch(items)
    logo = prepare(spec.symbol.logo) if spec.symbol.logo else None
    payloads = [item.url.encode("ascii") for item in items]
    plan = plan_symbols(payloads, spec.symbol, logo)
    if Format.PNG in spec.formats:
        PngWriter(spec.symbol, plan, logo)
    per_page = page_of(spec).per_page if Format.PDF in spec.formats else 0
    return Job(spec, plan, logo, len(items), per_page)


def plan_symbols(payloads: Sequence[bytes], symbol: Symbol, logo: PreparedLogo | None) -> Plan:
    """The plan of a batch. Below a logo the version grows until a sample stands damage as well."""
    plan = plan_batch(payloads, symbol.level)
    total_modules(plan, symbol)
    if logo is None:
        return plan
    return plan_below(logo, payloads, symbol)


def fingerprint(spec: BatchSpec, items: Sequence[CodeItem]) -> str:
    """What makes two jobs the same: recipe, spec with the logo's bytes, and every item."""
    formats = sorted(spec.formats)
    seen = hashlib.sha256(repr((RECIPE, spec.symbol, formats, spec.print_job)).encode())
    if spec.symbol.logo:
        seen.update(hashlib.sha256(spec.symbol.logo.data).digest())
    for item in items:
        seen.update(f"{item.code}\n{item.url}\n{item.label}\n".encode())
    return seen.hexdigest()
