"""A worker that stays warm between jobs: jobs take turns, first come first served, and it ends when none comes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Callable, List, Optional

from ..model.contract.errors import BadInput, Cancelled

if TYPE_CHECKING:
    from ..model.contract.messages import Ready
    from .client import WorkerClient

IDLE_S = 600.0
_GLANCE_S = 0.1  # how often a job that waits asks whether it is still wanted


class _Turn:
    """A job's place in the queue. owner: the thread that asked for it."""

    def __init__(self) -> None:
        self.owner = threading.get_ident()


class WarmWorker:
    """One worker process and its queue. Every method may be called by any thread.

    niceness: how far below other programs the process ranks for processor time; counts only while they want it.
    """

    def __init__(self, niceness: int = 0) -> None:
        self._niceness = niceness
        self._turns: List[_Turn] = []  # the first one's job runs
        self._changed = threading.Condition()
        self._client: Optional[WorkerClient] = None
        self._idle: Optional[threading.Timer] = None
        self.shutdowns = 0  # a job that began before the last one is to end; jobs that begin later are served again

    @property
    def state(self) -> str:
        """Return none, starting, ready or busy."""
        client = self._client
        if client is None or not client.alive:
            return "none"
        if client.ready is None:
            return "starting"
        return "busy" if self._turns else "ready"

    @property
    def greeting(self) -> Optional[Ready]:
        """Return what the worker said when it became ready, None while there is none."""
        client = self._client
        return client.ready if client is not None and client.alive else None

    def acquire(self, waiting: Callable[[int], None], poll: Callable[[], bool]) -> None:
        """Wait for our turn; `waiting` hears how many jobs are before ours whenever that changes.

        Raises Cancelled once `poll` returns True, and BadInput for a job asked for in the middle of one on its thread.
        """
        turn = _Turn()
        with self._changed:
            if self._turns and self._turns[0].owner == turn.owner:  # Qt events ran inside a job's wait: a deadlock
                raise BadInput("A job is already running here.", "Wait until it has finished, or cancel it.")
            self._turns.append(turn)
        try:
            before = 0
            while True:
                with self._changed:
                    place = self._turns.index(turn)
                    if place == before:
                        self._changed.wait(_GLANCE_S if place else 0)
                        place = self._turns.index(turn)
                if place == 0:
                    return
                if place != before:
                    before = place
                    waiting(place)
                if poll():
                    raise Cancelled()
        except BaseException:
            self._leave(turn)
            raise

    def release(self) -> None:
        """Let the next job in; the worker ends when none comes for a while. By the thread whose turn it is."""
        if self._client is not None:
            self._idle = threading.Timer(IDLE_S, self._end_idle)
            self._idle.daemon = True
            self._idle.start()
        self._leave(self._turns[0])

    def ready(self, python: str, starting: Callable[[], None], poll: Callable[[], bool]) -> WorkerClient:
        """Return a worker of that interpreter that can take a job, started if need be. By the thread whose turn it is.

        starting: called before one is started. Raises RuntimeUnavailable or Cancelled.
        """
        self._stop_timer()
        if self._client is not None and (not self._client.alive or self._client.python != python):
            self._client.close()
            self._client = None
        if self._client is None:
            if poll():
                raise Cancelled()
            starting()
            from .client import WorkerClient  # here: QGIS starts sooner without it

            self._client = WorkerClient(python, niceness=self._niceness)  # known before it starts: for `shutdown`
            try:
                self._client.start(poll)
            except BaseException:
                self._client = None
                raise
        return self._client

    def drop(self) -> None:
        """Forget a worker that cannot take another job, and see that it is gone. By the thread whose turn it is."""
        client, self._client = self._client, None
        if client is not None:
            client.kill()

    def shutdown(self) -> None:
        """End the worker now, whatever it does; jobs that run or wait end as cancelled."""
        self.shutdowns += 1
        self._stop_timer()
        client = self._client
        if client is not None:
            client.kill() if self._turns else client.close(1.0)

    def _leave(self, turn: _Turn) -> None:
        with self._changed:
            self._turns.remove(turn)
            self._changed.notify_all()

    def _end_idle(self) -> None:
        turn = _Turn()
        with self._changed:
            if self._turns:
                return
            self._turns.append(turn)
        client, self._client = self._client, None
        try:
            if client is not None:
                client.close()
        finally:
            self._leave(turn)

    def _stop_timer(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
