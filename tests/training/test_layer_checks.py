"""What training says of layers and labels: what the numbers are worth, and why it cannot use them."""

import numpy as np
import pytest
import rasters
import shapely

from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.model.contract.job import Source
from tests.training.layer_place import HEIGHT, ONE, TWO, WIDTH, X, Y, box, draw


def test_warnings_say_what_the_numbers_are_worth(opened, feedback, place):
    draw(place / "near.gpkg", [("train", box(0, 0, 200, 200)), ("validation", box(210, 0, 100, 160))], "role")
    opened(areas="near.gpkg", crop=64)
    told = " ".join(feedback.warnings)
    assert "train and validation are 5 m apart; a training crop is 32 m wide (64 pixels)" in told
    draw(place / "alone.gpkg", [("train", box(0, 0, 200, 200))], "role")
    opened(areas="alone.gpkg")
    assert "holds no validation area" in feedback.warnings[-1]


def test_features_without_a_pixel_are_told(opened, feedback, place):
    tiny = [("c", shapely.box(X + 0.01 + i, Y - 0.1, X + 0.05 + i, Y - 0.02)) for i in range(5)]
    opened(labels=(draw(place / "tiny.gpkg", [("a", ONE), ("b", TWO), *tiny]) and "tiny.gpkg"), areas="")
    assert any("no pixel of 0.5 m has its centre in a feature of c" in text for text in feedback.warnings)
    draw(place / "tiny.gpkg", tiny)
    with pytest.raises(BadInput, match="no pixel has its centre in any of the features; pixels are 0.5 m"):
        opened(labels="tiny.gpkg", areas="")
    looked = draw(place / "full.gpkg", [(1, box(10, 10, 20, 20))])
    draw(place / "two.gpkg", [("a", ONE), ("b", TWO)])
    opened(labels="two.gpkg", areas="", labelled_area=looked)
    assert any("nothing in it is unlabelled, so nothing is background" in text for text in feedback.warnings)


@pytest.fixture
def labels(place):
    """Write labels of one name, used by the table of what is refused."""

    def write(rows, **more):
        return draw(place / "bad.gpkg", rows, **more) and "bad.gpkg"

    return write


@pytest.mark.parametrize(
    ("rows", "options", "words"),
    [
        ([("a", box(9000, 0, 50, 50)), ("b", TWO)], {}, "name 1 class; a model has 2 to 255"),
        ([("a", box(9000, 0, 50, 50)), ("b", box(9000, 90, 50, 50))], {}, "bad.gpkg does not overlap the layers"),
        ([("a", ONE), ("a", TWO)], {}, "name 1 class"),
        ([("a", ONE), (None, TWO), ("b", TWO)], {}, "1 of 3 features have no class in the field 'kind'"),
        ([("a", ONE), ("b", TWO)], {"class_field": "sort"}, "no field 'sort'; it has kind"),
        ([("a", shapely.Point(X + 9, Y - 9)), ("b", shapely.Point(X + 90, Y - 9))], {}, "how many metres around each"),
        (
            [("a", shapely.LineString([(X, Y), (X + 9, Y)])), ("b", shapely.LineString([(X, Y), (X, Y - 9)]))],
            {},
            "no poly",
        ),
        ([("a", ONE), ("b", TWO)], {"areas": "none.gpkg"}, "none.gpkg (--areas) does not exist"),
        ([("a", ONE), ("b", TWO)], {"areas": "areas.gpkg"}, "The areas for validation in"),
        (
            [("a", ONE), ("b", box(490, 0, 30, 30)), ("b", box(610, 0, 9, 9))],
            {"areas": "areas.gpkg"},
            "one class only for",
        ),
        ([("a", ONE), ("b", TWO)], {"class_map": "none.json"}, "none.json cannot be read"),
        ([("a", ONE), ("b", TWO)], {"labelled_area": "none.gpkg"}, "none.gpkg (--labelled-area) does not exist"),
        ([("a", ONE), ("b", TWO)], {"background": "x"}, "--background-class is of a --labelled-area"),
        ([("a", ONE), ("b", TWO)], {"radius": -1.0}, "--point-radius -1 must be 0 or more"),
        ([("a", ONE), ("b", TWO)], {"layers": ()}, "a layer, for example --rgb F is missing"),
        ([("a", ONE), ("b", TWO)], {"labels": ""}, "--labels F is missing"),
        ([("a", ONE), ("b", TWO)], {"labels": "", "scenes": "s.json"}, "one of the two"),
        ([("a", ONE), ("b", TWO)], {"labels": "", "layers": (), "scenes": "s.json"}, "roles of their own"),
    ],
)
def test_what_training_cannot_use_is_one_sentence(opened, labels, rows, options, words):
    options = {"labels": labels(rows), "areas": "", **options}
    if options.get("scenes") and not options["layers" if "layers" in options else "labels"]:
        options["areas"] = "areas.gpkg"
    with pytest.raises(BadInput) as caught:
        opened(**options)
    assert words in caught.value.message
    assert caught.value.hint


def test_a_picture_is_no_label_raster(opened, place):
    rng = np.random.default_rng(0)
    rasters.write(place / "picture.tif", rng.integers(0, 60_000, (HEIGHT, WIDTH)).astype(np.uint16))
    with pytest.raises(BadInput, match="more than 1000 different values"):
        opened(labels="picture.tif", areas="")
    rasters.write(place / "many.tif", rng.integers(300, 700, (HEIGHT, WIDTH)).astype(np.uint16))
    with pytest.raises(BadInput, match="hold 400 different values: are these classes"):
        opened(labels="many.tif", areas="")
    with pytest.raises(BadInput, match="rgb.tif has 3 bands: labels are one band"):
        opened(labels="rgb.tif", areas="")


def test_labels_where_no_layer_has_data(opened, place):
    holed = np.full((3, HEIGHT, WIDTH), 100, np.uint8)
    holed[:, :, :400] = 0
    rasters.write(place / "holed.tif", holed, nodata=0)
    draw(place / "inside.gpkg", [("a", ONE), ("b", TWO)])
    with pytest.raises(BadInput, match="training labels only where no layer has data"):
        opened(layers=(Source("rgb", str(place / "holed.tif")),), labels="inside.gpkg", areas="")


def test_broken_polygons_are_repaired_and_told(opened, feedback, place):
    bow = shapely.Polygon([(X, Y), (X + 40, Y - 40), (X + 40, Y), (X, Y - 40)])
    draw(place / "bow.gpkg", [("a", bow), ("b", box(100, 0, 60, 60))])
    opened(labels="bow.gpkg", areas="")
    assert any("1 invalid polygon(s) in Label layer" in text for text in feedback.warnings)
