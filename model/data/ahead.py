"""Work done ahead of time by threads and handed on in order."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Generic, TypeVar

from ..contract.errors import InputLost
from .attended import STALLED_S, Check

_POLL_S = 0.1
State = TypeVar("State")
T = TypeVar("T")


class _Answer(Generic[T]):
    """What a thread will have made of one number."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.done = threading.Event()
        self.value: T | None = None
        self.error: BaseException | None = None


def ahead(
    work: Callable[[State, int], T],
    count: int,
    opened: Callable[[], AbstractContextManager[State]],
    *,
    threads: int,
    check: Check,
) -> Iterator[T]:
    """Yield work(state, 0) .. work(state, count - 1) in order; up to two a thread are made before they are asked for.

    opened: gives each thread a state of its own. check: called on the caller's thread; raises when it wants to stop.
    The threads are daemons: one that hangs in the system can neither be stopped nor waited for. Raises what `work`
    raised for the first number that failed, and InputLost when nothing moves.
    """
    asked: queue.SimpleQueue[_Answer[T] | None] = queue.SimpleQueue()

    def serve() -> None:
        with opened() as state:
            while (answer := asked.get()) is not None:
                try:
                    answer.value = work(state, answer.number)
                except BaseException as error:  # noqa: BLE001  (raised again where the answer is awaited)
                    answer.error = error
                answer.done.set()

    for number in range(threads):
        threading.Thread(target=serve, name=f"sgma-ahead-{number}", daemon=True).start()
    waiting: deque[_Answer[T]] = deque()
    numbers = iter(range(count))
    try:
        while True:
            while len(waiting) < 2 * threads and (number := next(numbers, None)) is not None:
                waiting.append(_Answer(number))
                asked.put(waiting[-1])
            if not waiting:
                return
            yield _awaited(waiting.popleft(), check)
    finally:
        while not asked.empty():  # what nobody waits for any more
            try:
                asked.get_nowait()
            except queue.Empty:
                break
        for _ in range(threads):
            asked.put(None)


def _awaited(answer: _Answer[T], check: Check) -> T:
    began = time.monotonic()
    while not answer.done.wait(_POLL_S):
        check()
        if time.monotonic() - began > STALLED_S:
            raise InputLost(
                f"Reading the layers has not moved for {STALLED_S:.0f} s.",
                "Check the drive or network they lie on; started again, the training continues where it stopped.",
            )
    if answer.error is not None:
        raise answer.error
    return answer.value
