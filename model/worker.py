"""The worker process: protocol 1 over its own copies of stdin and stdout, one job at a time.

Started as `[python, "-I", "-c", BOOT, root]`, BOOT appending `root` to sys.path and calling `main`.
"""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
import traceback
from typing import Any, BinaryIO

from . import libraries
from .contract import messages as m
from .contract.errors import Cancelled, SgmaError
from .feedback import JobFeedback

EXIT_PROTOCOL = 1


def main() -> int:
    """Serve jobs until `quit` or the end of stdin. Returns the exit code."""
    stdin, stdout = _claim_pipes()
    # What is missing is told at the start, not in the middle of a run. Heavy libraries load before the reader thread
    # exists: on Windows a thread blocked on a pipe can hang their import. What only some jobs need (shapely, pyogrio,
    # timm) is imported later, by the job, on this thread too; `_claim_pipes` has taken the pipe off fd 0 by then.
    libraries.load()
    return Worker(stdin, stdout, libraries.versions()).serve()


def _claim_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Return private copies of fd 0 and 1: what reads fd 0 or prints to fd 1, in Python or C, misses the protocol."""
    stdin, stdout = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return stdin, stdout


class Worker:
    """Reads requests in a thread, runs jobs in the main thread."""

    def __init__(self, stdin: BinaryIO, stdout: BinaryIO, versions: dict[str, str]) -> None:
        self._stdin = stdin
        self._stdout = stdout
        self._versions = versions
        self._write_lock = threading.Lock()
        self._jobs: queue.Queue[m.Run | None] = queue.Queue()
        self._state_lock = threading.Lock()
        self._running: tuple[str, JobFeedback] | None = None
        self._cancelled_early: set[str] = set()

    def serve(self) -> int:
        """Answer the greeting, then run jobs as they come."""
        if not self._greet():
            return EXIT_PROTOCOL
        threading.Thread(target=self._read_requests, name="sgma-requests", daemon=True).start()
        while (request := self._jobs.get()) is not None:
            self._run(request)
        return 0

    def _greet(self) -> bool:
        line = self._stdin.readline()
        try:
            hello = m.decode(line, m.REQUESTS)
        except ValueError:
            hello = None
        if not isinstance(hello, m.Hello) or hello.protocol != m.PROTOCOL:
            came = getattr(hello, "protocol", "none")
            self._send(
                m.Failed(
                    id="",
                    code="protocol",
                    message=f"The plugin speaks worker protocol {came}, this runtime speaks {m.PROTOCOL}.",
                    hint="Update the plugin and its runtime together.",
                )
            )
            return False
        from .contract.store import installed
        from .nn.device import available

        models = [package.card.id for package in installed()]
        self._send(m.Ready(m.PROTOCOL, self._versions, available(), models))
        return True

    def _read_requests(self) -> None:
        for line in self._stdin:
            try:
                request = m.decode(line, m.REQUESTS)
            except ValueError as error:
                sys.stderr.write(f"request ignored: {error}\n")
                continue
            if isinstance(request, m.Run):
                self._jobs.put(request)
            elif isinstance(request, m.Cancel):
                self._cancel(request.id)
            elif isinstance(request, (m.Stop, m.Pause, m.Resume)):
                self._steer(request)
            elif isinstance(request, m.Quit):
                break
        # The caller is gone or wants us gone: nobody waits for the running job, and its finished blocks are on disk.
        sys.stderr.flush()
        os._exit(0)

    def _cancel(self, job_id: str) -> None:
        with self._state_lock:
            if self._running and self._running[0] == job_id:
                self._running[1].cancel()
            else:
                self._cancelled_early.add(job_id)

    def _steer(self, request: m.Stop | m.Pause | m.Resume) -> None:
        """Hand a wish on to the running job; one that has not begun or is over does not hear it."""
        with self._state_lock:
            if self._running and self._running[0] == request.id:
                getattr(self._running[1], request.type)()

    def _run(self, request: m.Run) -> None:
        from .jobs import execute

        feedback = JobFeedback(request.id, self._send)
        with self._state_lock:
            self._running = (request.id, feedback)
            if request.id in self._cancelled_early:
                feedback.cancel()
        self._send(m.Started(request.id))
        try:
            ending = m.Done(request.id, execute(request.job, feedback))
        except Cancelled:
            ending = m.CancelledEvent(request.id)
        except SgmaError as error:
            ending = m.Failed(request.id, error.code, error.message, error.hint)
        except Exception as error:  # noqa: BLE001  the caller must hear of everything that ends a job
            ending = _unforeseen(request.id, error)
        with self._state_lock:
            self._running = None
            self._cancelled_early.discard(request.id)
        try:
            self._send(ending)
        except ValueError as error:  # a result that is not JSON: the caller must hear of an end all the same
            self._send(_unforeseen(request.id, error))

    def _send(self, event: Any) -> None:
        # A closed pipe, on Windows not always a BrokenPipeError, means that the caller is gone; the reader thread sees
        # the end of stdin and ends the process.
        with self._write_lock, contextlib.suppress(OSError):
            self._stdout.write(m.encode(event))
            self._stdout.flush()


def _unforeseen(job_id: str, error: Exception) -> m.Failed:
    traceback.print_exc()
    return m.Failed(
        job_id,
        code=SgmaError.code,
        message=f"The job failed: {type(error).__name__}: {error}",
        hint="Please report this with the details below.",
        detail=traceback.format_exc()[-8000:],
    )


if __name__ == "__main__":
    sys.exit(main())
