"""Finished blocks written by a thread, so that compressing and flushing never hold up the network."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

_WAITING = 2  # blocks held in memory until the disk has taken them


class BlockWriter:
    """Runs writes in order in one thread. A context manager: leaving it waits for the last write.

    What a write raises comes back from the next `put` or `finish`, and no later write is begun.
    """

    def __init__(self) -> None:
        self._queue: queue.Queue[Callable[[], None] | None] = queue.Queue(_WAITING)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._serve, name="sgma-write", daemon=True)

    def __enter__(self) -> BlockWriter:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._queue.put(None)
        self._thread.join()

    def put(self, write: Callable[[], None]) -> None:
        """Queue a write; waits while too many are queued."""
        self._raise()
        self._queue.put(write)

    def finish(self) -> None:
        """Wait until all is written."""
        self._queue.put(None)
        self._thread.join()
        self._raise()

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

    def _serve(self) -> None:
        while (write := self._queue.get()) is not None:
            if self._error is None:
                try:
                    write()
                except BaseException as error:  # noqa: BLE001  (raised again where the run goes on)
                    self._error = error
