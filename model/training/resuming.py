"""What a checkpoint holds of a training, and how it goes on from there."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from torch import Tensor

from ..nn.network import Network
from .checkpoint import WorkFolder
from .scenarios import from_json

if TYPE_CHECKING:
    from .loop import Run

_COUNTERS = ("epochs_done", "checks_done", "checked_step", "loss", "first_loss", "pieces")


@dataclass(frozen=True)
class Keeping:
    """Where checkpoints go, and the facts (JSON) that make this training this one and no other."""

    folder: WorkFolder
    facts: dict[str, Any]


def save(run: Run, keeping: Keeping) -> None:
    """Write the state at the end of an epoch."""
    state = {
        "outcome": {name: getattr(run.outcome, name) for name in ("steps", "best", "best_epoch", "history")},
        "table": asdict(run.outcome.table) if run.outcome.table else None,
        "run": {name: getattr(run, name) for name in _COUNTERS},
        "seconds": run.seconds(),
        "told": run.told,
    }
    tensors = _kept(run, run.network, "network") | _kept(run, run.averaged, "averaged")
    if run.best_weights is not None:
        tensors |= {f"best/{name}": run.best_weights[name] for name in run.names}
    moments = run.optimizer.state_dict()["state"]
    tensors |= {f"{kind}/{run.names[i]}": value for i, row in moments.items() for kind, value in row.items()}
    keeping.folder.save(keeping.facts, state, tensors)


def restore(run: Run, keeping: Keeping) -> None:
    """Go on from the checkpoint, if there is one. Raises BadInput when it is of another training."""
    found = keeping.folder.load(keeping.facts)
    if found is None:
        return
    state, tensors = found
    for name, value in state["outcome"].items():
        setattr(run.outcome, name, value)
    run.outcome.table = from_json(state["table"]) if state["table"] else None
    for name in _COUNTERS:
        setattr(run, name, state["run"][name])
    run.began -= state["seconds"]
    run.told = state.get("told", [])
    for network, kind in ((run.network, "network"), (run.averaged, "averaged")):
        network.load_state_dict(_of(tensors, kind), strict=False)
    run.last_weights = copied(run.averaged)
    if best := _of(tensors, "best"):
        run.best_weights = {**run.last_weights, **{name: value.to(run.device) for name, value in best.items()}}
    columns = {kind: _of(tensors, kind) for kind in ("step", "exp_avg", "exp_avg_sq")}
    moments = {
        i: {kind: column[name] for kind, column in columns.items()}
        for i, name in enumerate(run.names)
        if name in columns["step"]
    }
    run.optimizer.load_state_dict({**run.optimizer.state_dict(), "state": moments})
    run.feedback.info(f"Going on after epoch {run.epochs_done}, step {run.outcome.steps}.")


def _kept(run: Run, network: Network, kind: str) -> dict[str, Tensor]:
    """Return what the training changes of a network; the rest is as at the start."""
    wanted = set(run.names)
    return {f"{kind}/{name}": value for name, value in network.state_dict().items() if name in wanted}


def copied(network: Network) -> dict[str, Tensor]:
    """Return the weights, apart from the network's own."""
    return {name: value.clone() for name, value in network.state_dict().items()}


def _of(tensors: dict[str, Tensor], kind: str) -> dict[str, Tensor]:
    return {name[len(kind) + 1 :]: value for name, value in tensors.items() if name.startswith(f"{kind}/")}
