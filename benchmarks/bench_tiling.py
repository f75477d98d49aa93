"""What tiles do to a map: overlap, tile size, prototypes and norms of a tile against those of the whole scene.

python -m benchmarks.bench_tiling geometry|overlap|reach|causes|cost [--model ID or folder] [--scenes SEED ...]. Prints
markdown tables. Every scene is also run untiled, in one forward pass; "differs" is the share of pixels whose class is
not that of the untiled run. Scenes are generated towns with seeds that were not trained on; for a model without a
height sensor, collages of the NAIP chips of Riverside (folder SGMA_SHARED_DATA, else ../shared/data).

Tiles are laid from the upper left corner with exactly the overlap asked for; what they do not cover is left out of
all counts, so that no last tile is shifted back and overlaps more.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from benchmarks.scene_statistics import Fixed, Norms, Pool, Sensors, merge, pool_tile
from benchmarks.tiling_scenes import Scene, collages, towns
from sgma_qgis.model.contract.store import find
from sgma_qgis.model.data.grid import starts
from sgma_qgis.model.engine.blend import ramp
from sgma_qgis.model.nn.build import load
from sgma_qgis.model.nn.fusion.semantic_guided import SemanticGuided
from sgma_qgis.model.nn.network import Features, Network
from sgma_qgis.model.training.metrics import confusion, scores

TILES, OVERLAPS = (256, 512, 768), (0, 32, 48, 64, 96, 128)
SIDES = (4096, 8192)
BINS = (0, 8, 16, 32, 48, 64, 96, 128, 256)  # pixels from a tile's border
NEAR = 32  # pixels: what counts as near a tile's border
SAMPLES = (4, 8, 16)
TILE, OVERLAP = 512, 48  # of 'reach' and 'causes'
SOME = 8  # tiles whose norms are taken for the scene's
TRAINED_ON = range(1000, 1008)  # seeds of training scenes, for statistics that could come with a model


def main() -> int:
    """Print the tables of one part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("geometry", "overlap", "reach", "causes", "cost"))
    parser.add_argument("--model", default="town-demo", help="id or folder (default town-demo)")
    parser.add_argument(
        "--scenes", type=int, nargs="+", default=[3000, 3001, 3002], help="seeds (default 3000 3001 3002)"
    )
    parser.add_argument("--side", type=int, default=1536, help="side of a scene in pixels, a multiple of 32")
    parser.add_argument("--tiles", type=int, nargs="+", default=TILES, help="of the part 'overlap'")
    parser.add_argument("--overlaps", type=int, nargs="+", default=OVERLAPS, help="of the part 'overlap', pixels")
    parser.add_argument("--sensors", nargs="+", help="e.g. rgb+dsm (default: all, and rgb+dsm)")
    args = parser.parse_args()
    if args.part == "geometry":
        geometry()
        return 0
    package = find(args.model)
    network = load(package.card, package.weights(), args.model)
    keys = network.keys
    wanted = [tuple(text.split("+")) for text in args.sensors or ("rgb+dsm",)]
    sets = wanted if args.sensors else [keys, *(part for part in wanted if set(part) < set(keys))]
    scenes = towns(args.scenes, args.side, package.card) if "dsm" in keys else collages(args.scenes, args.side)
    with torch.inference_mode():
        if args.part == "overlap":
            overlap(network, scenes, sets, args.tiles, args.overlaps)
        elif args.part == "reach":
            reach(network, scenes, sets)
        elif args.part == "causes":
            training = towns(TRAINED_ON, TILE, package.card) if "dsm" in keys else iter(())
            causes(network, scenes, sets, training)
        else:
            cost(network, scenes, sets)
    return 0


# --- running -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tiling:
    """Square tiles laid from the corner: starts of rows and columns alike, side and overlap in pixels."""

    starts: tuple[int, ...]
    side: int
    overlap: int

    @property
    def covered(self) -> int:
        return self.starts[-1] + self.side

    @property
    def places(self) -> list[tuple[int, int]]:
        return [(row, col) for row in self.starts for col in self.starts]

    def near(self) -> np.ndarray:
        """Return which covered pixels lie within NEAR of a tile's border inside the scene, bool (H,W)."""
        lines = [*self.starts[1:], *(start + self.side for start in self.starts[:-1])]
        axis = np.zeros(self.covered, bool)
        for line in lines:
            axis[max(line - NEAR, 0) : line + NEAR] = True
        return axis[:, None] | axis[None, :]


def lay(scene_side: int, tile: int, overlap: int) -> Tiling:
    step = tile - overlap
    return Tiling(tuple(range(0, scene_side - tile + 1, step)), tile, overlap)


def encode(network: Network, scene: Scene, row: int, col: int, side: int) -> Features:
    inputs = {key: x[..., row : row + side, col : col + side] for key, x in scene.inputs.items()}
    return network.encode(inputs, torch.tensor([[key in inputs for key in network.keys]]))


def decode(network: Network, features: Features, sensors: Sensors, pool: Pool | None = None) -> np.ndarray:
    """Return class probabilities (K,H,W)."""
    fusion = network.fusion
    try:
        if pool is not None:
            network.fusion = Fixed(fusion, [prototypes for _, prototypes in pool])
        fused, _ = network.fuse(features, torch.tensor([[key in sensors for key in network.keys]]))
    finally:
        network.fusion = fusion
    return network.decode(fused, features.size).softmax(1)[0].numpy()


def spread(count: int, among: int) -> list[int]:
    """Return `count` indices spread evenly over range(among)."""
    return sorted({int((i + 0.5) * among / count) for i in range(count)})


# --- comparing ---------------------------------------------------------------------------------------------------


class Tally:
    """Counts of one way of tiling, summed over scenes."""

    def __init__(self, classes: int) -> None:
        self.pixels = self.differ = self.near = self.near_differ = self.shared = self.apart = 0
        self.distance = 0.0
        self.classes = classes
        self.confusions: list[tuple[np.ndarray, np.ndarray]] = []

    def add(self, tiling: Tiling, tiles: list[np.ndarray], whole: np.ndarray, truth: np.ndarray) -> None:
        """tiles: probabilities (K,h,w) in the order of tiling.places. whole: classes of the untiled run (H,W)."""
        side, size = tiling.side, tiling.covered
        weight = ramp(side, tiling.overlap)[:, None] * ramp(side, tiling.overlap)
        total = np.zeros((self.classes, size, size), np.float32)
        for (row, col), tile in zip(tiling.places, tiles):
            total[:, row : row + side, col : col + side] += tile * weight
        classes, whole, truth = total.argmax(0), whole[:size, :size], truth[:size, :size]
        differ, near = classes != whole, tiling.near()
        self.pixels += differ.size
        self.differ += int(differ.sum())
        self.near += int(near.sum())
        self.near_differ += int((differ & near).sum())
        self.confusions.append((confusion(truth, classes, self.classes), confusion(truth, whole, self.classes)))
        self._neighbours(tiling, dict(zip(tiling.places, tiles)))

    def _neighbours(self, tiling: Tiling, tiles: dict[tuple[int, int], np.ndarray]) -> None:
        step, overlap = tiling.side - tiling.overlap, tiling.overlap
        for (row, col), tile in tiles.items():
            right, below = tiles.get((row, col + step)), tiles.get((row + step, col))
            pairs = []
            if overlap and right is not None:
                pairs.append((tile[:, :, step:], right[:, :, :overlap]))
            if overlap and below is not None:
                pairs.append((tile[:, step:], below[:, :overlap]))
            for one, other in pairs:
                self.shared += one[0].size
                self.apart += int((one.argmax(0) != other.argmax(0)).sum())
                self.distance += float(np.abs(one - other).sum()) / 2

    def miou(self) -> tuple[float, float]:
        """Return the mean of the scenes' mIoU: tiled, untiled."""
        return tuple(float(np.mean([scores(pair[i]).miou for pair in self.confusions])) for i in (0, 1))

    def cells(self) -> str:
        tiled, untiled = self.miou()
        far = (self.differ - self.near_differ) / max(self.pixels - self.near, 1)
        apart = (
            f"{100 * self.apart / self.shared:.2f} % | {self.distance / self.shared:.4f}" if self.shared else "- | -"
        )
        return (
            f"{100 * self.differ / self.pixels:.2f} % | {100 * self.near_differ / max(self.near, 1):.2f} % | "
            f"{100 * far:.2f} % | {apart} | {tiled:.4f} | {tiled - untiled:+.4f}"
        )


HEAD = "differs | near borders | elsewhere | neighbours differ | their distance | mIoU | against untiled"
RULE = "|---" * 7


def geometry() -> None:
    """Computed pixels over output pixels."""
    print("| tile | overlap | limit | " + " | ".join(f"{side} x {side}" for side in SIDES) + " |")
    print("|---|---|---" + "|---" * len(SIDES) + "|")
    for tile in TILES:
        for wanted in OVERLAPS:
            found = []
            for side in SIDES:
                found.append((len(starts(side, tile, wanted)[0]) * tile / side) ** 2)
            limit = (tile / (tile - wanted)) ** 2
            print(f"| {tile} | {wanted} | {limit:.3f} | " + " | ".join(f"{ratio:.3f}" for ratio in found) + " |")


def overlap(
    network: Network, scenes: Iterator[Scene], sets: list[Sensors], sides: Sequence[int], overlaps: Sequence[int]
) -> None:
    """Every tile size with every overlap, as the network is."""
    tallies: dict[tuple[Sensors, int, int], Tally] = {}
    for scene in scenes:
        side = scene.truth.shape[0]
        features = encode(network, scene, 0, 0, side)
        whole = {sensors: decode(network, features, sensors).argmax(0) for sensors in sets}
        del features
        for tile in sides:
            for wanted in overlaps:
                tiling = lay(side, tile, wanted)
                made: dict[Sensors, list[np.ndarray]] = {sensors: [] for sensors in sets}
                for place in tiling.places:
                    features = encode(network, scene, *place, tile)
                    for sensors in sets:
                        made[sensors].append(decode(network, features, sensors))
                for sensors in sets:
                    classes = made[sensors][0].shape[0]
                    tally = tallies.setdefault((sensors, tile, wanted), Tally(classes))
                    tally.add(tiling, made[sensors], whole[sensors], scene.truth)
    print(f"| sensors | tile | overlap | {HEAD} |\n|---|---|---{RULE}|")
    for (sensors, tile, wanted), tally in sorted(tallies.items(), key=lambda item: sets.index(item[0][0])):
        print(f"| {'+'.join(sensors)} | {tile} | {wanted} | {tally.cells()} |")


def whole_scene(network: Network, scene: Scene, sets: list[Sensors], norms: Norms) -> tuple[dict, dict[Sensors, Pool]]:
    """Run untiled: return classes (H,W) and prototypes by sensors; the statistics go to `norms`."""
    with norms.record():
        features = encode(network, scene, 0, 0, scene.truth.shape[0])
    classes, pools = {}, {}
    for sensors in sets:
        with norms.record(sensors):
            classes[sensors] = decode(network, features, sensors).argmax(0)
        if isinstance(network.fusion, SemanticGuided) and len(sensors) > 1:
            pools[sensors] = pool_tile(network, features, sensors)
    return classes, pools


def reach(network: Network, scenes: Iterator[Scene], sets: list[Sensors]) -> None:
    """How far from a tile's border its own classes, before blending, are not those of the untiled run."""
    counts: dict[tuple[Sensors, bool], np.ndarray] = {}
    for scene in scenes:
        norms = Norms(network)
        whole, ideal = whole_scene(network, scene, sets, norms)
        tiling = lay(scene.truth.shape[0], TILE, TILE // 4)
        for row, col in tiling.places:
            bins = np.digitize(_from_border(tiling, row, col), BINS) - 1
            for freeze in (False, True):
                with norms.use() if freeze else contextlib.nullcontext():
                    features = encode(network, scene, row, col, TILE)
                for sensors in sets:
                    with norms.use(sensors) if freeze else contextlib.nullcontext():
                        made = decode(network, features, sensors, ideal.get(sensors) if freeze else None).argmax(0)
                    differ = made != whole[sensors][row : row + TILE, col : col + TILE]
                    held = counts.setdefault((sensors, freeze), np.zeros((2, len(BINS)), int))
                    held += [np.bincount(bins[mask], minlength=len(BINS)) for mask in (differ, bins >= 0)]
    ranges = [f"{low} - {high}" for low, high in zip(BINS, BINS[1:])]
    print(f"| sensors | norms and prototypes of the | {' px | '.join(ranges)} px |\n|---|---{'|---' * len(ranges)}|")
    for (sensors, freeze), (differ, total) in sorted(counts.items(), key=lambda item: sets.index(item[0][0])):
        shares = " | ".join(f"{100 * d / max(t, 1):.2f} %" for d, t in zip(differ[:-1], total[:-1]))
        print(f"| {'+'.join(sensors)} | {'scene' if freeze else 'tile'} | {shares} |")


def _from_border(tiling: Tiling, row: int, col: int) -> np.ndarray:
    """Return each pixel's distance to the nearest border of its tile that is not the scene's, (side,side) int."""
    position, far = np.arange(tiling.side), 10 * tiling.side

    def axis(start: int) -> np.ndarray:
        low = position if start else np.full(tiling.side, far)
        high = position[::-1] if start != tiling.starts[-1] else np.full(tiling.side, far)
        return np.minimum(low, high)

    return np.minimum(axis(row)[:, None], axis(col)[None, :])


def causes(network: Network, scenes: Iterator[Scene], sets: list[Sensors], training: Iterator[Scene]) -> None:
    """Norms and prototypes of the tile, of the scene, of some of its tiles, of scenes that were trained on."""
    tallies: dict[tuple[Sensors, str], Tally] = {}
    learned = Norms(network)
    learned_pools = [whole_scene(network, scene, sets, learned)[1] for scene in training]
    for scene in scenes:
        ideal, some = Norms(network), Norms(network)
        whole, ideal_pools = whole_scene(network, scene, sets, ideal)
        tiling = lay(scene.truth.shape[0], TILE, OVERLAP)
        count = len(tiling.places)
        own = [encode(network, scene, *place, TILE) for place in tiling.places]
        for i in spread(SOME, count):
            with some.record():
                features = encode(network, scene, *tiling.places[i], TILE)
            for sensors in sets:
                with some.record(sensors):
                    decode(network, features, sensors)
        frozen = {}
        for name, norms in {"the scene": ideal, f"{SOME} tiles": some, "training scenes": learned}.items():
            if norms.seen:
                with norms.use():
                    frozen[name] = norms, [encode(network, scene, *place, TILE) for place in tiling.places]
        for sensors in sets:
            # name -> features of the tiles, prototypes (None = the tile's own), norms (None = the tile's own)
            ways = {"as it is": (own, None, None)}
            for name, (norms, features) in frozen.items():
                ways[f"norms of {name}"] = (features, None, norms)
            if sensors in ideal_pools:
                parts = [pool_tile(network, features, sensors) for features in own]
                for n in (*(n for n in SAMPLES if n < count), count):
                    name = "all" if n == count else str(n)
                    ways[f"prototypes of {name} tiles"] = (own, merge([parts[i] for i in spread(n, count)]), None)
                fixed = merge([pools[sensors] for pools in learned_pools])
                ways["prototypes of training scenes"] = (own, fixed, None)
                for name, pool in (("the scene", ideal_pools[sensors]), ("training scenes", fixed)):
                    if name in frozen:
                        ways[f"norms and prototypes of {name}"] = (frozen[name][1], pool, frozen[name][0])
            for way, (tiles, pool, norms) in ways.items():
                made = []
                for features in tiles:
                    with norms.use(sensors) if norms else contextlib.nullcontext():
                        made.append(decode(network, features, sensors, pool))
                tally = tallies.setdefault((sensors, way), Tally(made[0].shape[0]))
                tally.add(tiling, made, whole[sensors], scene.truth)
    print(f"| sensors | tiles of {TILE}, overlap {OVERLAP} | {HEAD} |\n|---|---{RULE}|")
    for (sensors, way), tally in sorted(tallies.items(), key=lambda item: sets.index(item[0][0])):
        print(f"| {'+'.join(sensors)} | {way} | {tally.cells()} |")


def cost(network: Network, scenes: Iterator[Scene], sets: list[Sensors], repeats: int = 7) -> None:
    """What a first pass over one tile costs against the run of one tile: processor time, medians."""
    scene = next(iter(scenes))
    print("| sensors | a tile | first pass over a tile | ratio |\n|---|---|---|---|")
    for sensors in sets:
        part = Scene({key: scene.inputs[key] for key in sensors}, scene.truth)
        run, first = [], []
        for _ in range(repeats + 1):
            began = time.process_time()
            features = encode(network, part, 0, 0, TILE)
            encoded = time.process_time()
            decode(network, features, sensors)
            decoded = time.process_time()
            pool_tile(network, features, sensors)
            run.append(decoded - began)
            first.append(encoded - began + time.process_time() - decoded)
        one, other = float(np.median(run[1:])), float(np.median(first[1:]))
        print(f"| {'+'.join(sensors)} | {one:.3f} s | {other:.3f} s | {other / one:.2f} |")


if __name__ == "__main__":
    sys.exit(main())
