"""When a training is another one than that which was interrupted: other pixels, labels, areas, not other files."""

import dataclasses
import shutil
import sqlite3
import subprocess
import sys

import pytest
import rasters

from sgma_qgis.model.contract.card import ClassInfo
from tests.training.layer_place import HEIGHT, TWO, box, draw
from tests.training.scenes import make_set

MAKE_VRT = """
import sys, rasterio.shutil
rasterio.shutil.copy(sys.argv[1], sys.argv[2], driver="VRT")
"""


@pytest.fixture
def drawn(place):
    """Labels of two classes as a GeoPackage, and a connection to it."""
    draw(place / "drawn.gpkg", [("a", box(0, 0, 90, 90)), ("b", TWO)])
    connection = sqlite3.connect(place / "drawn.gpkg")
    for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):  # of the index's triggers
        connection.create_function(name, 1, lambda _: 0)
    yield connection
    connection.close()


def test_the_fingerprint_tells_other_data(opened):
    one = opened().fingerprint
    assert opened().fingerprint == one
    assert opened(areas="").fingerprint != one
    assert opened(crop=48).fingerprint != one
    assert opened(layers=("rgb",)).fingerprint != one


def test_labels_count_by_what_they_say_not_by_their_file(opened, place):
    one = opened().fingerprint
    shutil.copy(place / "labels.tif", place / "copied.tif")
    assert opened(labels="copied.tif").fingerprint == one
    labels = rasters.read(place / "labels.tif")
    labels[0, 5, 5] = 3 - labels[0, 5, 5]
    rasters.write(place / "copied.tif", labels, nodata=0)
    assert opened(labels="copied.tif").fingerprint != one
    labels = rasters.read(place / "labels.tif")
    labels[0, 5, 460] = 0  # between the areas: no training sees it
    rasters.write(place / "copied.tif", labels, nodata=0)
    assert opened(labels="copied.tif").fingerprint == one


def test_labels_behind_a_vrt_count(opened, place):
    shutil.copy(place / "labels.tif", place / "part.tif")
    subprocess.run([sys.executable, "-c", MAKE_VRT, place / "part.tif", place / "labels.vrt"], check=True)
    one = opened(labels="labels.vrt").fingerprint
    labels = rasters.read(place / "part.tif")
    labels[:, : HEIGHT // 2] = 1
    rasters.write(place / "part.tif", labels, nodata=0)
    assert opened(labels="labels.vrt").fingerprint != one


def test_labels_in_a_geopackage_s_journal_count_and_opening_it_does_not(opened, place, drawn):
    one = opened(labels="drawn.gpkg", areas="").fingerprint
    assert drawn.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)  # as QGIS opens it
    assert opened(labels="drawn.gpkg", areas="").fingerprint == one
    drawn.execute("PRAGMA journal_mode=WAL")
    drawn.execute("UPDATE drawn SET kind = 'c' WHERE kind = 'b'")
    drawn.commit()
    assert (place / "drawn.gpkg-wal").stat().st_size
    assert opened(labels="drawn.gpkg", areas="").fingerprint != one


def test_words_and_colours_do_not_count(opened, monkeypatch):
    data = opened()
    one, found = data.fingerprint, data._place
    layers = [dataclasses.replace(layer, notes=("said otherwise",), warnings=("so",)) for layer in found.scene.layers]
    told = dataclasses.replace(found, scene=dataclasses.replace(found.scene, layers=tuple(layers)))
    assert told.fingerprint() == one
    classes = tuple(ClassInfo(info.id, info.name, "#123456") for info in found.class_map.classes)
    shown = dataclasses.replace(found, class_map=dataclasses.replace(found.class_map, classes=classes))
    assert shown.fingerprint() == one


def test_colours_of_chips_do_not_count_and_names_do():
    chips = make_set(counts=(1, 1, 0))
    shown, named = (
        dataclasses.replace(chips, classes=tuple(dataclasses.replace(info, **other) for info in chips.classes))
        for other in ({"color": "#123456"}, {"name": "x"})
    )
    assert shown.fingerprint == chips.fingerprint != named.fingerprint


def test_statistics_that_qgis_writes_beside_a_layer_are_no_other_data(opened, place, request):
    """QGIS writes them on closing; what a sidecar says of the data itself counts."""
    one = opened().fingerprint
    sidecar = place / "dsm.tif.aux.xml"
    request.addfinalizer(lambda: sidecar.unlink(missing_ok=True))  # the layers are those of all tests
    statistics = '<Metadata><MDI key="STATISTICS_MEAN">9</MDI></Metadata>'
    for inside, same_data in ((statistics, True), (statistics * 2, True), ("<NoDataValue>9.5</NoDataValue>", False)):
        sidecar.write_text(f'<PAMDataset><PAMRasterBand band="1">{inside}</PAMRasterBand></PAMDataset>')
        assert (opened().fingerprint == one) == same_data, inside
