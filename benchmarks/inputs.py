"""What the speed and memory benchmarks run on: layers of any size, model packages with random weights, our command.

Layers repeat one generated patch, which is cheap to write and has data everywhere; maps by random weights mean nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import rasterio
import torch
from rasterio.transform import from_origin
from rasterio.windows import Window

from benchmarks.processes import Measured, run
from sgma_qgis.model.contract.card import Card, ClassInfo, ModalityStats, NetworkSpec, to_json
from sgma_qgis.model.data.town import make_scene
from sgma_qgis.model.nn.build import build, dump

ROOT = Path(__file__).resolve().parents[1]
RUNTIME_PYTHON = ROOT / ".venv-runtime" / "bin" / "python"
BENCH_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
PATCH, PIXEL_M = 1024, 0.5
COARSER = {"rgb": 1, "nir": 1, "dsm": 2}  # a layer's pixel in pixels of the result
CLASSES = ("street", "building", "tree", "grass", "water")
STATS = (
    ModalityStats("rgb", ("red", "green", "blue"), "dn8", (0.0,) * 3, (255.0,) * 3, (110.0,) * 3, (50.0,) * 3),
    ModalityStats("nir", ("nir",), "dn8", (0.0,), (255.0,), (110.0,), (50.0,)),
    ModalityStats("dsm", ("height",), "ndsm", (-1.0,), (30.0,), (3.0,), (5.0,)),
)


def folder() -> tempfile.TemporaryDirectory:
    """Return a temporary folder beside the checkout's other builds: /tmp may be memory, not a disk."""
    parent = ROOT / "build"
    parent.mkdir(exist_ok=True)
    return tempfile.TemporaryDirectory(prefix="bench-", dir=parent)


def each_network(
    doc: str,
    keys: Sequence[str],
    compare: Callable[[Path, dict[str, Path], str, argparse.Namespace], bool],
    *,
    size: int,
    repeats: int,
    networks: Sequence[str] = ("pvt_v2_b0",),
    choices: Collection[str] | None = None,
) -> int:
    """Run a script's comparison, compare(folder, layers, network, options), for each network that is asked for.

    Returns 1 when one of them returned False. size, repeats, networks: defaults of the options that all scripts have.
    choices: the networks that may be asked for, any backbone by default.
    """
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=size, help=f"side in pixels, a multiple of 1024 (default {size})")
    parser.add_argument("--repeats", type=int, default=repeats, help=f"timed runs of each (default {repeats})")
    parser.add_argument(
        "--networks", nargs="+", choices=choices, default=list(networks), help=f"default: {' '.join(networks)}"
    )
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of each run (default: all cores)")
    args = parser.parse_args()
    with folder() as where:
        layers = write_layers(Path(where), keys, args.size, args.size)
        met = [compare(Path(where), layers, network, args) for network in args.networks]
    return 0 if all(met) else 1


def write_layers(where: Path, keys: Sequence[str], width: int, height: int) -> dict[str, Path]:
    """Write a tiled GeoTIFF a sensor and return their paths; sides are multiples of 1024.

    Heights are metres above the patch's lowest point (unit ndsm), at twice the pixel size.
    """
    if width % PATCH or height % PATCH:
        raise SystemExit(f"Sides must be multiples of {PATCH}, not {width} x {height}.")
    scene = make_scene(1, PATCH, PATCH, PIXEL_M)
    heights = (scene.dsm - scene.dsm.min()).reshape(1, PATCH // 2, 2, PATCH // 2, 2).mean((2, 4))
    patches = {"rgb": scene.rgb, "nir": scene.nir, "dsm": heights}
    where.mkdir(parents=True, exist_ok=True)
    paths = {key: where / f"{key}.tif" for key in keys}
    for key, path in paths.items():
        _repeat(path, np.ascontiguousarray(patches[key]), width, height, COARSER[key])
    return paths


def _repeat(path: Path, patch: np.ndarray, width: int, height: int, coarser: int) -> None:
    """Write a layer of width x height result pixels that shows a patch (bands,h,w) again and again."""
    bands, side, _ = patch.shape
    pixel = PIXEL_M * coarser
    with rasterio.open(
        path, "w", driver="GTiff", width=width // coarser, height=height // coarser, count=bands, dtype=patch.dtype,
        crs="EPSG:32632", transform=from_origin(500_000, 5_300_000, pixel, pixel), tiled=True, blockxsize=512,
        blockysize=512, compress="deflate", zlevel=1, num_threads="all_cpus", BIGTIFF="IF_SAFER",
    ) as file:  # fmt: skip
        for row in range(0, file.height, side):
            for col in range(0, file.width, side):
                file.write(patch, window=Window(col, row, side, side))


def write_model(where: Path, backbone: str, fusion: str, keys: Sequence[str], tile: int) -> Card:
    """Write a package with random weights and return its card."""
    card = Card(
        id=where.name,
        title="Random weights",
        classes=tuple(ClassInfo(i, name, f"#{40 * i:02x}8855") for i, name in enumerate(CLASSES)),
        modalities=tuple(stats for stats in STATS if stats.key in keys),
        network=NetworkSpec(backbone, fusion, head_channels=64),
        gsd=(PIXEL_M / 2, PIXEL_M, PIXEL_M * 2),
        tile=tile,
        weights_file="weights.safetensors",
        weights_sha256="0" * 64,
        trained_on=(tuple(keys),),
    )
    torch.manual_seed(0)
    network = build(card)
    with torch.no_grad():  # fresh weights give nearly one class everywhere: spread the scores
        for parameter in network.head.parameters():
            parameter.mul_(4.0)
    data = dump(network, card)
    card = replace(card, weights_sha256=hashlib.sha256(data).hexdigest())
    where.mkdir(parents=True)
    (where / card.weights_file).write_bytes(data)
    (where / "card.json").write_text(to_json(card), encoding="utf-8")
    return card


@dataclass(frozen=True)
class Ours:
    """A run of our command line. job_s: from the job's start to its end, without imports; facts: its run.json."""

    process: Measured
    job_s: float
    facts: dict

    @property
    def tile(self) -> int:
        """Return the side of its tiles in pixels."""
        return max(self.facts["tile"])

    @property
    def overlap(self) -> int:
        """Return the overlap of its tiles in pixels."""
        return self.facts["overlap"]

    @property
    def backend(self) -> str:
        """Return what computed."""
        return self.facts["result"]["backend"]

    @property
    def precision(self) -> str:
        """Return what it computed in."""
        return self.facts["precision"]


def warm_up(
    model: Path, keys: Sequence[str], *, threads: int, precision: str = "auto", roles: Sequence[str] = ()
) -> Ours:
    """Run `segment` once on 1024 x 1024, so that a conversion of the network is paid; arguments as in `segment`."""
    with folder() as where:
        layers = write_layers(Path(where), keys, PATCH, PATCH)
        return segment(model, layers, Path(where) / "map.tif", threads=threads, precision=precision, roles=roles)


def segment(
    model: Path,
    layers: dict[str, Path],
    output: Path,
    *,
    threads: int,
    precision: str = "auto",
    roles: Sequence[str] = (),
) -> Ours:
    """Run `segment` afresh with the default tile and overlap. roles: further rasters to write beside `output`."""
    command = [str(RUNTIME_PYTHON), "-m", "sgma_qgis.model", "segment", "--model", str(model), "--json", "--no-resume"]
    for key, path in layers.items():
        command += [f"--{key}", str(path)]
    if "dsm" in layers:
        command += ["--units", "dsm=ndsm"]
    command += ["--backend", "auto", "--precision", precision, "--threads", str(threads), "--output", str(output)]
    for role in roles:
        command += [f"--{role}", str(output.with_name(f"{output.stem}_{role}.tif"))]
    done = run(command, cwd=ROOT)
    facts = json.loads(output.with_suffix(".run.json").read_text(encoding="utf-8"))
    return Ours(done, facts["seconds"], facts)
