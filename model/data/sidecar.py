"""Category names for GDAL and QGIS: a GeoTIFF has no field for them, so GDAL keeps them in NAME.tif.aux.xml.

Only ever written beside our own output; never beside an input.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

SUFFIX = ".aux.xml"


def write_category_names(path: Path, names: Mapping[int, str]) -> None:
    """Write the names of the classes (raster value -> name) of the raster's first band to `path`, a GDAL PAM file."""
    root = ElementTree.Element("PAMDataset")
    band = ElementTree.SubElement(root, "PAMRasterBand", band="1")
    listed = ElementTree.SubElement(band, "CategoryNames")
    for value in range(max(names) + 1):
        ElementTree.SubElement(listed, "Category").text = names.get(value, "")
    ElementTree.ElementTree(root).write(path, encoding="utf-8")
