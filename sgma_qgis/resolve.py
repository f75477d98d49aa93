"""QGIS layers and option texts -> the contract's Sources and Area. Main thread only: layers belong to it."""

from __future__ import annotations

import filecmp
import os
import shutil
from pathlib import Path
from typing import Callable, Dict, Iterable, List, Optional, Tuple

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeatureSource,
    QgsField,
    QgsFields,
    QgsMapLayer,
    QgsProcessingUtils,
    QgsProject,
    QgsProviderRegistry,
    QgsRasterLayer,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsWkbTypes,
)

from .guess import LayerPick
from .model.contract import option_text
from .model.contract.errors import BadInput
from .model.contract.job import Source
from .model.contract.modality import BY_KEY, MODALITIES

Copy = Callable[[QgsFeatureSource, Tuple[str, ...]], str]  #: (source, fields) -> path of a copy
PORTABLE_AUTHORITIES = ("EPSG:", "ESRI:", "IGNF:", "OGC:")
_origins: Dict[str, str] = {}  # temporary copy -> the file of its layer


def sources(picks: Iterable[LayerPick], units: Dict[str, str], nodata: Dict[str, float]) -> Tuple[Source, ...]:
    """Return the Sources of the layers picked, in registry order. Raises BadInput."""
    by_key = {pick.modality: pick for pick in picks}
    if not by_key:
        slots = ", ".join(modality.title for modality in MODALITIES)
        raise BadInput("No layer was given.", f"Give at least one of {slots}.")
    option_text.check_keys("UNITS", units, by_key)
    option_text.check_keys("NODATA", nodata, by_key)
    return tuple(
        _source(by_key[modality.key], units.get(modality.key) or by_key[modality.key].unit, nodata.get(modality.key))
        for modality in MODALITIES
        if modality.key in by_key
    )


def _source(pick: LayerPick, unit: str, nodata: Optional[float]) -> Source:
    path = layer_path(pick.layer)
    count = pick.layer.bandCount()
    beyond = [band for band in pick.bands if band > count]
    if beyond:
        raise BadInput(
            f"{BY_KEY[pick.modality].title}: band {beyond[0]} was asked for, layer {pick.layer.name()} has {count}.",
            f"Give bands from 1 to {count}.",
        )
    return Source(pick.modality, path, pick.bands, unit, nodata)


def layer_path(layer: QgsRasterLayer) -> str:
    """Return what GDAL opens for this layer: a path, a /vsi path or a subdataset's name. Raises BadInput."""
    name = layer.name() or layer.source()
    if not layer.isValid() or layer.dataProvider() is None:
        raise BadInput(f"Layer {name} is not valid in QGIS.", "Repair its source, or remove it.")
    if layer.providerType() != "gdal":
        raise BadInput(
            f"Layer {name} comes from {layer.providerType()}, not from a file.",
            "Save it as a GeoTIFF first (Export > Save As...), then pick that file.",
        )
    uri = layer.dataProvider().dataSourceUri()
    path, *open_options = uri.split("|option:")
    if open_options:
        raise BadInput(
            f"Layer {name} is opened with GDAL options ({', '.join(open_options)}), which the engine would not use.",
            "Save it as a GeoTIFF or VRT first, then pick that file.",
        )
    if path.startswith("/vsimem/"):
        raise BadInput(f"Layer {name} lies in QGIS's memory.", "Save it as a GeoTIFF first, then pick that file.")
    own = layer.dataProvider().crs()
    if layer.crs() != own:
        raise BadInput(
            f"Layer {name} was given {_name(layer.crs())} in QGIS, its file says {_name(own)}: that is what is read.",
            "Write the right one into the file (Raster > Projections > Assign Projection).",
        )
    return os.path.abspath(path) if Path(path).exists() else path  # noqa: PTH100  (links stay as the user named them)


def crs_text(crs: QgsCoordinateReferenceSystem) -> str:
    """Return a CRS as the engine reads it: its code, else its WKT (user-defined codes mean nothing outside QGIS)."""
    if not crs.isValid():
        return ""
    code = crs.authid()
    if code.startswith(PORTABLE_AUTHORITIES):
        return code
    return crs.toWkt(QgsCoordinateReferenceSystem.WktVariant.WKT_PREFERRED)


def copied(source: QgsFeatureSource, fields: Tuple[str, ...]) -> str:
    """Return a temporary GeoPackage with a source's geometries and these fields of it. Raises BadInput."""
    return _export(source, fields)


def polygons_file(
    layer: Optional[QgsVectorLayer],
    source: QgsFeatureSource,
    selected_only: bool,
    field: str = "",
    copy: Copy = copied,
) -> str:
    """Return a file with an area's polygons: the layer's own when it holds just these, else a temporary GeoPackage.

    field: that the copy keeps, where the source has it. copy: makes it. The own file is preferred because run.json
    names it in the command that repeats the run.
    """
    if source.featureCount() == 0:
        raise BadInput(
            f"The area ({source.sourceName()}) has no {'selected ' if selected_only else ''}polygon.",
            "Select or draw some, or leave the area empty.",
        )
    if layer is not None and not selected_only:
        own = _whole_file(layer)
        if own and not is_temporary(own):
            return own
    return _part_of(layer, copy(source, (field,)))


def labels_file(
    layer: QgsMapLayer, field: str, role: str, more: Tuple[str, ...] = (), copy: Copy = copied
) -> Tuple[str, str]:
    """Return the file that holds what is known on the ground, and the field of the class, '' for a raster.

    layer: a raster, or points or polygons; of these a copy is made where the file holds more or other features. field:
    as given; '' = the only one there is. role: what its parameter is called. more: fields that a copy keeps beside it.
    copy: makes it. Raises BadInput.
    """
    if isinstance(layer, QgsRasterLayer):
        return layer_path(layer), field
    if not isinstance(layer, QgsVectorLayer) or not layer.isValid():
        raise BadInput(
            f"{role}: layer {layer.name() or layer.source()} is neither raster nor vector, or not valid.",
            "Give polygons, points or a raster of classes.",
        )
    keys = set(layer.primaryKeyAttributes())
    names = [known.name() for index, known in enumerate(layer.fields()) if index not in keys]
    if not field and len(names) == 1:
        field = names[0]
    if layer.fields().indexOf(field) < 0:
        why = f"has no field {field!r}" if field else "needs the name of the field that holds the class"
        raise BadInput(f"{role}: layer {layer.name()} {why}; it has {', '.join(names) or 'none'}.", "Set CLASS_FIELD.")
    if layer.featureCount() == 0:
        raise BadInput(f"{role}: layer {layer.name()} holds no feature.", "Draw some, or choose another layer.")
    own = _whole_file(layer)
    return (own if own and not is_temporary(own) else _part_of(layer, copy(layer, (field, *more)))), field


def is_temporary(path: str) -> bool:
    """Return whether a file lies in the folder that QGIS deletes when it ends."""
    return Path(QgsProcessingUtils.tempFolder()).resolve() in Path(path).resolve().parents


def keep_polygons(path: str, classes: str, taken: Iterable[str]) -> str:
    """Copy an exported area beside the classes, as NAME.area.gpkg, and return that path; QGIS is not asked, any thread.

    `taken` names files and layers that must not be overwritten. Raises BadInput.
    """
    target = Path(classes).with_suffix(".area.gpkg")
    if any(str(target) in name for name in taken):
        raise BadInput(
            f"The area would be kept in {target}, which is also an input or another output.",
            "Choose another name for the land cover map.",
        )
    return keep(path, target)


def kept(path: str, output: str, name: str) -> str:
    """Return the path of a file that outlives QGIS: a temporary one is copied to OUTPUT.NAME.gpkg. Raises BadInput."""
    if not path or not is_temporary(path):
        return path
    return keep(path, place_of(output, name))


def place_of(output: str, name: str) -> Path:
    """Return where a temporary file is kept: beside the output."""
    target = Path(output)
    return target.with_name(f"{target.name}.{name}.gpkg")


def keep(path: str, target: Path) -> str:
    """Copy a file to `target` and return that path; one that holds the same is left as it is.

    Raises BadInput, also where `target` is the file of the layer that `path` was copied from: it may hold more.
    """
    if _origins.get(path) == str(target):
        raise BadInput(
            f"A copy of the layer's features would be kept in {target}, which is where it comes from.",
            "Choose another output, or save the features as a file of their own.",
        )
    if target.is_file() and filecmp.cmp(path, target, shallow=False):
        return str(target)
    temporary = target.with_name(f".{target.stem}.{os.getpid()}.tmp{target.suffix}")
    try:
        try:
            shutil.copyfile(path, temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(
            f"A copy cannot be kept in {target} ({error.strerror}).", "Choose a folder that you may write to."
        ) from None
    return str(target)


def _part_of(layer: Optional[QgsVectorLayer], path: str) -> str:
    """Return the path of a copy, noting which file its layer has."""
    if layer is not None and layer.providerType() == "ogr":
        _origins[path] = os.path.abspath(layer.dataProvider().dataSourceUri().split("|")[0])  # noqa: PTH100
    return path


def _whole_file(layer: QgsVectorLayer) -> str:
    """Return the layer's file when GDAL, opening it without a layer name, sees exactly this layer; else ''."""
    plain = layer.providerType() == "ogr" and not layer.subsetString() and not layer.isEditable()
    if not plain or layer.crs() != layer.dataProvider().crs():
        return ""
    path, *more = layer.dataProvider().dataSourceUri().split("|")
    if any(not part.startswith(("layername=", "layerid=0")) for part in more) or not Path(path).is_file():
        return ""
    if len(QgsProviderRegistry.instance().providerMetadata("ogr").querySublayers(path)) > 1:
        return ""
    return os.path.abspath(path)  # noqa: PTH100


def _export(source: QgsFeatureSource, names: Tuple[str, ...]) -> str:
    """Return a temporary GeoPackage with a source's geometries and some fields; the same features, the same bytes.

    names: of the fields; those that the source does not have are left out.
    """
    date = "OGR_CURRENT_DATE"  # a setting of GDAL's: what a GeoPackage says of when it was changed
    before = os.environ.get(date)
    os.environ[date] = "2000-01-01T00:00:00.000Z"
    try:
        return _written(source, names)
    finally:
        del os.environ[date]
        if before is not None:
            os.environ[date] = before


def _written(source: QgsFeatureSource, names: Tuple[str, ...]) -> str:
    path = QgsProcessingUtils.generateTempFilename("area.gpkg")
    indices = [source.fields().indexOf(name) for name in names if name and source.fields().indexOf(name) >= 0]
    fields = QgsFields()  # no other attributes: their types and lengths are not worth a failure
    for index in indices:
        fields.append(QgsField(source.fields()[index].name(), source.fields()[index].type()))
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "GPKG"
    options.layerName = "area"
    options.layerOptions = ["FID=sgma_fid"]  # the field may be called fid
    writer = QgsVectorFileWriter.create(
        path,
        fields,
        QgsWkbTypes.multiType(QgsWkbTypes.flatType(source.wkbType())),
        source.sourceCrs(),
        QgsProject.instance().transformContext(),
        options,
    )
    failed: List[str] = []
    for feature in source.getFeatures():
        values = [feature.attribute(index) for index in indices]
        feature.setFields(fields, True)
        for i, value in enumerate(values):
            feature.setAttribute(i, value)
        if feature.hasGeometry():
            geometry = feature.geometry()
            geometry.convertToMultiType()
            feature.setGeometry(geometry)
            if not writer.addFeature(feature):
                failed.append(writer.errorMessage())
    if writer.hasError() != QgsVectorFileWriter.WriterError.NoError or failed:
        raise BadInput(
            f"The features of {source.sourceName()} could not be copied: {(failed or [writer.errorMessage()])[0]}",
            "Save it as a GeoPackage, then pick that file.",
        )
    del writer  # closes the file
    return path


def _name(crs: QgsCoordinateReferenceSystem) -> str:
    return crs.userFriendlyIdentifier() if crs.isValid() else "no CRS"
