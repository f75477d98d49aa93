"""QGIS layers and option texts -> the contract's Sources and Area. Main thread only: layers belong to it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Dict, Iterable, List, Optional, Tuple

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeatureSource,
    QgsFields,
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

PORTABLE_AUTHORITIES = ("EPSG:", "ESRI:", "IGNF:", "OGC:")


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


def polygons_file(layer: Optional[QgsVectorLayer], source: QgsFeatureSource, selected_only: bool) -> str:
    """Return a file with an area's polygons: the layer's own when it holds just these, else a temporary GeoPackage.

    The own file is preferred because run.json names it in the command that repeats the run.
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
    return _export(source)


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
    temporary = target.with_name(f".{target.stem}.{os.getpid()}.tmp{target.suffix}")
    try:
        try:
            shutil.copyfile(path, temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(
            f"The area cannot be kept in {target} ({error.strerror}).", "Choose a folder that you may write to."
        ) from None
    return str(target)


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


def _export(source: QgsFeatureSource) -> str:
    path = QgsProcessingUtils.generateTempFilename("area.gpkg")
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "GPKG"
    options.layerName = "area"
    writer = QgsVectorFileWriter.create(
        path,
        QgsFields(),  # no attributes: their types and lengths are not worth a failure
        QgsWkbTypes.multiType(QgsWkbTypes.flatType(source.wkbType())),
        source.sourceCrs(),
        QgsProject.instance().transformContext(),
        options,
    )
    failed: List[str] = []
    for feature in source.getFeatures():
        feature.setFields(QgsFields(), True)
        if feature.hasGeometry():
            geometry = feature.geometry()
            geometry.convertToMultiType()
            feature.setGeometry(geometry)
            if not writer.addFeature(feature):
                failed.append(writer.errorMessage())
    if writer.hasError() != QgsVectorFileWriter.WriterError.NoError or failed:
        raise BadInput(
            f"The area ({source.sourceName()}) could not be copied: {(failed or [writer.errorMessage()])[0]}",
            "Save it as a GeoPackage, then pick that file.",
        )
    del writer  # closes the file
    return path


def _name(crs: QgsCoordinateReferenceSystem) -> str:
    return crs.userFriendlyIdentifier() if crs.isValid() else "no CRS"
