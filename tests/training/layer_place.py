"""Layers that hold their own position, labels that follow from it, and areas: a place to learn from."""

import numpy as np
import pyogrio
import rasters
import shapely

HEIGHT, WIDTH, GSD = 320, 640, 0.5
X, Y = rasters.ORIGIN
HELD = 60_000  # pixel value of held-out ground


def box(col, row, width, height):
    """Return a box in pixels of the layers."""
    return shapely.box(X + col * GSD, Y - (row + height) * GSD, X + (col + width) * GSD, Y - row * GSD)


ONE, TWO = box(0, 0, 90, 90), box(200, 0, 90, 90)


def draw(path, rows, field="kind", crs=rasters.CRS):
    """Write (value, shape) as a GeoPackage."""
    values = [value for value, _ in rows]
    column = np.array(values, object if any(isinstance(v, (str, type(None))) for v in values) else None)
    wkb = np.array(shapely.to_wkb([shape for _, shape in rows]), object)
    pyogrio.raw.write(path, wkb, [column], [field], geometry_type=rows[0][1].geom_type, crs=crs)
    return str(path)


def write_place(folder):
    """Write rgb, nir, dsm, labels and areas."""
    rows, cols = np.mgrid[:HEIGHT, :WIDTH].astype(np.uint16)
    held = cols >= 480
    rgb = np.stack([rows, cols, rows + cols]) + 1
    rgb[:, held] = HELD
    rasters.write(folder / "rgb.tif", rgb)
    nir = (3 * rows + 2 * cols + 1).astype(np.float32)
    nir[10:20, 10:20] = np.nan
    nir[30, 30] = np.inf
    rasters.write(folder / "nir.tif", nir)
    coarse = np.mgrid[: HEIGHT // 4, : WIDTH // 4][0].astype(np.float32) * 4 + 1.5
    rasters.write(folder / "dsm.tif", coarse, res=4 * GSD)
    labels = (rows // 40 + cols // 40).astype(np.uint8) % 2 + 1
    labels[::160, ::160] = 3  # eight single pixels
    rasters.write(folder / "labels.tif", labels, nodata=0)
    draw(
        folder / "areas.gpkg",
        [("train", box(0, 0, 440, HEIGHT)), ("validation", box(480, 0, 80, HEIGHT)), ("test", box(600, 0, 40, HEIGHT))],
        "role",
    )
