"""Network -> OpenVINO, in a process of its own: a compiler that crashes and the memory it takes stay out of the worker.

Reads one JSON object on stdin (see `request`), writes graph.xml and graph.bin into its folder. The graph is compiled
and compared with torch before it counts. Exits with 0, or else with the reason as the last line of stderr.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import openvino
import torch

from ..contract.store import find
from ..nn.build import load
from .workload import TileNetwork, Workload, arguments, example

GRAPH = "graph.xml"
LARGEST_DIFFERENCE = 1e-3  # of a probability or share, against torch in float32


def request(workload: Workload, keys: tuple[str, ...], folder: Path) -> dict[str, Any]:
    """Return what `main` reads."""
    return {
        "package": str(workload.package.path),
        "tile_size": list(workload.tile_size),
        "dtypes": {key: dtype.name for key, dtype in workload.dtypes.items() if key in keys},
        "trust": workload.trust,
        "threads": workload.threads,
        "folder": str(folder),
    }


def main() -> None:
    """Convert, prove, save."""
    asked = json.loads(sys.stdin.read())
    torch.set_num_threads(asked["threads"])
    package = find(asked["package"])
    card, keys = package.card, tuple(asked["dtypes"])
    bands = {stats.key: len(stats.bands) for stats in card.modalities}
    workload = Workload(
        package=package,
        tile_size=tuple(asked["tile_size"]),
        dtypes={key: np.dtype(name) for key, name in asked["dtypes"].items()},
        affine={key: (np.ones(bands[key], np.float32), np.zeros(bands[key], np.float32)) for key in keys},
        weight=np.ones(asked["tile_size"], np.float32),
        trust=asked["trust"],
        threads=asked["threads"],
    )
    network = load(card, package.weights(), str(package.path))
    network = TileNetwork(network, keys, workload.trust, card.temperature(keys)).eval()
    batch = arguments(workload, example(workload, keys))
    tensors = tuple(torch.from_numpy(array) for array in batch)
    with torch.no_grad():
        traced = torch.jit.trace(network, tensors, strict=False, check_trace=False)
        graph = openvino.convert_model(traced, example_input=tensors)
        expected = network(*tensors).numpy()
    # fixed shapes: with free ones OpenVINO copies every map between layouts, at twice the time
    graph.reshape({place: list(array.shape) for place, array in enumerate(batch)})
    settings = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": workload.threads}
    compiled = openvino.Core().compile_model(graph, "CPU", settings)
    found = compiled.create_infer_request().infer(dict(enumerate(batch)))[0]
    difference = float(np.abs(found - expected).max())
    if not difference <= LARGEST_DIFFERENCE:
        sys.exit(f"The converted network differs from torch by {difference:.2g}.")
    openvino.save_model(graph, Path(asked["folder"]) / GRAPH, compress_to_fp16=False)
