"""The largest areas of each value, whatever strips the raster is read in."""

import numpy as np
import pytest
import rasters

from sgma_qgis.model.data.grid import Grid, Window
from sgma_qgis.model.data.labels import IGNORE
from sgma_qgis.model.data.mistakes import Mistakes, places
from sgma_qgis.model.data.patches import Patch, largest


def in_strips(values, rows):
    return [values[top : top + rows] for top in range(0, len(values), rows)]


def flooded(values):
    """Return (value, pixels, window) of every area, by a flood fill."""
    left, found = values.copy(), []
    for row in range(values.shape[0]):
        for col in range(values.shape[1]):
            if left[row, col] < 0:
                continue
            value, stack, seen = left[row, col], [(row, col)], []
            while stack:
                y, x = stack.pop()
                if 0 <= y < values.shape[0] and 0 <= x < values.shape[1] and left[y, x] == value:
                    left[y, x] = -1
                    seen.append((y, x))
                    stack += [(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)]
            ys, xs = zip(*seen)
            window = Window(min(xs), min(ys), max(xs) - min(xs) + 1, max(ys) - min(ys) + 1)
            found.append(Patch(int(value), len(seen), window))
    return found


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 40])
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_areas_are_those_of_a_flood_fill_in_any_strips(rows, share):
    rng = np.random.default_rng(int(10 * share))
    values = np.where(rng.random((40, 25)) < share, rng.integers(0, 2, (40, 25)), -1).astype(np.int32)
    every = flooded(values)
    found = largest(in_strips(values, rows), 1000)
    for value in (0, 1):
        wanted = [patch for patch in every if patch.value == value]
        key = lambda patch: (-patch.pixels, patch.window.row, patch.window.col, patch.window.width)  # noqa: E731
        assert sorted(found[value], key=key) == sorted(wanted, key=key)
    few = largest(in_strips(values, rows), 3)
    assert [patch.pixels for patch in few[0]] == sorted((p.pixels for p in every if p.value == 0), reverse=True)[:3]


def test_an_area_whose_arms_meet_below_is_one():
    values = np.full((6, 5), -1, np.int32)
    values[:, 1], values[:, 3], values[5, 1:4] = 4, 4, 4
    assert largest(in_strips(values, 1), 5) == {4: [Patch(4, 13, Window(1, 0, 3, 6))]}


def test_the_raster_holds_ids_and_tells_the_places(tmp_path):
    grid = Grid(rasters.CRS, (0.5, 0, 500_000, 0, -0.5, 5_300_000), 300, 280)
    truth = np.full((280, 300), IGNORE, np.uint8)
    truth[:140] = 0
    mapped = truth.copy()
    mapped[10:20, 250:270] = 2
    mapped[100:102, 3:5] = 2
    with Mistakes(tmp_path / "e.tif", grid, (7, 1, 40)) as file:
        for window in (Window(256, 0, 44, 256), Window(0, 0, 256, 256)):
            rows, cols = window.within(grid.window)
            file.add(window, truth[rows, cols], mapped[rows, cols])
        file.finish()
    both = rasters.read(tmp_path / "e.tif")
    assert both.dtype == np.uint8
    assert set(np.unique(both[0])) == {7, 255} and set(np.unique(both[1])) == {7, 40, 255}
    assert (both[2] == np.where(both[0] == 255, 255, both[0] != both[1])).all()
    assert (both[:, 140:] == 255).all()
    found = places(tmp_path / "e.tif", grid, (7, 1, 40))
    assert found == {(0, 2): [Patch(2, 200, Window(250, 10, 20, 10)), Patch(2, 4, Window(3, 100, 2, 2))]}


def test_ids_that_need_two_bytes(tmp_path):
    grid = Grid(rasters.CRS, (0.5, 0, 500_000, 0, -0.5, 5_300_000), 8, 8)
    with Mistakes(tmp_path / "e.tif", grid, (3, 300)) as file:
        file.add(grid.window, np.zeros((8, 8), np.uint8), np.ones((8, 8), np.uint8))
        file.finish()
    assert rasters.read(tmp_path / "e.tif")[:, 0, 0].tolist() == [3, 300, 1]
    assert places(tmp_path / "e.tif", grid, (3, 300))[(0, 1)][0].pixels == 64
