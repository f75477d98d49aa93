"""Integer geometry."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sgma_qgis.model.data.grid import LATTICE, STEP, Grid, Window, snap, tiles


@st.composite
def layouts(draw):
    tile = draw(st.integers(1, 20)) * STEP
    overlap = draw(st.integers(0, (tile - 16) // LATTICE)) * LATTICE
    return draw(st.integers(1, 3000)), draw(st.integers(1, 700)), tile, overlap


@settings(deadline=None, max_examples=60)
@given(layouts())
def test_tiles_cover_every_pixel_and_overlap_as_asked(layout):
    width, height, tile, overlap = layout
    table = tiles(width, height, tile, overlap)
    columns, rows = [t.window.col for t in table[0]], [row[0].window.row for row in table]
    for starts, length, side in (
        (columns, width, table[0][0].window.width),
        (rows, height, table[0][0].window.height),
    ):
        assert starts[0] == 0
        assert starts == sorted(set(starts))
        assert all(b - a <= side - overlap for a, b in zip(starts, starts[1:]))
        if length <= tile:
            assert starts == [0]
            assert side == -(-length // STEP) * STEP
        else:
            assert length <= starts[-1] + side < length + LATTICE
            assert all(start % LATTICE == 0 for start in starts)
            steps = [b - a for a, b in zip(starts, starts[1:])]
            assert max(steps) - min(steps) <= LATTICE
            assert side == tile
    windows = {(t.window.width, t.window.height) for row in table for t in row}
    assert len(windows) == 1
    assert all(t.row == i and t.col == j for i, row in enumerate(table) for j, t in enumerate(row))


def test_tiles_of_a_side_just_above_the_tile():
    assert [t.window.col for t in tiles(513, 10, 512, 128)[0]] == [0, 16]


@pytest.mark.parametrize("overlap", [-1, 500, 512, 600])
def test_tiles_refuse_an_overlap_that_never_advances(overlap):
    with pytest.raises(ValueError, match="overlap"):
        tiles(100, 100, 512, overlap)


def test_snap_moves_outward_to_the_lattice():
    grid = snap((10.3, 20.2, 14.7, 23.9), (0.0, 100.0), (2.0, 2.0), "X")
    assert grid.bounds == (10.0, 20.0, 16.0, 24.0)
    assert (grid.width, grid.height) == (3, 2)


def test_snap_forgives_rounded_digits():
    grid = snap((0.0000001, -0.0000001, 9.9999999, 10.0000001), (0.0, 10.0), (1.0, 1.0), "X")
    assert (grid.width, grid.height, grid.bounds) == (10, 10, (0.0, 0.0, 10.0, 10.0))


def test_windows_of_a_grid():
    grid = Grid("X", (0.5, 0.0, 100.0, 0.0, -0.5, 200.0), 40, 20)
    assert grid.resolution == 0.5
    assert grid.bounds == (100.0, 190.0, 120.0, 200.0)
    assert grid.window_bounds(Window(2, 4, 10, 6)) == (101.0, 195.0, 106.0, 198.0)
    assert grid.window_transform(Window(2, 4, 10, 6)) == (0.5, 0.0, 101.0, 0.0, -0.5, 198.0)
    assert Window(0, 0, 5, 5).intersection(Window(3, 4, 9, 9)) == Window(3, 4, 2, 1)
    assert Window(0, 0, 5, 5).intersection(Window(5, 0, 5, 5)) is None
