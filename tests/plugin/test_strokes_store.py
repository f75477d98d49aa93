"""The layer of strokes: each is in its file at once, can be erased, undone and made again, and outlives QGIS."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from plugin_support import ROOT
from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsProject, QgsRectangle

from sgma_qgis.gui.strokes import store
from sgma_qgis.model.contract.errors import BadInput, OutputFailed

CRS = "EPSG:32616"


def box(x, y, size=10.0):
    return QgsGeometry.fromRect(QgsRectangle(x, y, x + size, y + size))


@pytest.fixture()
def kept(qgis_app, tmp_path):
    QgsProject.instance().clear()
    found = store.StrokeStore()
    layer = store.make(tmp_path / "Strökes of mine" / "s.gpkg", QgsCoordinateReferenceSystem(CRS))
    QgsProject.instance().addMapLayer(layer)
    found.take(layer)
    yield found
    QgsProject.instance().clear()


def rows(kept):
    return [(f.id(), f["class"], round(f.geometry().area(), 6)) for f in kept.features()]


def in_file(kept):
    """What another program reads, while QGIS has the file open."""
    with sqlite3.connect(f"file:{kept.path()}?mode=ro", uri=True) as data:
        return data.execute("select class, width, color from strokes order by fid").fetchall()


def test_each_stroke_is_in_its_file_at_once(kept):
    kept.add("tree", box(0, 0), 1.5, "#112233")
    assert in_file(kept) == [("tree", 1.5, "#112233")]
    kept.add("street", box(5, 0), 0.0, "#445566")
    assert in_file(kept) == [("tree", 1.5, "#112233"), ("street", 0.0, "#445566")]
    assert kept.names() == ["tree", "street"]
    first, second = kept.strokes({"tree": "#112233"})
    assert (first.name, first.color, second.color) == ("tree", "#112233", "")
    assert QgsGeometry.fromWkt(first.wkt).area() == 100
    assert [f["made"][:2] for f in kept.features()] == ["20", "20"]


def test_the_eraser_takes_off_what_it_touches_and_no_more(kept):
    kept.add("tree", box(0, 0), 1)
    kept.add("street", box(20, 0), 1)
    kept.add("grass", box(40, 0), 1)
    kept.erase(QgsGeometry.fromRect(QgsRectangle(5, -1, 31, 11)))
    assert [(name, area) for _, name, area in rows(kept)] == [("tree", 50.0), ("grass", 100.0)]
    kept.erase(box(1000, 1000))  # touches nothing: no step
    kept.undo()
    assert rows(kept) == [(1, "tree", 100.0), (2, "street", 100.0), (3, "grass", 100.0)]
    kept.redo()
    assert [(name, area) for _, name, area in rows(kept)] == [("tree", 50.0), ("grass", 100.0)]


def test_what_comes_back_lies_where_it_lay(kept):
    for name in ("a", "b", "c"):
        kept.add(name, box(0, 0), 1)
    before = rows(kept)
    kept.clear()
    assert rows(kept) == [] and kept.can_undo()
    kept.undo()
    assert rows(kept) == before
    kept.undo()
    kept.undo()
    assert [name for _, name, _ in rows(kept)] == ["a"]
    assert kept.can_redo()
    kept.redo()
    assert rows(kept) == before[:2]
    kept.add("d", box(0, 0), 1)
    assert not kept.can_redo()


def test_classes_are_renamed_removed_and_coloured(kept):
    for name in ("a", "b", "a"):
        kept.add(name, box(0, 0), 1, "#000000")
    kept.rename("a", "oak")
    assert kept.names() == ["oak", "b"]
    kept.set_colors({"oak": "#aa0000"})
    assert kept.colors() == {"oak": "#aa0000", "b": "#000000"}
    kept.add("c", box(0, 0), 1, "red")
    assert kept.colors() == {"oak": "#aa0000", "b": "#000000", "c": ""}  # a file edited by hand
    kept.undo()
    kept.remove_class("oak")
    assert kept.names() == ["b"]
    kept.undo()
    assert kept.names() == ["oak", "b"]


def test_a_layer_that_is_being_edited_or_gone_is_told(kept):
    kept.add("a", box(0, 0), 1)
    kept.layer().startEditing()
    with pytest.raises(BadInput, match="being edited"):
        kept.add("b", box(0, 0), 1)
    kept.layer().rollBack()
    kept.add("b", box(0, 0), 1)
    QgsProject.instance().removeMapLayer(kept.layer().id())
    assert kept.strokes({}) == () and kept.names() == [] and not kept.can_undo()
    kept.undo()
    with pytest.raises(BadInput, match="gone"):
        kept.add("b", box(0, 0), 1)


def test_edits_by_hand_are_followed_and_end_what_can_be_undone(kept):
    told = []
    kept.add("a", box(0, 0), 1)
    kept.changed.connect(lambda: told.append(kept.names()))
    layer = kept.layer()
    layer.startEditing()
    layer.deleteFeature(1)
    assert layer.commitChanges()
    assert told == [[]] and not kept.can_undo()


def test_a_layer_without_its_field_of_classes_counts_no_more(kept):
    spoilt = []
    kept.spoilt.connect(spoilt.append)
    kept.add("a", box(0, 0), 1)
    layer, path = kept.layer(), Path(kept.path())
    layer.startEditing()
    assert layer.deleteAttribute(layer.fields().indexOf("class"))
    assert kept.names() == ["a"] and spoilt == []  # not saved yet
    layer.rollBack()
    assert kept.names() == ["a"] and spoilt == []
    layer.startEditing()
    layer.renameAttribute(layer.fields().indexOf("class"), "kind")
    assert layer.commitChanges()
    assert spoilt == [layer] and store.read(path) is None
    assert kept.layer() is None and kept.names() == [] and kept.strokes({}) == () and kept.colors() == {}
    kept.undo()
    with pytest.raises(BadInput, match="gone"):
        kept.add("b", box(0, 0), 1)
    kept.take(None)
    layer.startEditing()
    layer.rollBack()
    assert spoilt == [layer]  # it is listened to no more


@pytest.mark.parametrize("field", ["width", "color", "made"])
def test_the_other_fields_may_be_deleted(kept, field):
    kept.add("a", box(0, 0), 1, "#112233")
    layer = kept.layer()
    layer.startEditing()
    layer.deleteAttribute(layer.fields().indexOf(field))
    assert layer.commitChanges()
    kept.add("b", box(20, 0), 1, "#445566")
    kept.set_colors({"a": "#000000"})
    kept.rename("a", "oak")
    kept.erase(box(20, 0))
    kept.undo()
    assert kept.names() == ["oak", "b"] and list(kept.colors()) == ["oak", "b"]


def test_a_place_that_cannot_be_written_is_told(qgis_app, tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OutputFailed, match="cannot be kept"):
        store.make(tmp_path / "file" / "s.gpkg", QgsCoordinateReferenceSystem(CRS))


def test_beside_the_project_where_it_is_saved_else_in_the_data_folder(qgis_app, tmp_path, data_dir):
    QgsProject.instance().clear()
    assert store.place().parent == data_dir / "strokes"
    QgsProject.instance().write(str(tmp_path / "town.qgz"))
    assert store.place() == tmp_path / "town_strokes.gpkg"
    QgsProject.instance().clear()


CRASH = """
import os, signal, sys
from pathlib import Path
from qgis.core import *
sys.path.insert(0, sys.argv[1])
app = QgsApplication([], False)
app.initQgis()
from sgma_qgis.gui.strokes import store
kept = store.StrokeStore()
layer = store.make(Path(sys.argv[2]), QgsCoordinateReferenceSystem("EPSG:32616"))
QgsProject.instance().addMapLayer(layer)
kept.take(layer)
for i in range(5):
    kept.add(f"class {i}", QgsGeometry.fromRect(QgsRectangle(i, 0, i + 1, 1)), 1.0)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_crash_of_qgis_loses_no_stroke(qgis_app, tmp_path):
    path = tmp_path / "s.gpkg"
    run = subprocess.run(
        [sys.executable, "-c", CRASH, str(ROOT), str(path)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, capture_output=True, check=False,
    )  # fmt: skip
    assert run.returncode == -9, run.stderr.decode()[-2000:]
    layer = store.read(path)
    assert layer.isValid() and [f["class"] for f in layer.getFeatures()] == [f"class {i}" for i in range(5)]
