"""Strokes for tests: two grounds with a straight border, one stroke in each."""

from __future__ import annotations

import numpy as np
import pyogrio
import rasters
import shapely

SIDE, BORDER, PIXEL = 192, 100, 0.5
X, Y = rasters.ORIGIN


def line(*pixels):
    """Return a line through (col, row) places of the layers."""
    return shapely.LineString([place(*pixel) for pixel in pixels])


def place(col, row):
    """Return map coordinates of a pixel's place."""
    return X + PIXEL * col, Y - PIXEL * row


#: One stroke in each half.
LEFT, RIGHT = line((20.5, 20.5), (20.5, 60.5)), line((150, 30), (170, 60))


def write_strokes(path, strokes, crs=rasters.CRS, **fields):
    """Write (geometry, class) rows with further fields of a value a row, and return the path."""
    names = ["class", *fields]
    columns = [np.array([name for _, name in strokes], object), *(np.array(values) for values in fields.values())]
    shapes = np.array([shape for shape, _ in strokes], object)
    pyogrio.raw.write(
        path, shapely.to_wkb(shapes), columns, names, geometry_type="Unknown", crs=crs, driver="GPKG"
    )  # fmt: skip
    return path
