"""Points as part of an order's price."""

from datetime import timedelta

import pytest

from members.points import errors, services
from members.points.models import PointsHold
from tests.factories.points import account, act, earn, everything

pytestmark = pytest.mark.django_db


def place(member, clock, points, goods_fen=10_000, order="o-1"):
    return act(
        services.hold_for_order, member, order=order, goods_fen=goods_fen, points=points, label=f"order:{order}",
        due_at=clock.now + timedelta(minutes=30),
    )  # fmt: skip


def test_quote_hold_capture(clock, member):
    earn(member, 1_234)
    quote = services.quote(member_id=member.pk, goods_fen=10_000, on=clock.now.date())
    assert (quote.points, quote.discount_fen, quote.step) == (1_200, 1_200, 100)

    offset = place(member, clock, 1_200)
    act(services.capture_for_order, member, order="o-1")

    assert (offset.discount_fen, offset.hold.points) == (1_200, 1_200)
    assert account(member) == (34, 0, 0, 2)


def test_a_cancelled_order_gives_them_back(clock, member):
    earn(member, 1_234)
    place(member, clock, 1_000)

    act(services.release_for_order, member, order="o-1")

    assert account(member) == (1_234, 0, 0, 3)


def test_a_partly_delivered_order_uses_a_part(clock, member):
    earn(member, 1_234)
    place(member, clock, 1_000)

    act(services.capture_for_order, member, order="o-1", points=400)

    assert account(member) == (834, 0, 0, 3)


def test_a_refunded_order_gives_back_what_it_used(clock, member):
    earn(member, 1_234)
    place(member, clock, 1_000)
    act(services.capture_for_order, member, order="o-1")

    act(services.reverse_source, member, source_kind="points.offset", source_key="o-1")

    assert account(member) == (1_234, 0, 0, 3)


@pytest.mark.parametrize(("points", "goods_fen"), [(1_300, 10_000), (150, 10_000), (600, 1_000), (0, 10_000)])
def test_nothing_beyond_the_quote(clock, member, points, goods_fen):
    earn(member, 1_234)
    before = everything()

    with pytest.raises(errors.OffsetNotPossible):
        place(member, clock, points, goods_fen)

    assert everything() == before


def test_an_order_that_is_not_paid_lets_go_by_itself(clock, member):
    earn(member, 1_234)
    place(member, clock, 1_000)
    clock.advance(minutes=30)

    services.sweep_holds()

    assert (account(member)[0], PointsHold.objects.get().state) == (1_234, "expired")
