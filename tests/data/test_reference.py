"""References: rasters and polygons become the model's class indices; what cannot be used is told in a sentence."""

import json

import numpy as np
import pyogrio
import pytest
import shapely

from sgma_qgis.model.contract.card import Card, ClassInfo, NetworkSpec
from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.model.data.crs import transformer
from sgma_qgis.model.data.drawn import LabelSource
from sgma_qgis.model.data.grid import Grid, Window
from sgma_qgis.model.data.labelled import _cores
from sgma_qgis.model.data.labels import IGNORE, of_model
from sgma_qgis.model.data.reference import Labels, Reference
from sgma_qgis.model.data.vector import read_area

CLASSES = (ClassInfo(1, "Street", "#888888"), ClassInfo(4, "Tree", "#117733"), ClassInfo(9, "Water", "#0000ff"))
CARD = Card("demo", "Demo", CLASSES, (), NetworkSpec("small", "mean"), (0.5, 1.0, 2.0), 64, "w", "")
GRID = Grid("EPSG:32631", (1.0, 0.0, 500000.0, 0.0, -1.0, 5000000.0), 20, 10)


def box(col, row, width, height):
    return shapely.box(500000 + col, 5000000 - row - height, 500000 + col + width, 5000000 - row)


@pytest.fixture
def draw(tmp_path):
    """Write geometries with one field or more as a GeoPackage; return its path."""

    def write(shapes, name="reference.gpkg", crs="EPSG:32631", **fields):
        path = tmp_path / name
        wkb = np.array(shapely.to_wkb(shapes), object)
        data = [
            np.array(values) if not isinstance(values[0], str) else np.array(values, object)
            for values in fields.values()
        ]
        pyogrio.raw.write(path, wkb, data, list(fields), geometry_type=shapes[0].geom_type, crs=crs)
        return str(path)

    return write


def read(path, field="", class_map="", window=GRID.window, **more):
    with Reference(LabelSource(path, field, **more), GRID, of_model(CARD, class_map)) as reference:
        return reference.read(window)


def test_raster_values_are_class_ids_and_nodata_is_ignored(paint):
    values = np.array([[1, 4, 9, 255, 7]] * 10, np.uint8)
    found = read(paint("labels.tif", values, nodata=7))
    assert found[0, :5].tolist() == [0, 1, 2, IGNORE, IGNORE]
    assert (found[:, 5:] == IGNORE).all()


@pytest.mark.parametrize(
    "values", [[1, 9], [1.0, 9.0], ["1", " 9"], ["street", "WATER"]], ids=["ids", "floats", "text", "names"]
)
def test_polygons_by_id_or_name_and_the_later_lies_on_top(draw, values):
    path = draw([box(0, 0, 8, 10), box(4, 0, 8, 5)], kind=values)
    found = read(path, "kind")
    assert (found[:, :4] == 0).all()
    assert (found[:5, 4:12] == 2).all()
    assert (found[5:, 4:8] == 0).all()
    assert (found[5:, 8:] == IGNORE).all()
    assert (read(path, "kind", window=Window(3, 4, 6, 3)) == found[4:7, 3:9]).all()


def test_polygons_in_another_crs_and_broken_ones(draw):
    bow = shapely.Polygon([(500000, 5000000), (500008, 4999990), (500008, 5000000), (500000, 4999990)])
    lonlat = shapely.transform(bow, transformer("EPSG:32631", "EPSG:4326").transform, interleaved=False)
    found = read(draw([lonlat], crs="EPSG:4326", kind=[4]))  # its only field needs no name
    assert 30 <= (found == 1).sum() <= 50  # two triangles of 20 square metres each


def test_the_polygons_of_collections_count_without_what_cutting_left_of_edges(draw):
    edge = shapely.LineString([(500000, 5000000), (500008, 5000000)])
    inner = shapely.GeometryCollection([shapely.MultiPolygon([box(8, 0, 2, 5), box(8, 5, 2, 5)])])
    shapes = [
        shapely.GeometryCollection([box(0, 0, 8, 10), edge, shapely.Point(500015, 4999995)]),
        shapely.GeometryCollection([edge, inner]),
        shapely.GeometryCollection([edge]),
        shapely.GeometryCollection(),
    ]
    path = draw(shapes, kind=[1, 9, 4, 4])
    found = read(path, "kind")
    assert (found[:, :8] == 0).all() and (found[:, 8:10] == 2).all() and (found[:, 10:] == IGNORE).all()
    area = read_area(path, GRID.crs).on(GRID).window(GRID.window)
    assert area[:, :10].all() and not area[:, 10:].any()


def test_points_have_a_radius_in_metres(draw):
    point = shapely.Point(500010.2, 4999994.9)
    found = read(draw([point], kind=[4]), radius=3.0)
    assert (found == 1).sum() == pytest.approx(np.pi * 9, abs=3)
    assert found[5, 10] == 1
    lonlat = shapely.transform(point, transformer("EPSG:32631", "EPSG:4326").transform, interleaved=False)
    assert (read(draw([lonlat], "lonlat.gpkg", "EPSG:4326", kind=[4]), radius=3.0) == found).mean() > 0.99
    alone = read(draw([point], kind=[4]), radius=0.0)
    assert (alone == 1).sum() == 1
    assert alone[5, 10] == 1
    # a metre is a metre on a grid in degrees, too, where east and north differ
    x, y = lonlat.x, lonlat.y
    degrees = Grid("EPSG:4326", (1e-5, 0.0, x - 1e-4, 0.0, -1e-5, y + 1e-4), 20, 20)
    with Reference(LabelSource(draw([point], kind=[4]), radius=3.0), degrees, of_model(CARD)) as reference:
        rows, cols = np.nonzero(reference.read(degrees.window) == 1)
    assert np.ptp(cols) > np.ptp(rows) >= 4
    assert len(rows) * 1e-5**2 * 111_200**2 * np.cos(np.radians(y)) == pytest.approx(np.pi * 9, rel=0.15)


def test_the_rest_of_a_labelled_area_has_a_class(draw):
    polygons = draw([box(2, 2, 4, 4)], kind=["tree"])
    area = draw([box(0, 0, 10, 10)], "area.gpkg", kind=[1])
    found = read(polygons, area=area, background="street")
    assert (found[:, :10] == 0).sum() == 100 - 16
    assert (found[2:6, 2:6] == 1).all()
    assert (found[:, 10:] == IGNORE).all()
    with pytest.raises(BadInput, match="holds 'background', which is no class"):
        read(polygons, area=area)
    with pytest.raises(BadInput, match=r"Area .*none.gpkg \(--labelled-area\) does not exist"):
        read(polygons, area="none.gpkg")


def test_classes_that_share_ground_are_told(draw):
    with Labels(LabelSource(draw([box(0, 0, 8, 8), box(4, 0, 8, 8)], kind=["a", "b"])), GRID) as labels:
        assert "features of different classes overlap by 32 m2" in labels.notes[0]
    for shapes, kinds in (([box(0, 0, 8, 8), box(8, 0, 8, 8)], "ab"), ([box(0, 0, 8, 8), box(4, 0, 8, 8)], "aa")):
        with Labels(LabelSource(draw(shapes, kind=list(kinds))), GRID) as labels:
            assert labels.notes == ()


def test_features_outside_the_layers_do_not_count(draw):
    path = draw([box(0, 0, 5, 5), box(5000, 0, 5, 5)], kind=["tree", "nonsense"])
    assert (read(path) == 1).sum() == 25
    assert (read(draw([box(5000, 0, 5, 5)], kind=["tree"])) == IGNORE).all()


def test_features_without_a_class_may_be_ignored(draw, tmp_path):
    path = tmp_path / "map.json"
    path.write_text(json.dumps({"a": 4, "null": "ignore"}))
    shapes = [box(0, 0, 5, 5), box(5, 0, 5, 5)]
    found = read(draw(shapes, kind=np.array(["a", None], object)), class_map=str(path))
    assert found[0, 0] == 1
    assert (found == 1).sum() == 25


def test_whole_numbers_may_be_stored_as_floats(paint):
    values = np.full((10, 20), 4, np.float32)
    values[0] = np.nan
    found = read(paint("labels.tif", values))
    assert (found[0] == IGNORE).all()
    assert (found[1:] == 1).all()


def test_class_map(paint, tmp_path):
    path = tmp_path / "map.json"
    path.write_text(json.dumps({"2": 4, "3": "ignore", "5": "new:Water", "6": "street"}))
    found = read(paint("labels.tif", np.array([[2, 3, 5, 6]] * 10, np.uint8)), class_map=str(path))
    assert found[0, :4].tolist() == [1, IGNORE, 2, 0]


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"kind": [1, 4]}, "sort", "no field 'sort'; it has kind"),
        ({"kind": [1, 4], "other": [1, 1]}, "", "which field is the class"),
        ({"kind": np.array(["street", None], object)}, "kind", "1 of 2 features have no class in the field 'kind'"),
        ({"kind": [1.0, np.nan]}, "kind", "1 of 2 features have no class in the field 'kind'"),
        ({"kind": [1, 7]}, "kind", "holds 7, which is no class of the model 'demo': it has 1 Street, 4 Tree"),
    ],
)
def test_polygons_that_cannot_be_used(draw, fields, field, words):
    with pytest.raises(BadInput) as caught:
        read(draw([box(0, 0, 5, 5), box(5, 0, 5, 5)], **fields), field)
    assert words in caught.value.message


def test_files_that_cannot_be_used(draw, paint, tmp_path):
    raster = paint("labels.tif", np.full((10, 20), 7, np.uint8))
    floats = paint("floats.tif", np.full((10, 20), 1.5, np.float32))
    points = draw([shapely.Point(500005, 4999995)], kind=[1])
    lines = draw([shapely.LineString([(500005, 4999995), (500009, 4999990)])], "lines.gpkg", kind=[1])
    table = tmp_path / "table.csv"
    table.write_text("kind,area\n1,2\n")
    wrong = tmp_path / "map.json"
    wrong.write_text('{"7": 5}')
    for arguments, words in (
        ((raster,), "holds 7, which is no class"),
        ((raster, "kind"), "is a raster, which has no field"),
        ((floats,), "whole numbers"),
        ((points,), "how many metres around each"),
        ((lines,), "holds no polygon or point"),
        ((str(table),), "is a table without geometries"),
        ((str(tmp_path / "none.gpkg"),), "does not exist"),
        ((raster, "", str(wrong)), "'7' means 5, but the model 'demo' has 1 Street"),
    ):
        with pytest.raises(BadInput) as caught:
            read(*arguments)
        assert words in caught.value.message


@pytest.mark.parametrize(("begin", "length", "limit"), [(0, 40, 40), (0, 500, 500), (-70, 700, 400), (-300, 1000, 90)])
def test_cores_part_the_grid_and_lie_in_their_windows(begin, length, limit):
    cores, side = _cores(begin, length, limit, 128)
    assert cores[0][1] == 0
    assert cores[-1][2] == limit
    assert all(one[2] == other[1] for one, other in zip(cores, cores[1:]))
    assert all(start <= low < high <= start + side for start, low, high in cores)
