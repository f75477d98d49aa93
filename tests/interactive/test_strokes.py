"""Strokes on a grid: widths, kinds, CRSs, order; what cannot be used is told in words."""

import numpy as np
import pytest
import shapely
from painted import LEFT, PIXEL, RIGHT, SIDE, X, Y, line, place, write_strokes
from rasterio.warp import transform as carry

from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.model.contract.job import Stroke
from sgma_qgis.model.data.grid import Grid, Window
from sgma_qgis.model.data.labels import IGNORE
from sgma_qgis.model.data.strokes import Drawn, Strokes, from_messages, read_strokes

GRID = Grid("EPSG:32632", (PIXEL, 0.0, X, 0.0, -PIXEL, Y), SIDE, SIDE)


def painted(path, field="class"):
    return Strokes(read_strokes(str(path), field, GRID), GRID, None)


def test_a_line_is_as_wide_as_it_says_in_metres_else_three_pixels(tmp_path):
    strokes = [(line((20.5, 20), (20.5, 60)), "a"), (line((60.5, 20), (60.5, 60)), "b")]
    labels = painted(write_strokes(tmp_path / "s.gpkg", strokes, width=[0.0, 4.5])).read(GRID.window)
    assert (labels[40] == 0).sum() == 3
    assert (labels[40] == 1).sum() == 9


def test_points_and_polygons_count_and_what_is_drawn_later_lies_on_top(tmp_path):
    square = shapely.box(*place(10, 30), *place(30, 10))
    rows = [(square, "field"), (shapely.Point(place(15.5, 15.5)), "tree")]
    found = painted(write_strokes(tmp_path / "s.gpkg", rows))
    labels = found.read(GRID.window)
    names = [info.name for info in found.classes]
    assert names == ["field", "tree"]
    assert labels[15, 15] == 1
    assert labels[12, 12] == labels[28, 28] == 0
    assert (labels == 1).sum() < 12
    assert (labels == IGNORE).sum() == SIDE * SIDE - 400


def test_a_class_has_the_colour_that_its_last_stroke_names(tmp_path):
    rows = [(LEFT, "a"), (RIGHT, "b"), (LEFT, "a")]
    found = painted(
        write_strokes(tmp_path / "s.gpkg", rows, color=np.array(["#112233", "sky blue", "#445566"], object))
    )
    plain = painted(write_strokes(tmp_path / "p.gpkg", rows))
    assert [info.color for info in found.classes] == ["#445566", plain.classes[1].color]
    message = [Stroke(name, shapely.to_wkt(shape), color="#445566") for shape, name in rows]
    told = Strokes(from_messages(message, "EPSG:32632", GRID), GRID, None)
    assert [info.color for info in told.classes] == ["#445566", "#445566"]


def test_a_hair_of_a_line_still_marks_pixels(tmp_path):
    rows = [(LEFT, "a"), (RIGHT, "b")]
    labels = painted(write_strokes(tmp_path / "s.gpkg", rows, width=[0.001, 0.001])).read(GRID.window)
    assert (labels == 0).sum() >= 40
    assert (labels == 1).sum() >= 20


def test_another_crs_and_a_message_mark_the_same_pixels(tmp_path):
    expected = painted(write_strokes(tmp_path / "a.gpkg", [(LEFT, "a"), (RIGHT, "b")])).read(GRID.window)

    def to_degrees(points):
        lon, lat = carry("EPSG:32632", "EPSG:4326", points[:, 0], points[:, 1])
        return np.stack([lon, lat], 1)

    degrees = [(shapely.transform(shape, to_degrees), name) for shape, name in ((LEFT, "a"), (RIGHT, "b"))]
    found = painted(write_strokes(tmp_path / "b.gpkg", degrees, crs="EPSG:4326"))
    assert (found.read(GRID.window) != expected).mean() < 1e-3
    message = [Stroke(name, shapely.to_wkt(shape, rounding_precision=-1)) for shape, name in degrees]
    told = Strokes(from_messages(message, "EPSG:4326", GRID), GRID, None)
    assert np.array_equal(told.read(GRID.window), found.read(GRID.window))


def test_a_window_shows_what_the_whole_shows(tmp_path):
    found = painted(write_strokes(tmp_path / "s.gpkg", [(LEFT, "a"), (RIGHT, "b")]))
    window = Window(10, 15, 30, 33)
    assert np.array_equal(found.read(window), found.read(GRID.window)[15:48, 10:40])


def test_the_squares_of_a_stroke_are_those_that_have_its_pixels():
    """A slanting line has a bounding box of squares that it does not meet; what lies outside meets none."""
    slanting = shapely.LineString([(X + 0.5, Y - 0.5), (X + PIXEL * SIDE - 0.5, Y - PIXEL * SIDE + 0.5)])
    corner = shapely.box(X + 1, Y - 9, X + 9, Y - 1)
    outside = shapely.Point(X - 50, Y + 50)
    drawn = Drawn(np.array([slanting, corner, outside]), np.array(["a", "b", "b"], object), np.zeros(3), "Strokes")
    strokes = Strokes(drawn, GRID, None)
    side, at = 16, (-4, -8)
    met = strokes.squares(at, side)
    whole = strokes.read(GRID.window)
    rows, cols = np.nonzero(whole != IGNORE)
    marked = set(zip(((rows - at[1]) // side).tolist(), ((cols - at[0]) // side).tolist()))
    assert marked <= set(met[0] + met[1])
    assert len(met[0]) <= 3 * (SIDE // side + 1)
    assert met[2] == []


@pytest.mark.parametrize(
    "rows, fields, field, crs, words",
    [
        ([(LEFT, "a"), (RIGHT, "a")], {}, "class", "EPSG:32632", "have one class only, 'a'; two are needed"),
        ([(LEFT, "a"), (RIGHT, "b")], {}, "kind", "EPSG:32632", "has no field 'kind'; it has class"),
        ([(LEFT, None), (RIGHT, None)], {}, "class", "EPSG:32632", "no stroke has a class"),
        ([(LEFT, "a"), (RIGHT, "b")], {"width": [-1.0, 2.0]}, "class", "EPSG:32632", "width -1.0 is not a number"),
        ([(LEFT, "a"), (RIGHT, "b")], {}, "class", None, "has no coordinate reference system"),
        ([(LEFT, "a"), (RIGHT, "b")], {}, "class", "EPSG:32633", "lie outside the layers"),
    ],
)
def test_what_cannot_be_used_is_told_in_words(tmp_path, rows, fields, field, crs, words):
    with pytest.raises(BadInput, match=words):
        painted(write_strokes(tmp_path / "s.gpkg", rows, crs=crs, **fields), field)


def test_no_file_an_empty_one_and_no_vectors(tmp_path, layers):
    with pytest.raises(BadInput, match="does not exist"):
        painted(tmp_path / "none.gpkg")
    with pytest.raises(BadInput, match="holds no feature"):
        painted(write_strokes(tmp_path / "s.gpkg", []))
    with pytest.raises(BadInput, match="is not a vector file"):
        painted(layers["rgb"])


@pytest.mark.parametrize(
    "wkt, crs, words",
    [
        ("LINE(1 2", "EPSG:32632", "cannot be read"),
        ("GEOMETRYCOLLECTION EMPTY", "EPSG:32632", "not a line, polygon or point"),
        ("POINT(500010 5299990)", "", "no coordinate reference system"),
    ],
)
def test_strokes_of_a_message_are_checked(wkt, crs, words):
    with pytest.raises(BadInput, match=words):
        from_messages([Stroke("a", wkt)], crs, GRID)
