"""sgma:vectorize through Processing: what the engine is asked for, and real polygons with names and colours."""

import processing
import pytest
from osgeo import gdal
from plugin_support import make_raster
from qgis.core import (
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorLayer,
)

from sgma_qgis import service
from sgma_qgis.model.contract.job import VectorizeJob


@pytest.fixture()
def asked(monkeypatch, data_dir, fake_python, provider):
    """The jobs that the service was asked for; none is run."""
    jobs = []

    def answer(job, feedback, **_):
        jobs.append(job)
        return {"output": job.output, "polygons": 3, "classes": []}

    monkeypatch.setattr(service, "run", answer)
    return jobs


def run(context=None, **given):
    return processing.run("sgma:vectorize", given, feedback=QgsProcessingFeedback(False), context=context)


def test_parameters_are_fixed(provider, data_dir):
    alg = QgsApplication.processingRegistry().createAlgorithmById("sgma:vectorize")
    names = [p.name() for p in alg.parameterDefinitions()]
    assert names == ["INPUT", "CONFIDENCE", "MODEL", "MIN_AREA", "SIMPLIFY", "OUTPUT"]
    assert {o.name() for o in alg.outputDefinitions()} == {"OUTPUT", "POLYGONS"}
    assert not alg.parameterDefinition("MODEL").defaultValue()


def test_the_job_says_what_was_asked(asked, layers, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {"INPUT": layers["NIR"], "CONFIDENCE": layers["DSM"], "MODEL": "test-trees", "MIN_AREA": 25, "SIMPLIFY": 1}
    assert run(**given, OUTPUT="a.gpkg")["POLYGONS"] == 3
    run(INPUT=layers["NIR"], OUTPUT=str(tmp_path / "b.gpkg"))
    assert asked == [
        VectorizeJob(layers["NIR"], str(tmp_path / "a.gpkg"), layers["DSM"], "test-trees", 25.0, 1.0),
        VectorizeJob(layers["NIR"], str(tmp_path / "b.gpkg")),
    ]


def test_what_cannot_be_used_is_told(asked, layers, tmp_path):
    with pytest.raises(QgsProcessingException, match="GeoPackage"):
        run(INPUT=layers["NIR"], OUTPUT=str(tmp_path / "a.shp"))
    with pytest.raises(QgsProcessingException, match="INPUT"):
        run(INPUT=str(tmp_path / "none.tif"), OUTPUT=str(tmp_path / "a.gpkg"))
    assert not asked


def test_polygons_of_a_map_with_its_own_names_and_colours(provider, data_dir, real_python, tmp_path):
    path = make_raster(tmp_path / "Karte ü.tif", 1, value=1)
    data = gdal.Open(path, gdal.GA_Update)
    band = data.GetRasterBand(1)
    band.WriteRaster(0, 0, 30, 40, bytes([0]) * 1200)
    table = gdal.ColorTable()
    table.SetColorEntry(0, (221, 221, 221))
    table.SetColorEntry(1, (17, 119, 51))
    band.SetColorTable(table)
    band.SetCategoryNames(["not tree", "trée"])
    band = data = table = None
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    output = str(tmp_path / "polygons.gpkg")
    details = QgsProcessingContext.LayerDetails("Polygons", QgsProject.instance(), "OUTPUT")
    context.addLayerToLoadOnCompletion(output, details)
    assert run(context, INPUT=path, OUTPUT=output)["POLYGONS"] == 2
    layer = QgsVectorLayer(output, "Polygons", "ogr")
    found = {feature["class_name"]: round(feature["area_m2"]) for feature in layer.getFeatures()}
    assert set(found) == {"not tree", "trée"}
    assert found["not tree"] == found["trée"] == pytest.approx(1200, rel=0.01)
    processor = context.layerToLoadOnCompletionDetails(output).postProcessor()
    processor.postProcessLayer(layer, context, QgsProcessingFeedback(False))
    colors = {c.label(): c.symbol().color().name() for c in layer.renderer().categories()}
    assert colors == {"not tree": "#dddddd", "trée": "#117733"}


def test_a_picture_is_no_map(provider, data_dir, real_python, layers, tmp_path):
    with pytest.raises(QgsProcessingException, match="has 3 bands"):
        run(INPUT=layers["RGB"], OUTPUT=str(tmp_path / "a.gpkg"))
