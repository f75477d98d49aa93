"""Files that keep what was painted or picked: GeoPackages with one table of polygons."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Iterable, Sequence, Tuple

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsProject,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsWkbTypes,
)

from ...i18n import tr
from ...model.contract.errors import OutputFailed


def read(path: Path, table: str, title: str) -> QgsVectorLayer:
    """Return a file's layer by this title, not yet in a project; not valid where there is no such table."""
    return QgsVectorLayer(f"{path}|layername={table}", title, "ogr", QgsVectorLayer.LayerOptions(False))


def make(
    path: Path,
    table: str,
    title: str,
    fields: str,
    crs: QgsCoordinateReferenceSystem,
    rows: Iterable[Tuple[QgsGeometry, Sequence[Any]]] = (),
) -> QgsVectorLayer:
    """Write a file and return its layer as `read` does. Raises OutputFailed.

    fields: as the address of a layer in memory names them; rows: geometries and the fields' values.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        why = _write(path, table, fields, crs, rows)
    except OSError as error:
        why = error.strerror or str(error)
    layer = read(path, table, title)
    if why or not layer.isValid():
        raise unkept(title, path, why)
    return layer


def unkept(title: str, path: Path, why: str = "") -> OutputFailed:
    """Return the error that says that a file cannot hold what the title names."""
    return OutputFailed(
        tr("{what} cannot be kept in {file}: {reason}.").format(
            what=title, file=path, reason=why or tr("it is not readable")
        ),
        tr("Save the project in a folder that you may write to."),
    )


def _write(
    path: Path,
    table: str,
    fields: str,
    crs: QgsCoordinateReferenceSystem,
    rows: Iterable[Tuple[QgsGeometry, Sequence[Any]]],
) -> str:
    """Write the file and return what went wrong, '' for nothing."""
    known = QgsVectorLayer(f"MultiPolygon?{fields}", "", "memory").fields()  # made so, types have the names of no Qt
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", table
    context, kind = QgsProject.instance().transformContext(), QgsWkbTypes.Type.MultiPolygon
    writer = QgsVectorFileWriter.create(str(path), known, kind, crs, context, options)
    for ground, values in rows:
        feature = QgsFeature(known)
        feature.setGeometry(ground)
        feature.setAttributes(list(values))
        writer.addFeature(feature)
    failed = writer.hasError() != QgsVectorFileWriter.WriterError.NoError
    why = (writer.errorMessage() or tr("QGIS could not write it")) if failed else ""
    del writer  # closes the file
    return why
