"""One worker process: spawn it, send requests, iterate its events, notice when it dies, never leave it behind.

Three threads, each one loop: the caller's (`events`), one that decodes stdout into a queue, one that keeps
the end of stderr.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
import weakref
from collections import deque
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, Optional

from ..model.contract import messages
from ..model.contract.errors import Cancelled, RuntimeUnavailable
from ..model.contract.store import data_dir
from .environment import REQUIREMENTS, child_environment, no_window, package_root, verify

BOOT = "import sys; sys.path.append(sys.argv[1]); from sgma_qgis.model.worker import main; sys.exit(main())"
POLL_S = 0.1
START_TIMEOUT_S = 180.0  # a cold disk and a virus scanner make torch's import slow
CANCEL_GRACE_S = 30.0
QUIT_GRACE_S = 5.0
TERMINATE_GRACE_S = 3.0
MAX_LINE = 8 << 20
TAIL_BYTES = 16 << 10
_ENDED = object()

_living: weakref.WeakSet[WorkerClient] = weakref.WeakSet()


class WorkerClient:
    """A worker process. `poll` arguments are called about every 0.1 s and return True when the caller wants to stop.

    niceness: above 0, how far it ranks below other programs for processor time; on Windows one step, whatever it is.
    """

    def __init__(
        self,
        python: str,
        root: Optional[Path] = None,
        cancel_grace_s: float = CANCEL_GRACE_S,
        niceness: int = 0,
    ) -> None:
        self.python = python
        self._niceness = niceness
        self.ready: Optional[messages.Ready] = None
        self._root = str(root or package_root())
        self._cancel_grace_s = cancel_grace_s
        self._process: Optional[subprocess.Popen] = None
        self._queue: queue.Queue[Any] = queue.Queue()
        self._silent = False  # its stdout has ended: nothing will come any more, even if the process is still ending
        self._tail = _Tail(TAIL_BYTES)
        self._write_lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    @property
    def pid(self) -> int:
        """Process id, 0 before `start`."""
        return self._process.pid if self._process else 0

    @property
    def alive(self) -> bool:
        """Whether the process is there to take requests."""
        return self._process is not None and not self._silent and self._process.poll() is None

    def start(self, poll: Callable[[], bool] = lambda: False, timeout_s: float = START_TIMEOUT_S) -> messages.Ready:
        """Spawn the worker, greet it and return its answer.

        Raises RuntimeUnavailable or Cancelled; then nothing is left behind.
        """
        try:
            self._spawn()
            self.send(messages.Hello())
            self.ready = self._await_ready(poll, time.monotonic() + timeout_s)
        except BaseException:
            self.kill()
            raise
        return self.ready

    def send(self, request: Any) -> None:
        """Write one request. A worker that is gone is not an error here: `events` tells it as `crashed`."""
        if self._process is None or self._process.stdin is None:
            return
        with self._write_lock:
            try:
                self._process.stdin.write(messages.encode(request))
                self._process.stdin.flush()
            except (OSError, ValueError):  # ValueError: already closed
                return

    def events(self, job_id: str, poll: Callable[[], bool]) -> Iterator[Any]:
        """Yield the events of a job up to its final one, which always comes: `crashed` is made here.

        Once `poll` returns True the job is cancelled: asked first, terminated and killed when no answer comes in time.
        """
        deadline = None
        for event in self._pump(poll):
            if event is _ENDED:
                if deadline is not None:  # it was asked to stop, and it stopped
                    yield messages.CancelledEvent(job_id)
                else:
                    yield messages.Crashed(job_id, self._exit_code(), self._tail.text())
                return
            if event is True and deadline is None:
                deadline = time.monotonic() + self._cancel_grace_s
                self.send(messages.Cancel(job_id))
            elif deadline is not None and time.monotonic() > deadline:
                self.kill()
                yield messages.CancelledEvent(job_id)
                return
            if getattr(event, "id", None) == job_id:
                yield event
                if isinstance(event, messages.FINAL):
                    return

    def close(self, grace_s: float = QUIT_GRACE_S) -> None:
        """End the worker: ask, close its stdin, wait, then force. Safe to call twice."""
        if self.alive:
            self.send(messages.Quit())
            self._close_stdin()
            self._wait(grace_s)
        self.kill()

    def kill(self) -> None:
        """End the worker now: terminate, a short wait, kill; its whole process group with it."""
        process = self._process
        if process is None:
            return
        self._close_stdin()
        for number, grace_s in (
            (signal.SIGTERM, TERMINATE_GRACE_S),
            (getattr(signal, "SIGKILL", None), TERMINATE_GRACE_S),
        ):
            if process.poll() is None:
                _signal(process, number)
                self._wait(grace_s)
        for thread in self._threads:
            thread.join(1.0)
        for pipe, thread in zip((process.stdout, process.stderr), self._threads):
            if not thread.is_alive():  # closing under a reader would block
                pipe.close()
        _living.discard(self)

    def _spawn(self) -> None:
        folder = _own_folder()
        options: Dict[str, Any] = {}
        if os.name == "nt":
            rank = subprocess.BELOW_NORMAL_PRIORITY_CLASS if self._niceness else 0
            options["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP | no_window() | rank
        else:
            options["start_new_session"] = (
                True  # else Ctrl-C in the terminal hits the worker before we can ask it to stop
            )
        try:
            self._process = subprocess.Popen(
                [self.python, "-I", "-c", BOOT, self._root],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**child_environment(self.python), "SGMA_DATA_DIR": folder},  # it may be relative to ours
                cwd=folder,  # ours alone, and not the plugin's: on Windows a working folder cannot be deleted
                **options,
            )
        except OSError as error:
            raise RuntimeUnavailable(
                f"The runtime Python {self.python} does not start ({error}).", "Choose another interpreter."
            ) from None
        _living.add(self)
        if self._niceness and os.name != "nt":  # before it has threads: those inherit it
            with contextlib.suppress(OSError):  # it has ended already, or this system has no such thing
                own = os.getpriority(os.PRIO_PROCESS, 0)
                os.setpriority(os.PRIO_PROCESS, self._process.pid, min(own + self._niceness, 19))
        for target, name in ((self._read_stdout, "sgma-worker-stdout"), (self._read_stderr, "sgma-worker-stderr")):
            thread = threading.Thread(target=target, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def _await_ready(self, poll: Callable[[], bool], deadline: float) -> messages.Ready:
        for event in self._pump(poll):
            if event is True:
                raise Cancelled()
            if event is _ENDED:
                if poll():  # it was ended because nobody wants it any more
                    raise Cancelled()
                raise self._why_no_start()
            if isinstance(event, messages.Failed):
                raise RuntimeUnavailable(event.message, event.hint)
            if isinstance(event, messages.Ready):
                if event.protocol != messages.PROTOCOL:
                    raise RuntimeUnavailable(
                        f"The worker speaks protocol {event.protocol}, this plugin protocol {messages.PROTOCOL}.",
                        "Install plugin and runtime of the same version, then restart QGIS.",
                    )
                return event
            if time.monotonic() > deadline:
                raise RuntimeUnavailable(
                    "The worker did not become ready in time.", f"Check the runtime {self.python}, then try again."
                )
        raise RuntimeUnavailable("The worker did not become ready.", f"Check the runtime {self.python}.")

    def _why_no_start(self) -> RuntimeUnavailable:
        how, said = describe_exit(self._exit_code()), self._tail.last_line()
        with contextlib.suppress(RuntimeUnavailable):  # it is no Python: then its own last words say more
            found = verify(self.python)
            if found.missing:
                install = f'"{self.python}" -m pip install -r "{REQUIREMENTS}"'
                return RuntimeUnavailable(found.sentence, f"Install it with {install}, or choose another interpreter.")
        text = f"The worker ended at its start with {how}" + (f": {said}" if said else ".")
        return RuntimeUnavailable(text, f"Check the runtime {self.python}.")

    def _pump(self, poll: Callable[[], bool]) -> Iterator[Any]:
        """Yield events, _ENDED, and what `poll` said each time it was called; never ends by itself."""
        polled = 0.0
        while True:
            with contextlib.suppress(queue.Empty):
                yield self._queue.get(timeout=POLL_S)
            if time.monotonic() - polled >= POLL_S:
                yield bool(poll())
                polled = time.monotonic()

    def _read_stdout(self) -> None:
        stream = self._process.stdout
        try:
            while True:
                line = stream.readline(MAX_LINE)
                if not line:
                    break
                try:
                    self._queue.put(messages.decode(line, messages.EVENTS))
                except (
                    ValueError,
                    RecursionError,
                ):  # a library printed past the worker's guard: keep its end for reports
                    self._tail.add(line)
        except (OSError, ValueError):
            pass
        self._silent = True
        self._queue.put(_ENDED)

    def _read_stderr(self) -> None:
        try:
            while True:
                chunk = self._process.stderr.read1(65536)
                if not chunk:
                    break
                self._tail.add(chunk)
        except (OSError, ValueError):
            return

    def _exit_code(self) -> int:
        """Return the exit code of a process whose stdout has ended; one that lingers without stdout is killed."""
        self._wait(TERMINATE_GRACE_S)
        if self._process.poll() is None:
            self.kill()
        if len(self._threads) > 1:
            self._threads[1].join(1.0)  # the last words on stderr
        return self._process.returncode if self._process.returncode is not None else 1

    def _wait(self, seconds: float) -> None:
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return

    def _close_stdin(self) -> None:
        # Not under the write lock: a write that blocks on a full pipe must not keep us from ending the worker.
        try:
            self._process.stdin.close()
        except (OSError, ValueError):
            return


class _Tail:
    """The last bytes that came, shared by two threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._lock = threading.Lock()

    def add(self, chunk: bytes) -> None:
        chunk = chunk[-self._limit :]
        with self._lock:
            self._chunks.append(chunk)
            self._size += len(chunk)
            while self._size - len(self._chunks[0]) >= self._limit:
                self._size -= len(self._chunks.popleft())

    def text(self) -> str:
        with self._lock:
            data = b"".join(self._chunks)
        return data[-self._limit :].decode("utf-8", "replace").strip()

    def last_line(self) -> str:
        lines = self.text().splitlines()
        return lines[-1].strip()[:300] if lines else ""


def _own_folder() -> str:
    """Return the data folder, made if it is missing: what lies in a working folder must not be another user's."""
    folder = data_dir().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RuntimeUnavailable(
            f"The data folder {folder} cannot be made ({error.strerror}).",
            "Make it yourself, or name another in the environment variable SGMA_DATA_DIR.",
        ) from None
    return str(folder)


def describe_exit(code: int) -> str:
    """Return an exit code in words; the kernel's kill on lack of memory is named for what it nearly always is."""
    if code in (-9, 137):
        return "out of memory (killed by the system)"
    if code < 0:
        try:
            return f"signal {signal.Signals(-code).name}"
        except ValueError:
            return f"signal {-code}"
    return f"exit code {code}"


def _signal(process: subprocess.Popen, number: Optional[int]) -> None:
    """Signal the worker's process group, which is its own; on Windows end the process."""
    try:
        if os.name == "nt":
            process.kill()
        else:
            os.killpg(process.pid, number)
    except (OSError, ProcessLookupError):
        return


@atexit.register
def _end_all() -> None:
    for client in list(_living):
        client.kill()
