"""Work done in threads while the caller listens: a drive that never answers can be given up, not stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from ..contract.errors import BadInput, Cancelled

STALLED_S = 300.0  # work that has not moved for so long is given up
_POLL_S = 0.05
_PATIENCE_S = 1.0  # for the others to end their step when one has failed; one that hangs is left behind

Check = Callable[[], None]
T = TypeVar("T")


def attended(works: dict[str, Callable[[Check], T]], check: Check) -> list[T]:
    """Do all works side by side, each in a daemon thread, and return what they returned, in order.

    works: by what messages call the thing worked on. Each is given a function to call between its steps, which raises
    when the work is no longer wanted. check: called on the caller's thread; raises when the caller wants to stop.
    Raises what `check` raises, else the error of the first work in order that has one, whichever failed first in time;
    BadInput when a work does not move.
    """
    check()
    tasks = [_Task(name, work) for name, work in works.items()]
    for task in tasks:
        threading.Thread(target=task.run, name="sgma-plan", daemon=True).start()
    try:
        return [task.result(check) for task in tasks]
    finally:
        for task in tasks:
            task.wanted = False
        until = time.monotonic() + _PATIENCE_S
        for task in tasks:
            task.done.wait(max(until - time.monotonic(), 0))


class _Task(Generic[T]):
    """One work, and what came of it."""

    def __init__(self, name: str, work: Callable[[Check], T]) -> None:
        self.done = threading.Event()
        self.wanted = True
        self._name, self._work = name, work
        self._moved = time.monotonic()
        self._value: T | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        """Do the work; one thread's life."""
        try:
            self._value = self._work(self._step)
        except BaseException as error:  # noqa: BLE001  (raised again where the result is awaited)
            self._error = error
        self.done.set()

    def result(self, check: Check) -> T:
        """Wait for the work's end; return its value or raise its error."""
        while not self.done.wait(_POLL_S):
            check()
            if time.monotonic() - self._moved > STALLED_S:
                raise BadInput(
                    f"{self._name} could not be read: nothing came for {STALLED_S:.0f} s.",
                    "Check the drive or network it lies on.",
                )
        if self._error is not None:
            raise self._error
        return self._value

    def _step(self) -> None:
        self._moved = time.monotonic()
        if not self.wanted:
            raise Cancelled
