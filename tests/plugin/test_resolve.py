"""QGIS layers and option texts become what the worker reads, or a sentence that says what to do."""

import time
from pathlib import Path

import pytest
from osgeo import ogr
from plugin_support import make_raster
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingUtils,
    QgsProject,
    QgsRasterLayer,
    QgsVectorFileWriter,
    QgsVectorLayer,
)

from sgma_qgis import resolve
from sgma_qgis.guess import LayerPick
from sgma_qgis.model.contract import option_text
from sgma_qgis.model.contract.errors import BadInput


def raster(path):
    layer = QgsRasterLayer(str(path), Path(str(path)).name)
    assert layer.isValid()
    return layer


def test_path_of_a_plain_file(qgis_app, layers, monkeypatch):
    assert resolve.layer_path(raster(layers["RGB"])) == layers["RGB"]
    monkeypatch.chdir(Path(layers["RGB"]).parent)
    assert resolve.layer_path(raster("rgb.tif")) == layers["RGB"]


def test_path_of_vrt_zip_and_subdataset(qgis_app, layers, tmp_path):
    import shutil
    import zipfile

    from osgeo import gdal

    vrt = str(tmp_path / "a.vrt")
    gdal.BuildVRT(vrt, [layers["RGB"]]).FlushCache()
    assert resolve.layer_path(raster(vrt)) == vrt
    packed = tmp_path / "a.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(layers["NIR"], "nir.tif")
    assert resolve.layer_path(raster(f"/vsizip/{packed}/nir.tif")) == f"/vsizip/{packed}/nir.tif"
    gpkg = tmp_path / "a.gpkg"
    gdal.Translate(str(gpkg), layers["RGB"], format="GPKG", creationOptions=["RASTER_TABLE=one"])
    shutil.copy(gpkg, tmp_path / "b.gpkg")
    assert resolve.layer_path(raster(f"GPKG:{gpkg}:one")) == f"GPKG:{gpkg}:one"


def test_what_is_no_file_is_refused_in_words(qgis_app, layers):
    from osgeo import gdal

    with pytest.raises(BadInput, match="wms"):
        layer = QgsRasterLayer("type=xyz&url=file:///nowhere/{z}/{x}/{y}.png&zmin=0&zmax=1", "Tiles", "wms")
        resolve.layer_path(layer)
    make_raster("/vsimem/a.tif", 1)
    with pytest.raises(BadInput, match="memory"):
        resolve.layer_path(raster("/vsimem/a.tif"))
    gdal.Unlink("/vsimem/a.tif")
    with pytest.raises(BadInput, match="not valid"):
        resolve.layer_path(QgsRasterLayer("/nowhere.tif", "Gone"))
    with pytest.raises(BadInput, match="NUM_THREADS"):
        resolve.layer_path(raster(layers["RGB"] + "|option:NUM_THREADS=2"))


def test_a_crs_that_only_qgis_knows_is_not_lost_silently(qgis_app, layers):
    layer = raster(layers["RGB"])
    layer.setCrs(QgsCoordinateReferenceSystem("EPSG:32617"))
    with pytest.raises(BadInput, match="32617"):
        resolve.layer_path(layer)


def test_sources_come_in_registry_order(qgis_app, layers):
    picks = [
        LayerPick(raster(layers["DSM"]), "dsm"),
        LayerPick(raster(layers["RGB"]), "rgb", (3, 2, 1)),
    ]
    found = resolve.sources(picks, {"dsm": "ndsm"}, {"rgb": 0.0})
    assert [source.modality for source in found] == ["rgb", "dsm"]
    assert (found[0].bands, found[0].nodata, found[1].unit) == ((3, 2, 1), 0.0, "ndsm")


def test_sources_refuses_nothing_at_all_and_what_does_not_fit(qgis_app, layers):
    pick = LayerPick(raster(layers["RGB"]), "rgb", (4,))
    for arguments, words in (
        (([], {}, {}), "No layer"),
        (([pick], {}, {}), "band 4"),
        (([pick], {"nir": "dn8"}, {}), "nir"),
    ):
        with pytest.raises(BadInput, match=words):
            resolve.sources(*arguments)


def test_option_texts():
    assert option_text.bands(" 4, 3,2 ", "RGB_BANDS") == (4, 3, 2)
    assert option_text.bands("", "RGB_BANDS") == ()
    assert option_text.units("rgb=dn16, DSM=ndsm", "UNITS") == {"rgb": "dn16", "dsm": "ndsm"}
    assert option_text.nodata("rgb=0,dsm=-9999.5", "NODATA") == {"rgb": 0.0, "dsm": -9999.5}


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (lambda text: option_text.bands(text, "X"), "0,1"),
        (lambda text: option_text.bands(text, "X"), "red"),
        (lambda text: option_text.bands(text, "X"), "²"),
        (lambda text: option_text.units(text, "UNITS"), "rgb"),
        (lambda text: option_text.units(text, "UNITS"), "rgb=db"),
        (lambda text: option_text.units(text, "UNITS"), "blue=dn8"),
        (lambda text: option_text.units(text, "UNITS"), "rgb=dn8,rgb=dn16"),
        (lambda text: option_text.nodata(text, "NODATA"), "rgb=nan"),
        (lambda text: option_text.nodata(text, "NODATA"), "rgb=x"),
    ],
)
def test_option_texts_that_are_wrong(read, text):
    with pytest.raises(BadInput):
        read(text)


def test_crs_as_text(qgis_app):
    assert resolve.crs_text(QgsCoordinateReferenceSystem("EPSG:32616")) == "EPSG:32616"
    assert resolve.crs_text(QgsCoordinateReferenceSystem()) == ""
    own = QgsCoordinateReferenceSystem.fromProj("+proj=laea +lat_0=41 +lon_0=-87 +datum=WGS84 +units=m")
    assert resolve.crs_text(own).startswith("PROJCRS[")


@pytest.fixture()
def polygons(qgis_app):
    """A memory layer of two squares."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:32616&field=name:string", "Squares", "memory")
    for i in range(2):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromWkt(f"POLYGON(({i} 0,{i} 1,{i + 1} 1,{i + 1} 0,{i} 0))"))
        layer.dataProvider().addFeature(feature)
    return layer


def count(path):
    data = ogr.Open(path)
    layer = data.GetLayer(0)
    assert layer.GetSpatialRef().GetAuthorityCode(None) == "32616"
    return layer.GetFeatureCount()


def save(layer, path, name, append=False):
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", name
    if append:
        options.actionOnExistingFile = QgsVectorFileWriter.ActionOnExistingFile.CreateOrOverwriteLayer
    QgsVectorFileWriter.writeAsVectorFormatV3(layer, path, QgsProject.instance().transformContext(), options)


def test_area_from_memory_is_copied(polygons):
    path = resolve.polygons_file(polygons, polygons, False)
    assert count(path) == 2


def test_area_from_its_own_file_when_it_holds_just_that(polygons, tmp_path):
    path = str(tmp_path / "area é.gpkg")
    save(polygons, path, "one")
    own = QgsVectorLayer(f"{path}|layername=one", "Own", "ogr")
    assert resolve.polygons_file(own, own, False) == path
    own.setSubsetString("fid = 1")
    assert count(resolve.polygons_file(own, own, False)) == 1
    own.setSubsetString("")
    save(polygons, path, "two", append=True)
    two = QgsVectorLayer(f"{path}|layername=two", "Two", "ogr")
    assert resolve.polygons_file(two, two, False) != path


@pytest.fixture()
def labelled(qgis_app):
    """Points with a class and a note, in memory."""
    layer = QgsVectorLayer("Point?crs=EPSG:32616&field=fid:string(5)&field=note:string", "Labels ü", "memory")
    features = []
    for value in ("oak", None, "mud"):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromWkt("Point(500010 4599990)"))
        feature.setAttributes([value, "seen"])
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    return layer


def classes(path, field):
    data = ogr.Open(path)
    return [feature[field] for feature in data.GetLayer(0)]


def test_labels_from_memory_are_copied_with_their_class(labelled):
    path, field = resolve.labels_file(labelled, "fid", "LABELS")
    assert classes(path, field) == ["oak", None, "mud"]
    assert QgsVectorLayer(path).fields().names() == ["sgma_fid", "fid"]


def test_a_copy_of_the_same_is_the_same_file(labelled, tmp_path):
    target = tmp_path / "model.v1.labels.gpkg"
    assert resolve.keep(resolve.labels_file(labelled, "fid", "LABELS")[0], target) == str(target)
    before = (target.stat().st_mtime_ns, target.read_bytes())
    time.sleep(0.02)
    resolve.keep(resolve.labels_file(labelled, "fid", "LABELS")[0], target)
    assert (target.stat().st_mtime_ns, target.read_bytes()) == before
    labelled.dataProvider().deleteFeatures([1])
    resolve.keep(resolve.labels_file(labelled, "fid", "LABELS")[0], target)
    assert classes(str(target), "fid") == [None, "mud"]


def test_labels_from_their_own_file_and_from_part_of_it(labelled, tmp_path):
    path = str(tmp_path / "labels.gpkg")
    labelled.dataProvider().renameAttributes({0: "kind"})
    labelled.updateFields()
    save(labelled, path, "one")
    own = QgsVectorLayer(f"{path}|layername=one", "Own", "ogr")
    assert resolve.labels_file(own, "kind", "LABELS") == (path, "kind")
    own.setSubsetString("kind = 'mud'")
    found, field = resolve.labels_file(own, "kind", "LABELS")
    assert classes(found, field) == ["mud"]


def test_a_copy_of_a_part_never_takes_the_place_of_the_whole(labelled, tmp_path):
    target = resolve.place_of(str(tmp_path / "model"), "labels")
    labelled.dataProvider().renameAttributes({0: "kind"})
    labelled.updateFields()
    save(labelled, str(target), "labels")
    own = QgsVectorLayer(str(target), "Own", "ogr")
    own.setSubsetString("kind = 'mud'")
    found, _ = resolve.labels_file(own, "kind", "LABELS")
    before = target.read_bytes()
    with pytest.raises(BadInput, match="model.labels.gpkg, which is where it comes from"):
        resolve.kept(found, str(tmp_path / "model"), "labels")
    assert target.read_bytes() == before
    assert Path(resolve.kept(found, str(tmp_path / "other"), "labels")).exists()


@pytest.mark.parametrize("field, words", [("kind", "has no field 'kind'; it has fid, note"), ("", "needs the name")])
def test_labels_need_a_field_that_is_there(labelled, field, words):
    with pytest.raises(BadInput, match=words):
        resolve.labels_file(labelled, field, "LABELS")


def test_labels_may_be_a_raster(qgis_app, layers):
    assert resolve.labels_file(raster(layers["NIR"]), "", "LABELS") == (layers["NIR"], "")


def test_an_empty_area_is_refused(qgis_app):
    empty = QgsVectorLayer("Polygon?crs=EPSG:32616", "Empty", "memory")
    with pytest.raises(BadInput, match="Empty"):
        resolve.polygons_file(empty, empty, False)


@pytest.fixture()
def run(provider, polygons, layers, data_dir, fake_python):
    """Run a job with an area and return the file that the worker was given for it."""
    import json

    import processing

    def go(mask, out, **more):
        given = {"RGB": layers["RGB"], "MODEL": "test-trees", "MASK": mask, "OUTPUT": str(out), **more}
        found = processing.run("sgma:segment", given)
        return Path(json.loads(Path(found["OUTPUT"] + ".job.json").read_text())["area"]["polygons"])

    QgsProject.instance().addMapLayer(polygons, False)
    yield go
    QgsProject.instance().removeMapLayer(polygons.id())


def test_an_area_that_is_no_file_is_kept_beside_the_result(run, polygons, tmp_path):
    out = tmp_path / "Karte ä.tif"
    for _ in range(2):  # the second replaces the first's
        assert run(polygons, out) == tmp_path / "Karte ä.area.gpkg"
    assert count(str(tmp_path / "Karte ä.area.gpkg")) == 2
    assert {path.name for path in tmp_path.glob("*.gpkg")} == {"Karte ä.area.gpkg"}
    assert not list(tmp_path.glob(".*"))


def test_selected_features_only(run, polygons, tmp_path):
    polygons.selectByIds([1])
    mask = QgsProcessingFeatureSourceDefinition(polygons.id(), selectedFeaturesOnly=True)
    assert count(str(run(mask, tmp_path / "a.tif"))) == 1


def test_an_area_is_not_kept_for_a_temporary_result(run, polygons, tmp_path):
    before = set(tmp_path.rglob("*.gpkg"))
    assert resolve.is_temporary(str(run(polygons, "TEMPORARY_OUTPUT")))
    assert set(tmp_path.rglob("*.gpkg")) == before


def test_an_area_in_a_temporary_file_is_kept_too(run, polygons, tmp_path):
    folder = Path(QgsProcessingUtils.generateTempFilename("of another algorithm.gpkg"))
    save(polygons, str(folder), "one")
    assert run(str(folder), tmp_path / "a.tif") == tmp_path / "a.area.gpkg"


def test_keeping_the_area_overwrites_no_input_and_no_output(run, polygons, tmp_path):
    own = tmp_path / "a.area.gpkg"
    save(polygons, str(own), "area")
    before = own.stat().st_ino
    layer = QgsVectorLayer(f"{own}|layername=area", "Own", "ogr")
    layer.setSubsetString("fid = 1")
    QgsProject.instance().addMapLayer(layer, False)
    picked = QgsProcessingFeatureSourceDefinition(layer.id(), selectedFeaturesOnly=True)
    layer.selectAll()
    for mask, more in ((layer, {}), (picked, {}), (polygons, {"OUTPUT_POLYGONS": str(own)})):
        with pytest.raises(QgsProcessingException, match="also an input or another output"):
            run(mask, tmp_path / "a.tif", **more)
    QgsProject.instance().removeMapLayer(layer.id())
    assert own.stat().st_ino == before


def test_an_area_that_cannot_be_kept_is_told(run, polygons, tmp_path):
    with pytest.raises(QgsProcessingException, match="cannot be kept"):
        run(polygons, tmp_path / "nowhere" / "a.tif")
