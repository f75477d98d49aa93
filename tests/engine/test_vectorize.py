"""A class raster that is there already becomes polygons; what is no class raster is refused in words."""

import json

import numpy as np
import pyogrio
import pytest
import random_model
import rasterio
import rasters
from rasterio.transform import Affine

from sgma_qgis.model.__main__ import main
from sgma_qgis.model.contract.errors import EXIT_BAD_INPUT
from sgma_qgis.model.data.sidecar import read_category_names, write_category_names

VALUES = np.zeros((40, 60), np.uint8)
VALUES[10:30, 20:50] = 2
VALUES[0:2, 0:2] = 1
VALUES[35:, :10] = 255


@pytest.fixture()
def place(tmp_path):
    """A class raster with nodata, its confidence, and a model that names the classes."""
    rasters.write(tmp_path / "map.tif", VALUES, nodata=255)
    rasters.write(tmp_path / "conf.tif", np.full((40, 60), 80, np.uint8), nodata=255)
    return tmp_path


def vectorize(place, *words, source="map.tif"):
    return main(["vectorize", "--input", str(place / source), "--output", str(place / "map.gpkg"), *map(str, words)])


def table(place):
    meta, _, _, columns = pyogrio.raw.read(place / "map.gpkg", layer="polygons")
    return dict(zip(meta["fields"], (column.tolist() for column in columns), strict=True))


def test_names_are_those_beside_the_raster(place, capsys):
    write_category_names(place / "map.tif.aux.xml", {0: "bare & dry", 2: "trée"})
    before = (place / "map.tif").read_bytes()
    assert vectorize(place, "--confidence", place / "conf.tif", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [(row["id"], row["name"]) for row in found["classes"]] == [(0, "bare & dry"), (2, "trée")]
    rows = table(place)
    assert found["polygons"] == 3
    assert dict(zip(rows["class_id"], rows["class_name"])) == {0: "bare & dry", 1: "1", 2: "trée"}
    assert set(rows["conf_mean"]) == {80.0}
    assert (place / "map.tif").read_bytes() == before
    assert sorted(path.name for path in place.iterdir() if path.name.startswith(".")) == []


def test_names_of_a_model_and_small_areas(place):
    random_model.make(place / "model")
    assert vectorize(place, "--model", place / "model", "--min-area", 2, "--simplify", 1) == 0
    rows = table(place)
    assert sorted(rows["class_name"]) == ["street", "tree"]
    assert rows["conf_mean"] == [None, None] or np.isnan(rows["conf_mean"]).all()


def test_names_are_read_as_gdal_wrote_them(place):
    assert read_category_names(place / "map.tif") == {}
    text = '<PAMDataset><PAMRasterBand band="1"><CategoryNames><Category/><Category>a &lt; b</Category></CategoryNames>'
    (place / "map.tif.aux.xml").write_text(text + "</PAMRasterBand></PAMDataset>")
    assert read_category_names(place / "map.tif") == {1: "a < b"}


@pytest.mark.parametrize(
    "change, words",
    [
        ({"array": VALUES.astype(np.float32)}, "holds float32"),
        ({"array": np.stack([VALUES, VALUES])}, "has 2 bands"),
        ({"array": VALUES, "crs": None}, "no coordinate reference system"),
    ],
)
def test_what_is_no_map_is_refused(place, capsys, change, words):
    array = change.pop("array")
    rasters.write(place / "bad.tif", array, **change)
    assert vectorize(place, source="bad.tif") == EXIT_BAD_INPUT
    assert words in capsys.readouterr().err
    assert not (place / "map.gpkg").exists()


def test_other_refusals(place, capsys):
    with rasterio.open(place / "map.tif", "r+") as dataset:
        dataset.transform = Affine(1, 0.5, 500000, 0, -1, 5000000)
    rasters.write(place / "good.tif", VALUES, nodata=255)
    rasters.write(place / "other.tif", VALUES[:20], nodata=255)
    for source, more, words in (
        ("map.tif", (), "rotated"),
        ("good.tif", ("--confidence", place / "other.tif"), "has other pixels"),
        ("good.tif", ("--min-area", "-1"), "min-area"),
        ("none.tif", (), "does not exist"),
    ):
        assert vectorize(place, *more, source=source) == EXIT_BAD_INPUT
        assert words in capsys.readouterr().err
    assert not (place / "map.gpkg").exists()
