"""Runs that end early: interrupted, refused, out of input or out of disk. What is finished stays, and they continue."""

import contextlib
import os
import subprocess
import sys
from dataclasses import replace

import pyogrio
import pytest
import rasters
import shapely

from sgma_qgis.model.contract.errors import BadInput, Cancelled, InputLost, OutputFailed
from sgma_qgis.model.contract.job import Area, Options, Outputs, SegmentJob, Source
from sgma_qgis.model.contract.messages import Block
from sgma_qgis.model.engine.segment import segment
from sgma_qgis.model.feedback import JobFeedback
from sgma_qgis.unfinished import kept

pytestmark = pytest.mark.usefixtures("small_blocks")

MAKE_VRT = """
import sys, rasterio.shutil
rasterio.shutil.copy(sys.argv[1], sys.argv[2], driver="VRT")
"""


class Interrupt(JobFeedback):
    """Cancels after so many blocks."""

    def __init__(self, blocks):
        super().__init__("test", lambda event: None)
        self.left = blocks

    def block(self, path, window):
        self.left -= 1
        if self.left == 0:
            self.cancel()


@pytest.mark.parametrize("blocks", [1, 2, 11])
@pytest.mark.parametrize("strip_bytes", [1 << 30, 1])
def test_interrupted_run_continues_to_the_same_bytes(tmp_path, model, strip_bytes, blocks, monkeypatch):
    monkeypatch.setattr("sgma_qgis.model.engine.segment.STRIP_BYTES", strip_bytes)
    rgb = rasters.rgb(tmp_path / "rgb.tif", 500, 600)

    def job(name, **options):
        outputs = Outputs(str(tmp_path / name), trust=str(tmp_path / f"trust_{name}"))
        return SegmentJob((Source("rgb", str(rgb)),), model, outputs, options=Options(**options))

    quiet = JobFeedback("test", lambda event: None)
    whole = segment(job("whole.tif"), quiet)
    with pytest.raises(Cancelled):
        segment(job("part.tif"), Interrupt(blocks))
    assert not (tmp_path / "part.tif").exists()
    assert not list(tmp_path.glob(".*"))  # nothing under a temporary name either
    assert (tmp_path / "part.tif.part").is_dir()
    left = kept(str(tmp_path / "part.tif"))
    told = []
    result = segment(job("part.tif"), JobFeedback("test", told.append))
    places = [event.window for event in told if isinstance(event, Block)]
    assert blocks <= left.done <= left.total == len(places)
    assert sum(w * h for _, _, w, h in places) == 500 * 600
    assert result.tiles_resumed > 0 or blocks < 11  # tiles that reach into what is missing are run again
    assert result.class_area_m2 == whole.class_area_m2
    for name in ("{}", "trust_{}"):
        first, second = (tmp_path / name.format(n) for n in ("whole.tif", "part.tif"))
        assert first.read_bytes() == second.read_bytes()
    assert not (tmp_path / "part.tif.part").exists()


@pytest.mark.parametrize("wrong", [{"device": "cuda:7"}, {"crs": "EPSG:0"}, {"tile": 100}])
def test_a_start_that_fails_keeps_finished_blocks(tmp_path, model, wrong):
    rgb = rasters.rgb(tmp_path / "rgb.tif", 500, 300)

    def job(**options):
        return SegmentJob(
            (Source("rgb", str(rgb)),), model, Outputs(str(tmp_path / "map.tif")), options=Options(**options)
        )

    with pytest.raises(Cancelled):
        segment(job(), Interrupt(8))
    blocks = sorted(path.name for path in (tmp_path / "map.tif.part").glob("*.tif"))
    assert blocks
    with pytest.raises(BadInput):
        segment(job(**wrong), JobFeedback("test", lambda event: None))
    early = JobFeedback("test", lambda event: None)
    early.cancel()
    with pytest.raises(Cancelled):
        segment(job(), early)
    assert sorted(path.name for path in (tmp_path / "map.tif.part").glob("*.tif")) == blocks
    assert segment(job(), JobFeedback("test", lambda event: None)).tiles_resumed > 0


def test_a_changed_input_starts_afresh_also_behind_a_vrt(tmp_path, model):
    part = rasters.rgb(tmp_path / "part.tif", 500, 300)
    vrt = tmp_path / "all.vrt"
    subprocess.run([sys.executable, "-c", MAKE_VRT, part, vrt], check=True)
    job = SegmentJob((Source("rgb", str(vrt)),), model, Outputs(str(tmp_path / "map.tif")))
    with pytest.raises(Cancelled):
        segment(job, Interrupt(2))
    rasters.rgb(part, 500, 300, seed=5)
    assert segment(job, JobFeedback("test", lambda event: None)).tiles_resumed == 0
    with pytest.raises(BadInput, match=r"part\.tif"):
        segment(replace(job, outputs=Outputs(str(part))), JobFeedback("test", lambda event: None))


@pytest.mark.parametrize("stripes", [False, True])
def test_a_layer_that_vanishes_is_an_error_not_an_empty_map(tmp_path, model, stripes):
    """The file is cut short while the run reads it, as a copy that replaces it does.

    stripes: in an area that only every other tile of a row touches.
    """
    rgb = rasters.rgb(tmp_path / "rgb.tif", 1400, 900, tiled=True, blockxsize=64, blockysize=64)
    whole, times = rgb.read_bytes(), rgb.stat()

    class Gone(JobFeedback):
        def block(self, path, window):
            if window[1] > 200:  # what lies above is not run again, but for its overlap
                os.truncate(rgb, 4096)

    area = Area()
    if stripes:
        boxes = [shapely.box(x, 5_299_300, x + 5, 5_300_000) for x in range(500_020, 500_450, 112)]
        path = tmp_path / "area.gpkg"
        pyogrio.raw.write(path, shapely.to_wkb(boxes), [], [], geometry_type="Polygon", crs=rasters.CRS)
        area = Area(polygons=str(path))
    job = SegmentJob((Source("rgb", str(rgb)),), model, Outputs(str(tmp_path / "map.tif")), area)
    with pytest.raises(InputLost, match="25 tiles in a row"):
        segment(job, Gone("test", lambda event: None))
    assert not (tmp_path / "map.tif").exists()
    rgb.write_bytes(whole)
    os.utime(rgb, ns=(times.st_atime_ns, times.st_mtime_ns))
    result = segment(job, JobFeedback("test", lambda event: None))
    assert result.tiles_resumed > 0
    assert result.tiles_failed == 0
    known = rasters.read(tmp_path / "map.tif") != 255
    assert known.any() if stripes else known.all()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root to mount")
def test_full_disk_is_told_and_leaves_nothing_half(tmp_path, model):
    """A real full disk: a small tmpfs. What was finished stays, and the run continues when there is room."""
    mount = tmp_path / "small"
    mount.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", mount], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("cannot mount here")
    rgb = rasters.rgb(tmp_path / "rgb.tif", 1200, 900)
    outputs = Outputs(str(mount / "map.tif"), str(mount / "c.tif"), "", str(mount / "t.tif"))
    job = SegmentJob((Source("rgb", str(rgb)),), model, outputs)

    class Filling(JobFeedback):
        """Another program takes what is left of the disk while the run is under way."""

        def block(self, path, window):
            if window[1] > 200:
                with contextlib.suppress(OSError), (mount / "filler").open("wb", buffering=0) as filler:
                    while filler.write(bytes(4096)):
                        pass

    try:
        with pytest.raises(OutputFailed) as caught:
            segment(job, Filling("test", lambda event: None))
        assert "small" in caught.value.message
        assert not any((mount / name).exists() for name in ("map.tif", "c.tif", "t.tif", "map.run.json"))
        with pytest.raises(BadInput, match=r"of disk in .*small \(0.* MB free"):  # told before the start now
            segment(job, JobFeedback("test", lambda event: None))
        (mount / "filler").unlink()
        assert segment(job, JobFeedback("test", lambda event: None)).tiles_resumed > 0
        assert (rasters.read(mount / "map.tif") != 255).all()
    finally:
        subprocess.run(["umount", mount], check=True)
