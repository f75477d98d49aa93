"""Installs the runtime: a virtual environment in the data folder, filled by pip with locked wheels, proven, renamed.

Nothing is trusted but checksums: wheels alone (no code of a package runs while it is built), each with a SHA-256 in
`lock/`. The environment grows as `runtime.new` and takes the place of `runtime` when a worker of it has answered.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Deque, Dict, Iterator, List, Mapping, Optional

from ..model.contract.errors import Cancelled, RuntimeUnavailable
from ..model.contract.messages import Ready
from ..model.contract.store import data_dir
from .builds import TORCH_INDEX, Build
from .client import WorkerClient
from .diagnosis import explain
from .environment import child_environment, no_window, venv_python, verify
from .interpreters import Interpreter

RECORD = "sgma-runtime.json"
POLL_S = 0.1
TAIL_LINES = 200
TERMINATE_GRACE_S = 3.0
#: What a user or administrator may have told pip about the network; the rest of PIP_... would break the environment.
PIP_VARIABLES = (
    "PIP_CERT", "PIP_CLIENT_CERT", "PIP_CONFIG_FILE", "PIP_DEFAULT_TIMEOUT", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS",
    "PIP_INDEX_URL", "PIP_PROXY", "PIP_TIMEOUT", "PIP_TRUSTED_HOST",
)  # fmt: skip
_PIP = ("install", "--no-input", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--only-binary=:all:")
_SOCKET = ("--retries=2", "--timeout=30")
_NEWER = ("--progress-bar=raw", "--resume-retries=5")  # the pip of an old Python does not know them
#: Share of the whole that each step takes, in their order.
_STEPS = {"environment": 0.04, "pip": 0.06, "torch": 0.45, "libraries": 0.9, "proof": 1.0}

Tell = Callable[[float, str, str], None]  # share of the whole 0..1, stage (see `make`), its detail
Log = Callable[[str, str], None]
Poll = Callable[[], bool]


@dataclass(frozen=True)
class Network:
    """What QGIS knows about the network. proxy: 'http://user:password@host:port'; ca_file: certificates it trusts."""

    proxy: str = ""
    no_proxy: str = ""
    ca_file: str = ""


@dataclass(frozen=True)
class Plan:
    """What is installed from where. wheels: a folder with every wheel, then no network is used."""

    interpreter: Interpreter
    build: Build
    wheels: str = ""
    torch_index: str = TORCH_INDEX
    network: Network = Network()


def make(plan: Plan, tell: Tell, log: Log, poll: Poll) -> Path:
    """Make the environment beside the one in use, prove that it works, and return its folder for `take_over`.

    The caller holds `only_one`. Stages told: environment, download (detail: the library, for large ones with
    megabytes), unpack, proof. Raises RuntimeUnavailable saying which of disk, network, proxy, certificate, checksum
    or wheel it was, or Cancelled; then nothing is left but pip's cache of what came in full.
    """
    folder = data_dir().absolute() / "runtime.new"
    _check_room(folder.parent, plan)
    try:
        _remove(folder)
        base = plan.interpreter.path
        tell(0.0, "environment", base)
        _run([base, "-I", "-m", "venv", str(folder)], child_environment(base), log, poll)
        _fill(folder, plan, tell, log, poll)
        _prove(folder, plan, tell, log, poll)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(_cache(), ignore_errors=True)
    return folder


def take_over(folder: Path) -> Path:
    """Put the proven environment in the place of the old one; no worker may run. Return its interpreter."""
    place, old = folder.with_name("runtime"), folder.with_name("runtime.old")
    _remove(old)
    try:
        if place.exists():
            place.rename(old)
        folder.rename(place)
    except OSError as error:
        raise RuntimeUnavailable(
            f"{place} could not be replaced ({error.strerror}): a program uses it.",
            "Close other QGIS windows, then install again.",
        ) from None
    shutil.rmtree(old, ignore_errors=True)
    return venv_python(place)


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Keep a second installation out, of another QGIS too; the lock goes with the process.

    Raises RuntimeUnavailable.
    """
    path = data_dir().absolute() / "runtime.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b")
    except OSError as error:
        raise RuntimeUnavailable(
            f"The data folder {path.parent} cannot be written ({error.strerror}).", "Choose another data folder."
        ) from None
    with file:
        try:
            _lock(file)
        except OSError:
            raise RuntimeUnavailable("The runtime is being installed already.", "Wait until that has ended.") from None
        yield


def record(python: str) -> Dict[str, Any]:
    """Return what `make` wrote into the environment of that interpreter, {} for one that is not ours."""
    try:
        raw = json.loads((Path(python).parents[1] / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError, IndexError):
        return {}
    return raw if isinstance(raw, dict) else {}


def greet(python: str, poll: Poll) -> Ready:
    """Start a worker of that interpreter, end it, and return what it said. Raises RuntimeUnavailable or Cancelled."""
    client = WorkerClient(python)
    try:
        return client.start(poll)
    finally:
        client.close()


def pip_environment(python: str, network: Network, environ: Optional[Mapping[str, str]] = None) -> Dict[str, str]:
    """Return the environment pip gets: what its user told it about the network counts before what QGIS knows."""
    source = os.environ if environ is None else environ
    kept = child_environment(python, source)
    kept.update({name: source[name] for name in PIP_VARIABLES if name in source})
    kept["NO_COLOR"] = "1"
    if network.ca_file and not any(kept.get(name) for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")):
        kept["REQUESTS_CA_BUNDLE"] = network.ca_file
    if network.proxy and not any(kept.get(name) for name in ("HTTPS_PROXY", "https_proxy")):
        # By variable, not by option: a command line can be read by every user of the machine.
        kept.update(HTTP_PROXY=network.proxy, HTTPS_PROXY=network.proxy)
        if network.no_proxy:
            kept["NO_PROXY"] = network.no_proxy
    return kept


def _fill(folder: Path, plan: Plan, tell: Tell, log: Log, poll: Poll) -> None:
    """Have pip fill the environment: itself first, then torch, then the rest."""
    python = str(venv_python(folder))
    environment = pip_environment(python, plan.network)
    pip = [python, "-I", "-X", "utf8", "-m", "pip", *_PIP, *_SOCKET, "--cache-dir", str(_cache())]
    own, torch, libraries = plan.build.locks()
    torch_source = ["--index-url", plan.torch_index] if plan.build.own_index and plan.torch_index else []
    steps = (("pip", own, []), ("torch", torch, torch_source), ("libraries", libraries, []))
    begin = _STEPS["environment"]
    for name, lock, source in steps:
        if plan.wheels:
            source = ["--no-index", "--find-links", plan.wheels]
        if name != "pip":
            source = [*source, *_NEWER]
        progress = _Progress(begin, _STEPS[name], _entries(lock), tell)
        _run([*pip, *source, "-r", str(lock)], environment, log, poll, progress.line)
        begin = _STEPS[name]


def _prove(folder: Path, plan: Plan, tell: Tell, log: Log, poll: Poll) -> None:
    """Start a worker of the new environment and have it greet us; keep what it told beside the environment."""
    tell(_STEPS["libraries"], "proof", "")
    python = str(venv_python(folder))
    found = verify(python)
    if found.missing:
        raise RuntimeUnavailable(found.sentence, "Install again; if it stays so, report it with the log.")
    ready = greet(python, poll)
    log("info", f"The worker answered: torch {ready.versions.get('torch', '?')}, devices {', '.join(ready.devices)}.")
    if plan.build.key not in ("cpu", *(re.match(r"[a-z]*", device)[0] for device in ready.devices)):
        log("warning", f"No {plan.build.key.upper()} device answers: the processor will be used.")
    told = {
        "build": plan.build.key,
        "lock": plan.build.digest(),
        "base": plan.interpreter.path,
        "versions": ready.versions,
        "installed": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }
    (folder / RECORD).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


class _Progress:
    """Reads pip's output and tells how far a step is. Of a step's span, downloads take 0.8, unpacking the rest."""

    def __init__(self, begin: float, end: float, entries: int, tell: Tell) -> None:
        self._begin, self._span = begin, end - begin
        self._entries, self._begun = max(1, entries), 0
        self._tell = tell
        self._name = ""

    def line(self, text: str) -> bool:
        """Take a line; return whether it is for the log too."""
        raw = re.match(r"Progress (\d+) of (\d+)", text)
        if raw:
            done, total = int(raw[1]), int(raw[2])
            if total > 1_000_000:
                self._show(done / total, f"{self._name}, {done / 1e6:.0f} / {total / 1e6:.0f} MB")
            return False
        named = re.match(r"(?:Collecting|Processing) (\S+)", text)
        if named:
            self._name = re.split(r"[/\\]", named[1])[-1]
            self._begun += 1
            self._show(0.0, self._name)
        elif text.startswith("Ignoring "):  # made for another platform
            self._entries = max(1, self._entries - 1)
        elif text.startswith("Installing collected packages"):
            self._tell(self._begin + 0.8 * self._span, "unpack", "")
        return True

    def _show(self, share: float, text: str) -> None:
        fraction = min(1.0, (max(0, self._begun - 1) + share) / self._entries)
        self._tell(self._begin + 0.8 * fraction * self._span, "download", text)


def _run(
    command: List[str], environment: Dict[str, str], log: Log, poll: Poll, line: Callable[[str], bool] = lambda _: True
) -> None:
    """Run a program to its end, its output line by line into `line` and log. Raises RuntimeUnavailable, Cancelled."""
    options: Dict[str, Any] = {"creationflags": no_window()} if os.name == "nt" else {"start_new_session": True}
    log("info", "$ " + " ".join(command))
    try:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            cwd=str(data_dir().absolute()), **options,
        )  # fmt: skip
    except OSError as error:
        raise RuntimeUnavailable(f"{command[0]} cannot be started ({error.strerror}).", "Choose another one.") from None
    lines: queue.Queue[Optional[str]] = queue.Queue()
    reader = threading.Thread(target=_read, args=(process, lines), name="sgma-install", daemon=True)
    reader.start()
    tail: Deque[str] = deque(maxlen=TAIL_LINES)
    try:
        while True:
            if poll():
                raise Cancelled("The installation was cancelled.", "What came in full is kept for the next time.")
            with contextlib.suppress(queue.Empty):
                text = lines.get(timeout=POLL_S)
                if text is None:
                    break
                if line(text):
                    tail.append(text)
                    log("info", text)
        process.wait()
    finally:
        _end(process)
        reader.join(1.0)
        if not reader.is_alive():  # closing under a reader would block
            process.stdout.close()
    if process.returncode:
        raise explain(tail, process.returncode)


def _read(process: subprocess.Popen, lines: queue.Queue) -> None:
    for raw in process.stdout:
        lines.put(raw.decode("utf-8", "replace").rstrip())
    lines.put(None)


def _end(process: subprocess.Popen) -> None:
    """End a program that still runs, with what it started."""
    for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        if process.poll() is None:
            with contextlib.suppress(OSError):
                process.terminate() if os.name == "nt" else os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(TERMINATE_GRACE_S)


def _check_room(folder: Path, plan: Plan) -> None:
    """Raises RuntimeUnavailable when the disk cannot hold the environment and the wheels it comes from."""
    needed = plan.build.disk_mb + (0 if plan.wheels else plan.build.download_mb)
    free = shutil.disk_usage(folder).free // 10**6
    if free < needed:
        raise RuntimeUnavailable(
            f"The disk of {folder} has {free} MB free; the installation needs {needed} MB.",
            "Free space, or choose a data folder on another disk.",
        )


def _entries(lock: Path) -> int:
    return len(re.findall(r"^[a-z0-9]", lock.read_text(encoding="utf-8"), re.M))


def _cache() -> Path:
    return data_dir().absolute() / "cache" / "pip"


def _remove(folder: Path) -> None:
    """Remove what an earlier installation left. Renamed first: what a virus scanner holds open fails at once."""
    if not folder.exists():
        return
    try:
        gone = folder.with_name(folder.name + ".gone")
        shutil.rmtree(gone, ignore_errors=True)
        folder.rename(gone)
        shutil.rmtree(gone)
    except OSError as error:
        raise RuntimeUnavailable(
            f"{folder} cannot be removed ({error.strerror}).", "Close other QGIS windows, or remove it yourself."
        ) from None


def _lock(file: Any) -> None:
    """Take the operating system's lock on an open file. Raises OSError when another process has it."""
    if os.name == "nt":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
