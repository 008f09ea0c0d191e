"""Shared stock: never below zero, empty only after all shards were seen empty."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError

from core import errors, stock
from core.commands import OutsideTransaction, scope
from core.models import StockShard

pytestmark = pytest.mark.django_db
POOL: dict[str, Any] = {"kind": "test", "pool": "p"}


@pytest.fixture(autouse=True)
def _transaction(db: None) -> Iterator[None]:
    with scope():
        yield


def test_a_pool_is_spread_over_its_shards() -> None:
    stock.top_up(**POOL, n=10, shards=4)

    assert list(StockShard.objects.order_by("shard").values_list("remaining", flat=True)) == [3, 3, 2, 2]
    assert stock.remaining(**POOL) == 10


def test_topping_up_adds_to_what_is_there() -> None:
    stock.top_up(**POOL, n=2)
    stock.top_up(**POOL, n=3, shards=2)

    assert list(StockShard.objects.order_by("shard").values_list("remaining", flat=True)) == [4, 1]


def test_all_pieces_of_all_shards_can_be_taken_and_not_one_more() -> None:
    stock.top_up(**POOL, n=7, shards=3)

    taken = [stock.take(**POOL) for _ in range(7)]

    assert sorted(taken) == [0, 0, 0, 1, 1, 2, 2]
    with pytest.raises(errors.OutOfStock):
        stock.take(**POOL)
    assert stock.remaining(**POOL) == 0


def test_several_pieces_come_from_one_shard_or_not_at_all() -> None:
    stock.top_up(**POOL, n=9, shards=3)

    assert stock.take(**POOL, n=3) in {0, 1, 2}
    with pytest.raises(errors.OutOfStock):
        stock.take(**POOL, n=4)
    assert stock.remaining(**POOL) == 6


def test_a_pool_that_was_never_made_is_empty() -> None:
    with pytest.raises(errors.OutOfStock):
        stock.take(kind="test", pool="nowhere")


def test_a_fixed_shard_gives_only_its_own() -> None:
    stock.top_up(**POOL, n=2, shards=2)

    assert stock.take(**POOL, shard=1) == 1
    with pytest.raises(errors.OutOfStock):
        stock.take(**POOL, shard=1)
    assert stock.remaining(**POOL) == 1


def test_near_starts_at_the_same_shard_and_moves_on_when_it_is_empty() -> None:
    stock.top_up(**POOL, n=8, shards=4)

    assert [stock.take(**POOL, near=6) for _ in range(3)] == [2, 2, 3]


def test_days_are_pools_of_their_own() -> None:
    stock.top_up(**POOL, n=1, day=date(2026, 11, 22))
    stock.top_up(**POOL, n=5)

    stock.take(**POOL, day=date(2026, 11, 22))

    with pytest.raises(errors.OutOfStock):
        stock.take(**POOL, day=date(2026, 11, 22))
    assert stock.remaining(**POOL) == 5


def test_what_is_put_back_can_be_taken_again() -> None:
    stock.top_up(**POOL, n=1)
    stock.put_back(**POOL, shard=stock.take(**POOL))

    assert stock.take(**POOL) == 0


def test_putting_back_where_nothing_came_from_is_an_error() -> None:
    with pytest.raises(ValueError, match="no shard 3"):
        stock.put_back(**POOL, shard=3)


def test_the_database_itself_refuses_less_than_nothing() -> None:
    stock.top_up(**POOL, n=1)

    from django.db import transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        StockShard.objects.update(remaining=-1)


@pytest.mark.parametrize(("total", "shards"), [(0, 1), (49, 1), (100, 2), (1600, 32), (10**9, 32)])
def test_a_shard_for_each_fifty_pieces_and_at_most_32(total: int, shards: int) -> None:
    assert stock.shard_count(total) == shards


def test_stock_moves_only_in_a_transaction() -> None:
    import contextvars

    def outside() -> None:
        for act in (stock.take, stock.put_back):
            with pytest.raises(OutsideTransaction):
                act(**POOL)

    contextvars.Context().run(outside)
