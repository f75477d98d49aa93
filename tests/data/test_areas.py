"""Areas: read, refused, measured, proposed, written. A proposal keeps its gap and gives every role its classes."""

import numpy as np
import pyogrio
import pytest
import shapely

from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.model.data.areas import read_areas, write_areas
from sgma_qgis.model.data.crs import transformer
from sgma_qgis.model.data.grid import Grid
from sgma_qgis.model.data.proposal import propose

GRID = Grid("EPSG:32631", (0.5, 0.0, 500000.0, 0.0, -0.5, 5000000.0), 640, 480)


def box(col, row, width, height):
    """Return a box in pixels of the grid."""
    return shapely.box(500000 + col / 2, 5000000 - (row + height) / 2, 500000 + (col + width) / 2, 5000000 - row / 2)


@pytest.fixture
def drawn(tmp_path):
    """Write polygons with roles; return the path."""

    def write(rows, field="role", crs="EPSG:32631"):
        path = tmp_path / "areas.gpkg"
        wkb = np.array(shapely.to_wkb([shape for _, shape in rows]), object)
        pyogrio.raw.write(
            path, wkb, [np.array([role for role, _ in rows], object)], [field], geometry_type="Polygon", crs=crs
        )
        return str(path)

    return write


def test_roles_and_gaps(drawn):
    rows = [("train", box(0, 0, 100, 100)), ("Train ", box(0, 200, 100, 100)), ("validation", box(140, 0, 60, 60))]
    areas = read_areas(drawn(rows), GRID)
    assert list(areas.polygons) == ["train", "validation"]
    inside = areas.polygons["train"].window(GRID.window)
    assert inside[:100, :100].all()
    assert inside.sum() == 2 * 100 * 100
    assert areas.gaps(GRID) == {("train", "validation"): pytest.approx(20.0)}


def test_areas_in_degrees(drawn):
    carry = transformer("EPSG:32631", "EPSG:4326").transform
    rows = [("train", box(0, 0, 100, 100)), ("test", box(140, 0, 60, 60))]
    areas = read_areas(
        drawn([(role, shapely.transform(shape, carry, interleaved=False)) for role, shape in rows], crs="EPSG:4326"),
        GRID,
    )
    assert abs(int(areas.polygons["test"].window(GRID.window).sum()) - 3600) <= 60
    assert areas.gaps(GRID)["train", "test"] == pytest.approx(20.0, abs=0.1)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("train", box(0, 0, 10, 10)), ("val", box(50, 0, 9, 9))], "'val' is no role"),
        ([("train", box(0, 0, 10, 10)), (None, box(50, 0, 9, 9))], "1 polygon(s) have no role in the field 'role'"),
        ([("validation", box(0, 0, 10, 10))], "no polygon of role 'train'"),
        (
            [("train", box(0, 0, 100, 100)), ("validation", box(90, 0, 50, 50))],
            "the areas for train and validation overlap by 125.0 m2",
        ),
    ],
)
def test_areas_that_are_refused(drawn, rows, words):
    with pytest.raises(BadInput) as caught:
        read_areas(drawn(rows), GRID)
    assert words in caught.value.message


def test_a_file_without_roles(drawn):
    with pytest.raises(BadInput, match="no field 'role'; it has kind"):
        read_areas(drawn([("train", box(0, 0, 10, 10))], field="kind"), GRID)


def test_areas_that_touch_do_not_overlap(drawn):
    areas = read_areas(drawn([("train", box(0, 0, 50, 50)), ("test", box(50, 0, 50, 50))]), GRID)
    assert areas.gaps(GRID)["train", "test"] == 0


def counted(seed=0, cell=8, classes=3, kinds=40):
    """Return labels of patches scattered over the grid, counted by cell and class."""
    rng = np.random.default_rng(seed)
    counts = np.zeros((GRID.height // cell, GRID.width // cell, classes), np.int64)
    for number in range(kinds):
        row, col = (int(rng.integers(0, length - 3)) for length in counts.shape[:2])
        counts[row : row + 3, col : col + 3, number % classes] += cell * cell
    return counts


@pytest.mark.parametrize("gap", [16, 32])
def test_a_proposal_has_gaps_classes_and_shares(gap):
    counts = counted()
    proposal = propose(counts, 8, GRID, gap)
    assert list(proposal.shares) == ["train", "validation", "test"]
    assert min(proposal.areas.gaps(GRID).values()) >= gap * 0.5 - 1e-9
    assert (proposal.shares["train"] > 0).all()
    assert proposal.shares["train"].mean() >= 0.4
    for role, mask in proposal.areas.polygons.items():
        inside = mask.window(GRID.window)
        cells = inside.reshape(60, 8, 80, 8).all((1, 3))
        assert inside.sum() == cells.sum() * 64  # whole cells
        found = counts[cells].sum(0)
        assert (found > 0).sum() >= 2
        np.testing.assert_allclose(found / counts.sum((0, 1)), proposal.shares[role])
    again = propose(counts, 8, GRID, gap)
    assert {role: mask.digest() for role, mask in again.areas.polygons.items()} == {
        role: mask.digest() for role, mask in proposal.areas.polygons.items()
    }


def test_a_class_of_one_place_is_for_training():
    counts = counted()
    counts[30:33, 40:43] = [0, 0, 64]
    counts = np.concatenate([counts, np.zeros((*counts.shape[:2], 1), np.int64)], axis=2)
    counts[10:12, 10:12, 3] = 5
    assert propose(counts, 8, GRID, 32).shares["train"][3] == 1


def test_labels_too_close_together_all_train():
    counts = np.zeros((60, 80, 2), np.int64)
    counts[20:22, 30:32] = 32
    proposal = propose(counts, 8, GRID, 64)
    assert list(proposal.areas.polygons) == ["train"]
    assert proposal.areas.polygons["train"].window(GRID.window).sum() == 16 * 16


def test_a_proposal_can_be_written_and_read(tmp_path):
    proposal = propose(counted(), 8, GRID, 32)
    path = tmp_path / "areas.gpkg"
    for _ in range(2):  # the second replaces the first
        write_areas(path, proposal.areas, GRID.crs)
    found = read_areas(str(path), GRID)
    for role, mask in proposal.areas.polygons.items():
        assert (found.polygons[role].window(GRID.window) == mask.window(GRID.window)).all()
    assert [file.name for file in tmp_path.iterdir()] == ["areas.gpkg"]
    with pytest.raises(BadInput, match="cannot be written"):
        write_areas(tmp_path / "none" / "areas.gpkg", proposal.areas, GRID.crs)
