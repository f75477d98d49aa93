"""Integer geometry."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sgma_qgis.model.data.grid import LATTICE, STEP, Grid, Window, snap, starts


@st.composite
def sides(draw):
    tile = draw(st.integers(1, 20)) * STEP
    return draw(st.integers(1, 3000)), tile, draw(st.integers(0, (tile - 16) // LATTICE)) * LATTICE


@settings(deadline=None, max_examples=100)
@given(sides())
def test_tiles_cover_every_pixel_and_overlap_as_asked(side):
    length, tile, overlap = side
    begins, long = starts(length, tile, overlap)
    if length <= tile:
        assert begins == [0]
        assert long == -(-length // STEP) * STEP
        return
    steps = [b - a for a, b in zip(begins, begins[1:])]
    assert long == tile
    assert begins[0] == 0
    assert length <= begins[-1] + tile < length + LATTICE
    assert all(start % LATTICE == 0 for start in begins)
    assert 0 < min(steps) <= max(steps) <= tile - overlap
    assert max(steps) - min(steps) <= LATTICE


def test_tiles_of_a_side_just_above_the_tile():
    assert starts(513, 512, 128) == ([0, 16], 512)


@pytest.mark.parametrize(("length", "overlap"), [(100, -1), (100, 500), (100, 512), (100, 600), (0, 64)])
def test_tiles_that_never_advance_are_refused(length, overlap):
    with pytest.raises(ValueError, match="overlap"):
        starts(length, 512, overlap)


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
