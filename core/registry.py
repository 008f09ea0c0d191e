"""A small registry: lower layers own one, higher slices add to it in ``SliceConfig.register()``."""

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Registry(Generic[T]):
    """Named items in the order of registration; a name is given once."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._items: dict[str, T] = {}

    def register(self, name: str, item: T) -> T:
        """Add ``item``; a second one of another origin under the same name is a programming error."""
        if name in self._items and self._items[name] != item:
            raise ValueError(f"{self._what} {name!r} is registered twice")
        self._items[name] = item
        return item

    def unregister(self, name: str) -> None:
        """Take ``name`` out again (tests add items of their own)."""
        self._items.pop(name, None)

    def get(self, name: str) -> T:
        """The item called ``name``, or ``KeyError`` naming what is missing."""
        try:
            return self._items[name]
        except KeyError:
            raise KeyError(f"no {self._what} is called {name!r}") from None

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def items(self) -> list[tuple[str, T]]:
        """Name and item of all, in the order of registration."""
        return list(self._items.items())

    def values(self) -> list[T]:
        """All items, in the order of registration."""
        return list(self._items.values())
