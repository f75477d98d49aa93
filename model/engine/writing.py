"""Finished blocks written by a thread, so that compressing and flushing never hold up the network."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator

from ..contract.errors import OutputFailed

STALLED_S = 300.0  # without a block written: a network drive that hangs never says so
_POLL_S = 0.1
_PATIENCE_S = 30.0  # for the writes that are queued when a run ends early
_WAITING = 1  # blocks held in memory until the disk has taken the one before


class BlockWriter:
    """Runs writes in order in one thread. A context manager: leaving it waits for the writes that are queued.

    What a write raises comes back from the next `put` or `finish`, and no later write is begun. A drive that hangs can
    neither be stopped nor waited for: its thread is left behind.
    """

    def __init__(self, check: Callable[[], None]) -> None:
        """check: called while waiting; raises when the caller wants to stop."""
        self._check = check
        self._queue: queue.Queue[Callable[[], None] | None] = queue.Queue(_WAITING)
        self._error: BaseException | None = None
        self._done = 0
        self._thread = threading.Thread(target=self._serve, name="sgma-write", daemon=True)

    def __enter__(self) -> BlockWriter:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(queue.Full):
            self._queue.put(None, timeout=_PATIENCE_S)
            self._thread.join(_PATIENCE_S)

    def put(self, write: Callable[[], None]) -> None:
        """Queue a write; waits while too many are queued. Raises OutputFailed when none gets done any more."""
        self._raise()
        self._ask(write)

    def finish(self) -> None:
        """Wait until all is written. Raises like `put`."""
        self._ask(None)
        for _ in self._polls():
            self._thread.join(_POLL_S)
            if not self._thread.is_alive():
                break
        self._raise()

    def _ask(self, write: Callable[[], None] | None) -> None:
        for _ in self._polls():
            with contextlib.suppress(queue.Full):
                self._queue.put(write, timeout=_POLL_S)
                return

    def _polls(self) -> Iterator[None]:
        """Yield until the caller is content; raises when it wants to stop, or after STALLED_S without a write done."""
        done, since = self._done, time.monotonic()
        while True:
            yield
            asked = time.monotonic()
            self._check()
            since += time.monotonic() - asked  # a pause is no stall
            if self._done != done:
                done, since = self._done, time.monotonic()
            elif time.monotonic() - since > STALLED_S:
                raise OutputFailed(
                    f"Writing the outputs has not moved for {STALLED_S:.0f} s.",
                    "Check the drive they lie on; started again, the run continues where it stopped.",
                )

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
            self._done += 1
