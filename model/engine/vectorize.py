"""A class raster as polygons: those of a map that is there already, ours or another's."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from pyogrio.errors import DataSourceError
from rasterio.io import DatasetReader

from ..contract.errors import BadInput, OutputFailed
from ..contract.job import Options, Outputs, VectorizeJob
from ..contract.store import find
from ..data.native import configure, open_dataset
from ..data.polygons import polygonize
from ..data.sidecar import read_category_names
from ..feedback import JobFeedback
from . import targets
from .options import check_options
from .telling import GDAL_CACHE_MB


def vectorize(job: VectorizeJob, feedback: JobFeedback) -> dict[str, Any]:
    """Write the polygons of a class raster.

    Returns {output, polygons: how many, classes: [{id, name, color}]}, classes as far as they are known; color
    "#rrggbb" or "". Raises BadInput when the rasters cannot be used, OutputFailed when the disk refuses, Cancelled.
    """
    configure(GDAL_CACHE_MB)
    check_options(Options(min_area=job.min_area, simplify=job.simplify))
    targets.check(Outputs("", polygons=job.output), [job.classes, job.confidence])
    classes = _classes(job)
    if job.confidence:
        _check_confidence(job)
    try:
        with targets.Staging({"polygons": job.output}) as staging:
            count = polygonize(
                Path(job.classes),
                Path(job.confidence) if job.confidence else None,
                staging["polygons"],
                {row["id"]: row["name"] for row in classes},
                min_area=job.min_area,
                simplify=job.simplify,
                check=feedback.check,
                progress=partial(feedback.progress, "polygons"),
            )
            staging.publish()
    except (OSError, DataSourceError) as error:
        raise OutputFailed(
            f"Output {getattr(error, 'filename', None) or job.output} could not be written: "
            f"{getattr(error, 'strerror', None) or error}",
            "Make room on the disk or close the file elsewhere, then try again.",
        ) from error
    return {"output": job.output, "polygons": count, "classes": classes}


def _classes(job: VectorizeJob) -> list[dict[str, Any]]:
    """Check the raster and return its classes: the model's, or those that the raster itself names or colours."""
    with open_dataset(job.classes, f"Class raster {job.classes}") as dataset:
        _check_grid(dataset, f"Class raster {job.classes}")
        if not np.can_cast(dataset.dtypes[0], np.int32) or not np.issubdtype(np.dtype(dataset.dtypes[0]), np.integer):
            raise BadInput(
                f"Class raster {job.classes} holds {dataset.dtypes[0]}: classes are whole numbers of 32 bits at most.",
                "Give a map of classes.",
            )
        colors = _colors(dataset)
    if job.model:
        return [{"id": c.id, "name": c.name, "color": c.color} for c in find(job.model).card.classes]
    names = read_category_names(Path(job.classes))
    return [{"id": value, "name": name, "color": colors.get(value, "")} for value, name in names.items()]


def _check_grid(dataset: DatasetReader, name: str) -> None:
    a, b, _, d, e, _ = tuple(dataset.transform)[:6]
    if dataset.count != 1:
        raise BadInput(f"{name} has {dataset.count} bands; one is needed.", "Extract the band first.")
    if not dataset.crs:
        raise BadInput(f"{name} has no coordinate reference system.", "Assign one, for example in QGIS.")
    if b or d or a <= 0 or e >= 0:
        raise BadInput(f"{name} is rotated or upside down.", "Warp it first, for example with gdalwarp.")


def _check_confidence(job: VectorizeJob) -> None:
    """Raise BadInput unless the confidence lies on the pixels of the classes."""
    name = f"Confidence {job.confidence}"
    with open_dataset(job.classes, job.classes) as classes, open_dataset(job.confidence, name) as confidence:
        _check_grid(confidence, name)
        same = confidence.shape == classes.shape and confidence.crs == classes.crs
        if not same or not confidence.transform.almost_equals(classes.transform):
            raise BadInput(f"{name} has other pixels than {job.classes}.", "Give the confidence of the same run.")


def _colors(dataset: DatasetReader) -> dict[int, str]:
    try:
        table = dataset.colormap(1)
    except ValueError:  # it has none
        return {}
    return {value: "#{:02x}{:02x}{:02x}".format(*color[:3]) for value, color in table.items()}
