"""Is there a runtime, which could be installed, and installing it: what dock, settings and Processing ask for.

No qgis import. Everything blocks: a second for the questions, minutes for the installation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List

from . import service
from .language import tr
from .model.contract.errors import RuntimeUnavailable
from .runtime import builds, install
from .runtime.builds import TORCH_INDEX as TORCH_INDEX
from .runtime.environment import NotInstalled, find, managed_python, verify
from .runtime.install import Network as Network


@dataclass(frozen=True)
class Engine:
    """What is known of the runtime. text: one sentence. ours: it lies in the data folder, installed by us.

    outdated: one of ours that was made for another version of the plugin; it may work, and may not.
    """

    ready: bool
    text: str
    hint: str = ""
    python: str = ""
    ours: bool = False
    outdated: bool = False
    build: str = ""
    versions: Dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Offer:
    """A build of torch that can be installed with a Python; see runtime/builds.py. Sizes in megabytes.

    smaller_with: the Pythons ('3.11') that get a much smaller build for the processor, where this one does not.
    """

    python: str
    version: str
    build: str
    download_mb: int
    disk_mb: int
    smaller_with: str = ""


def engine(python_setting: str = "") -> Engine:
    """Return the state of the runtime that would be used."""
    try:
        python = find(python_setting)
        found = verify(python)
    except NotInstalled:
        hint = tr("Install it here, or name the Python of one that you made yourself.")
        return Engine(False, tr("The engine is not installed."), hint)
    except RuntimeUnavailable as error:
        return Engine(False, error.message, error.hint)
    told = install.record(python) if python == str(managed_python()) else {}
    outdated = bool(told) and told.get("lock") not in _digests()
    hint = tr("It was made for another version of the plugin: install it again.") if outdated else ""
    if found.missing:
        text = tr("The engine {python} lacks {what}.").format(python=python, what=", ".join(found.missing))
    else:
        text = tr("The engine {python} is complete (torch {version}).")
        text = text.format(python=python, version=found.versions["torch"])
    build = str(told.get("build", ""))
    return Engine(not found.missing, text, hint, python, bool(told), outdated, build, found.versions)


def greet(python: str, feedback: service.Feedback) -> Dict[str, Any]:
    """Start a worker of that interpreter and return its devices and versions. Raises RuntimeUnavailable, Cancelled."""
    ready = install.greet(python, _poll(feedback))
    return {"devices": list(ready.devices), "versions": dict(ready.versions)}


def offers(python: str = "") -> List[Offer]:
    """Return what could be installed with that Python, or with the best one found; the default first.

    Raises RuntimeUnavailable when there is none, and says what is needed.
    """
    interpreter, default = builds.choose(python)
    choices = [default, *(build for build in builds.builds(interpreter) if build != default)]
    version = ".".join(map(str, interpreter.version))
    smaller = ", ".join(f"{major}.{minor}" for major, minor in builds.checked_cpu_pythons())
    return [
        Offer(interpreter.path, version, b.key, b.download_mb, b.disk_mb, smaller if default.key == "cuda" else "")
        for b in choices
    ]


def install_runtime(
    feedback: service.Feedback,
    *,
    python: str = "",
    build: str = "",
    wheels: str = "",
    torch_index: str = "",
    network: Network = Network(),  # noqa: B008  (frozen)
) -> Engine:
    """Install the runtime into the data folder and return its state.

    python: the base; '' = the best one found. build: cpu, cuda or mps; '' = the default. wheels: a folder with every
    wheel, then no network is used. torch_index: of torch's processor builds; '' = the public one.
    Raises RuntimeUnavailable or Cancelled; then an earlier runtime is as it was.
    """
    interpreter, chosen = builds.choose(python, build)
    plan = install.Plan(interpreter, chosen, wheels, torch_index or TORCH_INDEX, network)

    def tell(fraction: float, stage: str, detail: str) -> None:
        feedback.progress(fraction, _words(stage).format(detail=detail))

    with install.only_one():
        folder = install.make(plan, tell, feedback.log, _poll(feedback))
        with service.at_rest(feedback):
            made = install.take_over(folder)
    feedback.progress(1.0, tr("The engine is installed."))
    return engine(str(made))


def _words(stage: str) -> str:
    return {
        "environment": tr("Making an environment from {detail}"),
        "download": tr("Fetching {detail}"),
        "unpack": tr("Unpacking"),
        "proof": tr("Starting the new engine"),
    }[stage]


def _poll(feedback: service.Feedback) -> Callable[[], bool]:
    def poll() -> bool:
        feedback.wait()
        return feedback.is_cancelled()

    return poll


def _digests() -> List[str]:
    return [build.digest() for build in builds.ALL]
