"""Lengths and areas on the ground, whatever a layer's coordinates are."""

from __future__ import annotations

from qgis.core import QgsCoordinateReferenceSystem, QgsDistanceArea, QgsProject


def measure_in(crs: QgsCoordinateReferenceSystem) -> QgsDistanceArea:
    """Return what measures shapes of a CRS in metres on its ellipsoid."""
    measure = QgsDistanceArea()
    measure.setSourceCrs(crs, QgsProject.instance().transformContext())
    measure.setEllipsoid(crs.ellipsoidAcronym() or "EPSG:7030")
    return measure
