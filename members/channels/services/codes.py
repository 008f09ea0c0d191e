"""Making codes: random, with a check symbol, unique by the table's key."""

from core import audit, clock, ids, randomness
from core.commands import command
from core.models import StaffUser
from members.channels.models import Channel, ChannelCode, CodeBatch, Variant
from members.channels.rules import codes, tree

CHUNK = 1000


@command
def create_batch(
    *, channel: Channel, name: str, quantity: int = 1, print_quantity: int = 0, variant: Variant | None = None,
    actor: StaffUser | None = None,
) -> CodeBatch:  # fmt: skip
    """Make a batch of ``quantity`` new codes for ``channel``; ``InvalidQuantity`` outside 1 to 100,000.

    One code on every piece: ``quantity=1`` and the number of pieces in ``print_quantity``.
    """
    tree.ensure_quantity(quantity)
    batch = CodeBatch.objects.create(
        id=ids.uuid7(), channel=channel, name=name, quantity=quantity, print_quantity=print_quantity or quantity,
        variant=variant, created_at=clock.now(), created_by=actor.get_username() if actor else "",
    )  # fmt: skip
    make_codes(batch)
    audit.record(actor=actor, action="channels.create_batch", subject=f"code_batch:{batch.pk}", detail={"n": quantity})
    return batch


def make_codes(batch: CodeBatch) -> None:
    """Fill ``batch`` up to its quantity. The unique key decides: a code that exists anywhere is drawn again."""
    while (missing := batch.quantity - batch.codes.count()) > 0:
        drawn = {draw() for _ in range(min(missing, CHUNK))}
        ChannelCode.objects.bulk_create(
            [ChannelCode(code=code, batch=batch) for code in sorted(drawn)], ignore_conflicts=True
        )


def draw() -> str:
    """A random code with its check symbol."""
    return codes.complete(randomness.symbols(codes.RANDOM_SYMBOLS, codes.ALPHABET))
