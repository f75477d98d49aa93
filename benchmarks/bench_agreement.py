"""Does every backend and precision of this machine give the classes of torch in float32? Trained models, real scenes.

python -m benchmarks.bench_agreement. The scenes lie in the folder named by SGMA_SHARED_DATA, else ../shared/data;
without them it says so and measures nothing. torch's own bf16 stands beside: what the number format itself changes.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import rasterio

from benchmarks.inputs import ROOT, folder
from sgma_qgis.model.contract.job import Options, Outputs, SegmentJob, Source
from sgma_qgis.model.engine.segment import segment
from sgma_qgis.model.feedback import JobFeedback

DATA = Path(os.environ.get("SGMA_SHARED_DATA") or ROOT.parent / "shared" / "data")
IGN = DATA / "ign_rgbn_lidar"
NEEDED = {"fp32": 0.999, "bf16": 0.995}
SCENES = {
    "town-demo, IGN urban, RGB + NIR + DSM": ("town-demo", IGN / "urban_77055_627760", ("rgb", "nir", "dsm")),
    "town-demo, IGN urban, RGB": ("town-demo", IGN / "urban_77055_627760", ("rgb",)),
    "town-demo, IGN rural, RGB + NIR + DSM": ("town-demo", IGN / "rural_48465_663263", ("rgb", "nir", "dsm")),
    "trees-aerial, IGN urban, RGB + NIR": ("trees-aerial", IGN / "urban_77055_627760", ("rgb", "nir")),
    "trees-aerial, IGN rural, RGB": ("trees-aerial", IGN / "rural_48465_663263", ("rgb",)),
}


def main() -> int:
    """Print the table; returns 1 when a figure is missed."""
    if not IGN.is_dir():
        print(f"No scenes in {DATA}: nothing measured.")
        return 0
    met = True
    print("| model, scene, sensors | pixels | openvino fp32 | openvino bf16 | torch bf16 |")
    print("|---|---|---|---|---|")
    with folder() as place:
        for name, (model, scene, keys) in SCENES.items():
            reference = _classes(Path(place), model, scene, keys, "torch", "fp32")
            known = reference != 255
            shares = []
            for backend, precision in (("openvino", "fp32"), ("openvino", "bf16"), ("torch", "bf16")):
                got = _classes(Path(place), model, scene, keys, backend, precision)
                share = float((got == reference)[known].mean())
                met &= backend == "torch" or share >= NEEDED[precision]
                shares.append(f"{100 * share:.3f} %")
            print(f"| {name} | {known.sum()} | {' | '.join(shares)} |", flush=True)
    print(f"\nNeeded: {', '.join(f'{precision} {100 * share:g} %' for precision, share in NEEDED.items())}.")
    return 0 if met else 1


def _classes(place: Path, model: str, scene: Path, keys: tuple[str, ...], backend: str, precision: str):
    out = place / f"{backend}_{precision}.tif"
    nodata = 0 if "rural" in scene.name else None
    sources = tuple(Source(key, str(scene / f"{key}.tif"), nodata=None if key == "dsm" else nodata) for key in keys)
    options = Options(backend=backend, precision=precision, device="cpu", resume=False)
    segment(SegmentJob(sources, model, Outputs(str(out)), options=options), JobFeedback("bench", lambda event: None))
    with rasterio.open(out) as file:
        return file.read(1)


if __name__ == "__main__":
    sys.exit(main())
