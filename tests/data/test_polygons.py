"""Polygons of a class map: those of the whole raster however it is cut, valid, neighbours with the same border."""

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyproj import CRS, Geod
from rasterio.features import rasterize, shapes
from rasterio.transform import Affine
from shapely.geometry import shape

from sgma_qgis.model.data import polygons, sieve
from sgma_qgis.model.data.polygons import polygonize

NAMES = {0: "ground", 1: "tree"}
TRANSFORM = Affine(1.0, 0.0, 500000.0, 0.0, -1.0, 5000000.0)
PIXEL_M2 = 1 / 0.9996**2
NODATA = 255
WALK = [(0, 1), (1, 0), (0, -1), (-1, 0)]

maps = st.tuples(st.integers(1, 11), st.integers(1, 11)).flatmap(
    lambda size: arrays(np.uint8, size, elements=st.sampled_from([0, 1, 2, NODATA]))
)
# Holes, an area that closes only by a corner, holes that touch by a corner, nodata inside.
RING = np.array([[0, 1, 1, 1], [1, 0, 0, 1], [1, 0, 1, 1], [1, 1, 0, 0]], np.uint8)
HOLES = np.array([[1, 1, 1, 1], [1, 0, 1, 1], [1, 1, 0, 1], [1, NODATA, 1, 1]], np.uint8)
many = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def made(tmp_path):
    """Return a function (classes, confidence, rows of a strip, options) -> polygons, {field: column}."""

    def make(classes, confidence=None, rows=None, transform=TRANSFORM, crs="EPSG:32631", **options):
        paths = []
        for name, array in (("classes", classes), ("confidence", confidence)):
            paths.append(None if array is None else tmp_path / f"{name}.tif")
            if array is None:
                continue
            height, width = array.shape
            with rasterio.open(
                paths[-1], "w", driver="GTiff", width=width, height=height, count=1, dtype="uint8", nodata=NODATA,
                crs=crs, transform=transform,
            ) as dataset:  # fmt: skip
                dataset.write(array, 1)
        target = tmp_path / "map.gpkg"
        strip = (rows or classes.shape[0]) * classes.shape[1]
        count = polygonize(*paths, target, NAMES, strip_pixels=strip, **options)
        meta, _, wkb, columns = pyogrio.raw.read(target, layer="polygons")
        assert len(wkb) == count
        return shapely.from_wkb(wkb), dict(zip(meta["fields"], columns))

    return make


def traced_whole(classes):
    found = shapes(classes, mask=classes != NODATA, connectivity=4, transform=TRANSFORM)
    return {(int(value), shapely.normalize(shapely.simplify(shape(outline), 0))) for outline, value in found}


@many
@given(maps, st.integers(1, 11))
@example(RING, 1)
@example(RING, 4)
@example(HOLES, 2)
@example(HOLES, 4)
def test_same_polygons_as_traced_whole(made, classes, rows):
    confidence = (np.arange(classes.size) % 101).reshape(classes.shape).astype(np.uint8)
    found, table = made(classes, confidence, rows)
    assert shapely.is_valid(found).all()
    assert shapely.coverage_is_valid(found)
    plain = [shapely.normalize(shapely.simplify(polygon, 0)) for polygon in found]
    assert {(int(i), p) for i, p in zip(table["class_id"], plain)} == traced_whole(classes)
    assert len(found) == len(traced_whole(classes))
    for polygon, area, mean in zip(found, table["area_m2"], table["conf_mean"]):
        inside = rasterize([polygon], classes.shape, transform=TRANSFORM).astype(bool)
        assert mean == pytest.approx(confidence[inside].mean(), rel=1e-12)
        assert area == pytest.approx(inside.sum() * PIXEL_M2, rel=1e-3)


@many
@given(maps, st.integers(1, 11))
def test_strips_change_nothing_not_even_the_points(made, classes, rows):
    whole, cut = (sorted(shapely.to_wkb(shapely.normalize(made(classes, rows=r)[0])).tolist()) for r in (None, rows))
    assert whole == cut


def test_points_are_corners_and_junctions(made):
    classes = np.zeros((40, 8), np.uint8)
    classes[:, 4:] = 1
    classes[20:, 4:] = 2
    found, table = made(classes, rows=7)
    left = found[table["class_id"] == 0][0]
    assert shapely.get_coordinates(left).shape == (4 + 1 + 1, 2)  # one where the two on the right meet; closed
    assert (shapely.get_num_coordinates(found[table["class_id"] != 0]) == 5).all()


@many
@given(maps, st.integers(1, 11), st.sampled_from([1, 3]), st.sampled_from([0.8, 1.5, 4.0]))
@example(RING, 1, 3, 1.5)
@example(HOLES, 2, 3, 4.0)
def test_simplified_neighbours_keep_their_border(made, classes, rows, zoom, tolerance):
    classes = np.kron(classes, np.ones((zoom, zoom), np.uint8))
    found, table = made(classes, rows=rows, simplify=tolerance)
    assert len(found) == len(traced_whole(classes))
    assert shapely.is_valid(found).all()
    assert shapely.coverage_is_valid(found)
    np.testing.assert_allclose(table["area_m2"], shapely.area(found) * PIXEL_M2, rtol=1e-3)
    if (classes != NODATA).all():
        assert shapely.area(found).sum() == pytest.approx(classes.size)
        assert shapely.union_all(found).equals(shapely.box(*shapely.total_bounds(found)))


def test_simplified_steps_become_a_line(made):
    classes = np.tri(60, dtype=np.uint8)
    assert shapely.get_num_coordinates(made(classes, simplify=1.0)[0]).max() <= 7
    cut, _ = made(classes, rows=20, simplify=1.0)  # a corner or two are held at each edge of a strip
    assert shapely.get_num_coordinates(cut).max() <= 14
    finer, _ = made(classes, transform=TRANSFORM @ Affine.scale(0.1), simplify=1.0)
    coarser, _ = made(classes, transform=TRANSFORM @ Affine.scale(10), simplify=1.0)
    assert shapely.get_num_coordinates(finer).max() < 10
    assert shapely.get_num_coordinates(coarser).min() > 100


def test_no_corner_comes_to_lie_on_another_outline_by_rounding(made):
    classes = np.ones((28, 8), np.uint8)
    classes[24, 7] = classes[25, 5] = classes[27, 4] = NODATA
    classes[25:, 7] = classes[27, 5:] = 0  # without its corner its edge would pass the nodata pixel's
    found, _ = made(classes, simplify=3.0, transform=Affine(0.3, 0.0, 500000.1, 0.0, -0.3, 5000000.1))
    assert shapely.is_valid(found).all()
    assert shapely.coverage_is_valid(found)


def merged_plainly(classes, least):
    """The rule of the sieve, step by step on the whole raster."""
    classes = classes.copy()
    while True:
        areas = [area for area in areas_of(classes) if len(area) < least]
        for area in sorted(areas, key=lambda pixels: (len(pixels), min(pixels))):
            borders = {}
            for row, col in area:
                for near in neighbours(classes, row, col):
                    if classes[near] not in (NODATA, classes[row, col]):
                        borders[classes[near]] = borders.get(classes[near], 0) + 1
            if borders:
                taken = min(borders, key=lambda value: (-borders[value], value))
                for pixel in area:
                    classes[pixel] = taken
                break
        else:
            return classes


def neighbours(classes, row, col):
    near = [(row + down, col + right) for down, right in WALK]
    return [(r, c) for r, c in near if 0 <= r < classes.shape[0] and 0 <= c < classes.shape[1]]


def areas_of(classes):
    left = {tuple(pixel) for pixel in np.argwhere(classes != NODATA).tolist()}
    while left:
        area, edge = [], [left.pop()]
        while edge:
            area.append(edge.pop())
            near = [n for n in neighbours(classes, *area[-1]) if n in left and classes[n] == classes[area[-1]]]
            left.difference_update(near)
            edge += near
        yield area


@settings(max_examples=150, deadline=None)
@given(maps, st.integers(1, 11), st.integers(2, 25))
def test_small_areas_go_into_their_neighbours(classes, rows, least):
    values = classes.astype(np.int32)
    values[values == NODATA] = -1
    count = -(-len(values) // rows)
    found = np.concatenate(list(sieve.sieved(lambda i: values[i * rows : (i + 1) * rows].copy(), count, least)))
    np.testing.assert_array_equal(np.where(found < 0, NODATA, found), merged_plainly(classes, least))


def test_minimum_area_is_on_the_ground_and_leaves_no_hole(made):
    classes = np.zeros((30, 30), np.uint8)
    classes[5:8, 5:8] = 1
    classes[15:19, 15:19] = 1
    classes[22:29, 22:29] = NODATA
    classes[25, 25] = 1  # has no neighbour: stays
    found, table = made(classes, rows=6, min_area=10 * PIXEL_M2)
    assert sorted(np.rint(table["area_m2"] / PIXEL_M2).astype(int)) == [1, 16, 30 * 30 - 49 - 16]
    assert shapely.area(found).sum() == 30 * 30 - 49 + 1
    quarter = TRANSFORM @ Affine.scale(0.5)
    assert len(made(classes, min_area=4.0, transform=quarter)[0]) == 3
    assert len(made(classes, min_area=4.1, transform=quarter)[0]) == 2


@pytest.mark.parametrize(
    ("crs", "transform"),
    [
        ("EPSG:32631", Affine(10.0, 0.0, 700000.0, 0.0, -10.0, 5000000.0)),
        ("EPSG:4326", Affine(1e-4, 0.0, 3.0, 0.0, -1e-4, 60.0)),
        ("EPSG:3857", Affine(10.0, 0.0, 0.0, 0.0, -10.0, 8399738.0)),
    ],
)
@pytest.mark.parametrize("simplify", [None, 30.0])
def test_areas_are_those_of_the_outlines_on_the_ellipsoid(made, crs, transform, simplify, noise):
    classes = np.kron(noise(8, 8, low=0, high=2), np.ones((60, 60), np.uint8))
    found, table = made(classes, rows=100, crs=crs, transform=transform, simplify=simplify)
    geographic = CRS(crs).is_geographic
    ellipsoid = Geod(ellps="WGS84")
    for polygon, area in zip(found, table["area_m2"]):
        if not geographic:
            wgs = rasterio.warp.transform_geom(
                crs, "EPSG:4326", shapely.geometry.mapping(shapely.segmentize(polygon, 100))
            )
            polygon = shape(wgs)
        assert area == pytest.approx(
            abs(ellipsoid.geometry_area_perimeter(shapely.segmentize(polygon, 0.001))[0]), rel=2e-5
        )


def test_memory_holds_a_batch_of_polygons(made, noise, monkeypatch):
    """Written as they are finished: never more than a batch and a strip's waits."""
    most, progress = [], []
    append = polygons._Layer.add

    def watched(layer, finished):
        append(layer, finished)
        most.append(sum(len(batch[0]) for batch in layer._waiting))

    monkeypatch.setattr(polygons, "_BATCH", 100)
    monkeypatch.setattr(polygons._Layer, "add", watched)
    found, _ = made(noise(200, 50, low=0, high=2), rows=5, progress=lambda *done: progress.append(done))
    assert len(found) > 1000
    assert max(most) < 100
    assert progress == [(done, 40) for done in range(1, 41)]
    monkeypatch.setattr(polygons, "_STRIP_EDGES", 100)  # busy strips are cut again
    again, _ = made(noise(200, 50, low=0, high=2), rows=5, progress=lambda *done: progress.append(done))
    assert progress[-1] == (120, 120)
    monkeypatch.setattr(polygons, "_SIMPLIFIED_EDGES", 40)  # and for simplification once more
    made(noise(200, 50, low=0, high=2), rows=5, simplify=1.0, progress=lambda *done: progress.append(done))
    assert progress[-1] == (200, 200)
    assert sorted(shapely.to_wkb(shapely.normalize(again))) == sorted(shapely.to_wkb(shapely.normalize(found)))
