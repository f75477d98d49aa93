"""Minimum area and simplification change the polygons alone: not the rasters, nor whether a run can be continued."""

import json
from dataclasses import replace

import numpy as np
import pyogrio
import pytest
import rasters

from sgma_qgis.model.contract.errors import Cancelled
from sgma_qgis.model.contract.job import Options, Outputs, SegmentJob, Source
from sgma_qgis.model.engine.segment import segment
from sgma_qgis.model.feedback import JobFeedback


class Interrupt(JobFeedback):
    """Cancels at the second block."""

    def block(self, path, window):
        if window[1]:
            self.cancel()


def silent(kind=JobFeedback):
    return kind("test", lambda event: None)


def areas(path):
    return pyogrio.raw.read(path, columns=["area_m2"], read_geometry=False)[3][0]


@pytest.mark.usefixtures("small_blocks")
def test_a_run_continues_with_other_polygon_options(tmp_path, model):
    rgb = rasters.rgb(tmp_path / "rgb.tif", 400, 300)
    outputs = Outputs(str(tmp_path / "map.tif"), polygons=str(tmp_path / "map.gpkg"))
    job = SegmentJob((Source("rgb", str(rgb)),), model, outputs)
    segment(job, silent())
    classes, before = (tmp_path / "map.tif").read_bytes(), areas(tmp_path / "map.gpkg")
    least = float(np.median(before)) + 0.01
    with pytest.raises(Cancelled):
        segment(job, silent(Interrupt))
    merged = replace(job, options=Options(min_area=least, simplify=0.8))
    assert segment(merged, silent()).tiles_resumed > 0
    assert (tmp_path / "map.tif").read_bytes() == classes
    after = areas(tmp_path / "map.gpkg")
    assert 0 < len(after) <= len(before) / 2
    assert sum(after) == pytest.approx(sum(before), rel=1e-9)
    command = json.loads((tmp_path / "map.run.json").read_text())["command"]
    assert command[command.index("--min-area") + 1] == repr(least)
    assert command[command.index("--simplify") + 1] == "0.8"
