"""The tile loop against a plain blend in numpy: any raster, cut, strips, batches and set of finished blocks."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sgma_qgis.model.contract.modality import BY_KEY
from sgma_qgis.model.data.grid import Grid, Window, starts
from sgma_qgis.model.engine import layout, tile_loop
from sgma_qgis.model.engine.blend import ramp
from sgma_qgis.model.engine.reading import Gap, TileData
from sgma_qgis.model.feedback import JobFeedback

CHANNELS, TILE = 2, 64
KEYS = ("rgb", "nir")


@dataclass(frozen=True)
class World:
    """What every tile of a frame reads as and computes, by its place on the frame alone. shares in percent."""

    seed: int
    width: int
    height: int
    missing: int
    gaps: int

    def noise(self, window, number):
        rows, cols = np.mgrid[window.row : window.row + window.height, window.col : window.col + window.width]
        mixed = cols // 7 * 73856093 ^ rows // 5 * 19349663 ^ (self.seed * 83492791 + number * 911)
        return (np.abs(mixed) * 2654435761 >> 7) % 100

    def read(self, tile, window):
        """Return what a reader returns for a tile. window: the tile's, on the frame."""
        if self.noise(Window(window.col, window.row, 1, 1), 77) < self.gaps:
            return Gap(tile, "unreadable")
        rows, cols = np.mgrid[window.row : window.row + window.height, window.col : window.col + window.width]
        inside = (rows >= 0) & (rows < self.height) & (cols >= 0) & (cols < self.width)
        valid = {key: inside & (self.noise(window, n) >= self.missing) for n, key in enumerate(KEYS)}
        there = {key: array for key, array in valid.items() if array.any()}
        # where the tile lies stands in its pixels, so that a batch can be computed
        place = np.array([window.col, window.row], np.int64)
        return TileData(tile, dict.fromkeys(there, place), np.stack(list(there.values())), inside) if there else None

    def computed(self, col, row, weight):
        """Return (CHANNELS,h,w), times the weight."""
        random = np.random.default_rng([self.seed, col + 1000, row + 1000])
        return (random.random((CHANNELS, *weight.shape), np.float32) + 0.1) * weight


class Sums:
    """Stands in for the output rasters: keeps sums, and the availability bits as last channel."""

    channels, classes = CHANNELS, 1

    def blank(self, window):
        return {"sums": np.full((CHANNELS + 1, window.height, window.width), np.nan)}

    def fill(self, into):
        into["sums"][:] = 0

    def encode(self, sums, bits, into):
        into["sums"][:-1] = np.where(bits > 0, sums.numpy(), 0)
        into["sums"][-1] = bits
        return np.array([np.count_nonzero(bits)])

    def spread(self, keys, values):
        return values


def weight_of(tile_size, overlap):
    height, width = tile_size
    return ramp(height, overlap)[:, None] * ramp(width, overlap)


def plain(world, overlap):
    """Return (CHANNELS + 1,h,w): every tile of the frame added up in one large array."""
    (cols, width), (rows, height) = (starts(side, TILE, overlap) for side in (world.width, world.height))
    sums = np.zeros((CHANNELS, world.height + 2 * TILE, world.width + 2 * TILE))
    bits = np.zeros(sums.shape[1:], np.uint8)
    weight = weight_of((height, width), overlap)
    for row in rows:
        for col in cols:
            item = world.read(None, Window(col, row, width, height))
            if isinstance(item, TileData):
                sums[:, row : row + height, col : col + width] += world.computed(col, row, weight)
                for key, valid in zip(item.values, item.valid):
                    bits[row : row + height, col : col + width] |= valid.astype(np.uint8) * BY_KEY[key].bit
    return np.concatenate([sums * (bits > 0), bits[None]])[:, : world.height, : world.width]


def looped(world, cut, percent, most_bytes, finished, in_flight, batch):
    """Return what the loop hands to the writer, nan in the blocks that are finished, and the overlap in pixels."""
    grid = Grid("", (1, 0, 0, 0, -1, 0), cut.width, cut.height)
    plan = layout.plan_layout(
        grid, Window(-cut.col, -cut.row, world.width, world.height), TILE, percent, 8, 3, most_bytes
    )
    weight = weight_of(plan.tile_size, plan.overlap)
    blocks = [block for strip in plan.strips for block in strip.blocks]
    done = {block.key for number, block in enumerate(blocks) if finished(number)}
    out = np.full((CHANNELS + 1, cut.height, cut.width), np.nan)

    def read(tiles):
        for tile in tiles:
            window = Window(tile.window.col + cut.col, tile.window.row + cut.row, tile.window.width, tile.window.height)
            yield world.read(tile, window)

    def submit(tiles):
        assert len(tiles) <= batch
        places = next(iter(tiles.inputs.values()))
        values = np.stack([world.computed(*place.tolist(), weight) for place in places])
        return SimpleNamespace(result=lambda: torch.from_numpy(values))

    def put(write):
        (filled,) = write.args
        place = (slice(None), *filled.block.window.within(grid.window))
        assert filled.block.key not in done
        assert np.isnan(out[place]).all()
        out[place] = filled.arrays["sums"]
        assert filled.counts[0] == np.count_nonzero(out[place][-1])

    backend = SimpleNamespace(device=torch.device("cpu"), in_flight=in_flight)
    loop = tile_loop.TileLoop(
        card=None,
        scene=None,
        layout=plan,
        rasters=Sums(),
        runner=SimpleNamespace(backend=backend, submit=submit),
        batch=batch,
        work=SimpleNamespace(blocks=done),
        feedback=JobFeedback("test", lambda event: None),
    )
    for strip in plan.strips:
        loop._strip(strip, SimpleNamespace(read=read), SimpleNamespace(put=put))
    for block in blocks:
        assert np.isnan(out[(slice(None), *block.window.within(grid.window))]).all() == (block.key in done)
    return out, plan.overlap


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    monkeypatch.setattr(layout, "BLOCK", 48)
    monkeypatch.setattr(layout, "BLOCK_WIDTH", 96)
    monkeypatch.setattr(tile_loop, "MOST_FAILURES", 1 << 30)


SIDES = st.sampled_from([1, TILE - 1, TILE, TILE + 1, TILE + 16]) | st.integers(1, 260)
WORLDS = st.builds(
    World, st.integers(0, 999), SIDES, SIDES, st.sampled_from([0, 10, 60, 97]), st.sampled_from([0, 0, 10, 50])
)


@settings(deadline=None, max_examples=80)
@given(WORLDS, st.sampled_from([0, 9.375, 12.5, 25, 50]), st.data())
def test_whatever_is_computed_is_the_plain_blend(world, percent, data):
    """Of the whole up to rounding; of a cut, in strips, in batches, after an interruption to the bit."""
    frame = Window(0, 0, world.width, world.height)
    whole, overlap = looped(world, frame, percent, 1 << 30, lambda number: False, 1, 1)
    np.testing.assert_allclose(whole, plain(world, overlap), rtol=2e-6, atol=1e-6)
    col, row = (data.draw(st.integers(0, side - 1)) for side in (world.width, world.height))
    cut = Window(col, row, data.draw(st.integers(1, world.width - col)), data.draw(st.integers(1, world.height - row)))
    finished = data.draw(st.sets(st.integers(0, 20)))
    ways = data.draw(st.tuples(st.sampled_from([1, 20_000, 1 << 30]), st.sampled_from([1, 4]), st.integers(1, 4)))
    part, _ = looped(world, cut, percent, ways[0], finished.__contains__, *ways[1:])
    expected = whole[(slice(None), *cut.within(frame))]
    np.testing.assert_array_equal(np.where(np.isnan(part), expected, part), expected)
