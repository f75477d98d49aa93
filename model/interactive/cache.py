"""What is worth keeping between strokes, within a bound."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    """Knows how many bytes it takes."""

    @property
    def size(self) -> int: ...


T = TypeVar("T", bound=Sized)


class ByteCache(Generic[T]):
    """Keeps the entries used last, `limit` bytes of them at most."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._entries: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, key: Hashable) -> T | None:
        """Return an entry, or None."""
        found = self._entries.get(key)
        if found is not None:
            self._entries.move_to_end(key)
        return found

    def put(self, key: Hashable, entry: T) -> None:
        """Keep an entry; older ones go. One that is larger than the limit is not kept."""
        old = self._entries.pop(key, None)
        self.size -= old.size if old is not None else 0
        if entry.size > self.limit:
            return
        self._entries[key] = entry
        self.size += entry.size
        self._trim()

    def bound(self, limit: int) -> None:
        """Keep so many bytes at most from now on."""
        self.limit = limit
        self._trim()

    def _trim(self) -> None:
        while self.size > self.limit:
            self.size -= self._entries.popitem(last=False)[1].size
