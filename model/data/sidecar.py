"""Category names for GDAL and QGIS: a GeoTIFF has no field for them, so GDAL keeps them in NAME.tif.aux.xml.

Only ever written beside our own output; never beside an input.
"""

from __future__ import annotations

import html
import re
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


def read_category_names(path: Path) -> dict[int, str]:
    """Return {raster value: name} of the first band as GDAL keeps them beside a raster; {} where there are none."""
    try:
        text = Path(f"{path}{SUFFIX}").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return {}
    # Read by pattern: a stranger's XML may hold entities without end, which a parser would follow.
    band = re.search(r'<PAMRasterBand band="1">(.*?)</PAMRasterBand>', text, re.DOTALL)
    found = re.findall(r"<Category>([^<]*)</Category>|<Category ?/>", band[1]) if band else []
    return {value: html.unescape(name) for value, name in enumerate(found) if name}
