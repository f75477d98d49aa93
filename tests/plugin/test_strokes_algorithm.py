"""sgma:segmentfromstrokes through Processing, with a worker that computes nothing."""

import json
from pathlib import Path

import processing
import pytest
from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingParameterDefinition,
    QgsProject,
    QgsVectorFileWriter,
    QgsVectorLayer,
)

from sgma_qgis.model.contract.command import process_arguments
from sgma_qgis.model.contract.wire import job_from_dict


@pytest.fixture(autouse=True)
def ready(provider, data_dir, fake_python):
    """All tests here need these."""


@pytest.fixture()
def strokes(tmp_path):
    """A layer in memory with two lines, and a file that holds the same."""
    fields = "field=class:string&field=width:double&field=color:string&field=note:string"
    layer = QgsVectorLayer(f"LineString?crs=EPSG:32616&{fields}", "strokes", "memory")
    for name, x in (("tree", 500005), ("street", 500020)):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromWkt(f"LINESTRING({x} 4599990, {x + 5} 4599995)"))
        feature.setAttributes([name, 1.5, "#112233", "x"])
        layer.dataProvider().addFeatures([feature])
    QgsProject.instance().addMapLayer(layer)
    options = QgsVectorFileWriter.SaveVectorOptions()
    path = str(tmp_path / "strokes.gpkg")
    QgsVectorFileWriter.writeAsVectorFormatV3(layer, path, QgsProject.instance().transformContext(), options)
    yield layer, path
    QgsProject.instance().clear()


def run(layers, output, source, **more):
    given = {"RGB": layers["RGB"], "MODEL": "test-trees", "STROKES": source, "CLASS_FIELD": "class", "OUTPUT": output}
    return processing.run("sgma:segmentfromstrokes", {**given, **more})


def job_of(result):
    return json.loads(Path(result["OUTPUT"] + ".job.json").read_text())


def test_parameters_are_fixed():
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("sgma:segmentfromstrokes")
    plain = QgsApplication.processingRegistry().createAlgorithmById("sgma:segment")
    names = [p.name() for p in algorithm.parameterDefinitions()]
    own = ["STROKES", "CLASS_FIELD", "SAVE_MODEL", "OVERWRITE"]
    assert sorted(names) == sorted([*(p.name() for p in plain.parameterDefinitions()), *own])
    optional = QgsProcessingParameterDefinition.Flag.FlagOptional
    needed = {p.name() for p in algorithm.parameterDefinitions() if not p.flags() & optional}
    defaults = {"DEVICE", "PRECISION", "RESUME", "OVERWRITE"}
    assert needed - defaults == {"MODEL", "STROKES", "OUTPUT"}
    assert "none: pixels alone" in algorithm.parameterDefinition("MODEL").description()


def test_a_file_is_read_where_it_is(layers, tmp_path, strokes):
    job = job_of(run(layers, str(tmp_path / "map.tif"), strokes[1], MODEL="none", SAVE_MODEL=str(tmp_path / "kept")))
    assert (job["strokes"], job["class_field"], job["model"]) == (strokes[1], "class", "none")
    assert job["save_model"] == str(tmp_path / "kept")


def test_a_layer_in_memory_is_kept_beside_the_map(layers, tmp_path, strokes):
    job = job_of(run(layers, str(tmp_path / "map.tif"), strokes[0]))
    assert job["strokes"] == str(tmp_path / "map.strokes.gpkg") and job["save_model"] == ""
    copy = QgsVectorLayer(job["strokes"], "copy", "ogr")
    assert [(f["class"], f["width"], f["color"]) for f in copy.getFeatures()] == [
        ("tree", 1.5, "#112233"), ("street", 1.5, "#112233"),
    ]  # fmt: skip


def test_what_cannot_be_is_told(layers, tmp_path, strokes):
    output = str(tmp_path / "map.tif")
    with pytest.raises(QgsProcessingException, match="needs the name of the field"):
        run(layers, output, strokes[0], CLASS_FIELD="")
    with pytest.raises(QgsProcessingException, match="no-such"):
        run(layers, output, strokes[0], MODEL="no-such")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear")
    with pytest.raises(QgsProcessingException, match="SAVE_MODEL .* holds other files"):
        run(layers, output, strokes[0], SAVE_MODEL=str(tmp_path / "full"))
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("sgma:segmentfromstrokes")
    fine, why = algorithm.checkParameterValues({"STROKES": strokes[0], "OUTPUT": output}, QgsProcessingContext())
    assert not fine and "No layer was given" in why


def test_a_model_is_replaced_only_when_that_is_said(layers, tmp_path, strokes):
    output, kept = str(tmp_path / "map.tif"), tmp_path / "kept"
    kept.mkdir()
    (kept / "card.json").write_text("{}")
    with pytest.raises(QgsProcessingException, match="(?s)SAVE_MODEL .* holds a model already.*OVERWRITE=true"):
        run(layers, output, strokes[0], SAVE_MODEL=str(kept))
    assert not Path(output).exists()
    job = job_of(run(layers, output, strokes[0], SAVE_MODEL=str(kept), OVERWRITE=True))
    assert job["save_model"] == str(kept)
    again = process_arguments(job_from_dict(job))  # replaces what it made itself
    assert again[again.index(f"--SAVE_MODEL={kept}") + 1] == "--OVERWRITE=true"


def test_an_error_of_the_engine_names_parameters(layers, tmp_path, strokes):
    from sgma_qgis.model.contract.errors import WorkerFailed
    from sgma_qgis.processing.running import reworded

    told = reworded(WorkerFailed("bad_input", "Strokes s.gpkg (--strokes) have no field.", "Set --class-field.", ""))
    assert (told.message, told.hint) == ("Strokes s.gpkg (STROKES) have no field.", "Set CLASS_FIELD.")
