"""Export a model package to ONNX at fp32, for the programs that we are compared with. Runs in .venv-bench.

python -m benchmarks.export_onnx MODEL FILE --tile PX [--geodeep-overlap PX --resolution CM]

All sensors of the card are inputs of one tile, (1,C,tile,tile) float32 already scaled, all pixels valid; the output is
class probabilities (1,K,tile,tile). With --geodeep-overlap the file is one for geodeep: a single RGB input in 0..1 that
is scaled inside, and metadata that geodeep reads.
"""

from __future__ import annotations

import argparse
import json
import sys

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from sgma_qgis.model.contract.store import find
from sgma_qgis.model.nn.build import load
from sgma_qgis.model.nn.network import STRIDES, Features, Network

MOST_DIFFERENCE = 1e-3  # of a probability, between ONNX and torch


class Scaled(nn.Module):
    """Scaled sensors in, probabilities out: no sensor and no pixel is ever missing, so nothing asks."""

    def __init__(self, network: Network, tile: int) -> None:
        super().__init__()
        self.network, self.tile = network, tile
        for stride in STRIDES:
            self.register_buffer(f"covered{stride}", torch.ones(1, len(network.keys), tile // stride, tile // stride))

    def forward(self, *images: Tensor) -> Tensor:
        adapters = self.network.adapters.values()
        stack = torch.cat([adapter.project(image) for adapter, image in zip(adapters, images)])
        coverage = tuple(getattr(self, f"covered{stride}") for stride in STRIDES)
        size = (self.tile, self.tile)
        features = Features(tuple(self.network.backbone(stack)), [list(range(len(images)))], coverage, size)
        fused, _ = self.network.fuse(features)
        return self.network.decode(fused, size).softmax(1)


class Rgb(nn.Module):
    """What geodeep hands over, 8-bit values divided by 255, scaled as the card says."""

    def __init__(self, scaled: Scaled) -> None:
        super().__init__()
        self.scaled = scaled
        self.scaling = scaled.network.adapters["rgb"].scaling

    def forward(self, image: Tensor) -> Tensor:
        return self.scaled((image * 255 - self.scaling.mean) / self.scaling.std)


def main() -> int:
    """Export, check against torch, return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("file")
    parser.add_argument("--tile", type=int, required=True)
    parser.add_argument("--geodeep-overlap", type=int)
    parser.add_argument("--resolution", type=float, default=0.0, help="cm a pixel, for geodeep")
    args = parser.parse_args()
    package = find(args.model)
    module = Scaled(load(package.card, package.weights(), args.model), args.tile)
    names, channels = list(package.card.keys), [len(stats.bands) for stats in package.card.modalities]
    if args.geodeep_overlap is not None:
        module = Rgb(module)
    generator = torch.Generator().manual_seed(0)
    images = tuple(torch.rand(1, count, args.tile, args.tile, generator=generator) for count in channels)
    module.eval()
    with torch.no_grad():
        torch.onnx.export(
            module, images, args.file, input_names=names, output_names=["probabilities"], dynamo=True,
            external_data=False, verbose=False,
        )  # fmt: skip
        expected = module(*images).numpy()
    if args.geodeep_overlap is not None:
        _describe(args.file, [c.name for c in package.card.classes], args)
    session = onnxruntime.InferenceSession(args.file, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {name: image.numpy() for name, image in zip(names, images)})
    worst = float(np.abs(found - expected).max())
    if worst > MOST_DIFFERENCE:
        print(f"{args.file}: ONNX differs from torch by up to {worst:.4f}.", file=sys.stderr)
        return 1
    return 0


def _describe(file: str, classes: list[str], args: argparse.Namespace) -> None:
    """Add the metadata that geodeep takes its settings from.

    Set to make both sides do the same: tiles_overlap (its default is 5 %), resolution (cm; the layer's own, so that it
    does not resample) and seg_thresh 0 (its default .5 makes every pixel with less the first class). Its minimum
    segment and its median filter stay as they are.
    """
    model = onnx.load(file)
    onnx.helper.set_model_props(
        model,
        {
            "model_type": json.dumps("Segmentor"),
            "class_names": json.dumps({str(i): name for i, name in enumerate(classes)}),
            "resolution": str(args.resolution),
            # it takes whole pixels of a share, rounded down
            "tiles_overlap": repr((args.geodeep_overlap + 0.01) / args.tile * 100),
            "seg_thresh": "0",
        },
    )
    onnx.save(model, file)


if __name__ == "__main__":
    sys.exit(main())
