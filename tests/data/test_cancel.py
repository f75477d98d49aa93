"""A caller that wants to stop is heard while layers are looked at and outputs are written."""

import os
import threading
import time

import pytest
from pyproj import CRS

from sgma_qgis.model.contract.errors import BadInput, Cancelled
from sgma_qgis.model.contract.job import Area, Options, Source
from sgma_qgis.model.data import attended
from sgma_qgis.model.data.grid import Grid
from sgma_qgis.model.data.plan import plan
from sgma_qgis.model.data.polygons import polygonize

posix = pytest.mark.skipif(os.name != "posix", reason="needs named pipes")

NAMES = {0: "ground", 1: "tree"}


class Stopper:
    """Counts its calls; raises at the given one."""

    def __init__(self, at=None):
        self.at, self.calls = at, 0

    def __call__(self):
        self.calls += 1
        if self.calls == self.at:
            raise Cancelled


def stops_anywhere(work, fewest):
    """Check that `work(check)` calls check often enough and lets its error through, early and late."""
    counter = Stopper()
    work(counter)
    assert counter.calls >= fewest
    for at in (1, counter.calls // 2, counter.calls):
        with pytest.raises(Cancelled):
            work(Stopper(at))


def idle():
    """Wait until no thread that plans is left."""
    until = time.monotonic() + 10
    while any(thread.name == "sgma-plan" for thread in threading.enumerate()):
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("at", [1, 2])
def test_planning_can_be_stopped(paint, noise, make_card, at):
    sources = (Source("rgb", paint("a.tif", noise(3, 300, 300))),)
    with pytest.raises(Cancelled):
        plan(sources, make_card(), Area(), Options(), check=Stopper(at))
    idle()


def test_a_layer_of_nothing_as_large_as_a_country_can_be_given_up(tmp_path, make_card, paint, noise):
    path = tmp_path / "sparse.vrt"
    source = f"<SourceFilename>{paint('a.tif', noise(9, 9))}</SourceFilename><SourceBand>1</SourceBand>"
    source += "<SrcRect xOff='0' yOff='0' xSize='9' ySize='9'/><DstRect xOff='0' yOff='0' xSize='9' ySize='9'/>"
    band = "<VRTRasterBand dataType='Byte' band='1'><NoDataValue>0</NoDataValue>"
    band += f"<SimpleSource>{source}</SimpleSource></VRTRasterBand>"
    head = "<VRTDataset rasterXSize='900000' rasterYSize='900000'><SRS>EPSG:32631</SRS>"
    head += "<GeoTransform>0,1,0,5900000,0,-1</GeoTransform>"
    path.write_text(f"{head}{band}</VRTDataset>")
    source = Source("dsm", str(path), unit="ndsm")
    area = Area(extent=(300000.0, 5100000.0, 800000.0, 5600000.0))
    with pytest.raises(Cancelled):
        plan((source,), make_card(), area, Options(), check=Stopper(8))
    idle()  # it searched in a thread of its own


@pytest.fixture
def hanging(tmp_path):
    """Return the path of a named pipe that nobody writes: opening it never returns."""
    path = tmp_path / "hanging.tif"
    os.mkfifo(path)
    yield str(path)
    writer = os.open(path, os.O_WRONLY | os.O_NONBLOCK)  # lets the thread go
    path.unlink()  # it must not open it again
    os.close(writer)
    idle()


@posix
def test_a_file_that_never_opens_does_not_keep_a_cancel_waiting(hanging, paint, noise, make_card):
    sources = (Source("rgb", paint("a.tif", noise(3, 60, 60))), Source("nir", hanging))
    began = time.monotonic()
    with pytest.raises(Cancelled):
        plan(sources, make_card(), Area(), Options(), check=Stopper(6))
    assert time.monotonic() - began < 5


@posix
def test_a_file_that_never_opens_is_given_up(hanging, paint, noise, make_card, monkeypatch):
    monkeypatch.setattr(attended, "STALLED_S", 0.4)
    sources = (Source("rgb", paint("a.tif", noise(3, 60, 60))), Source("nir", hanging))
    with pytest.raises(BadInput, match="NIR layer .*hanging.tif could not be read: nothing came"):
        plan(sources, make_card(), Area(), Options())


@posix
def test_an_area_that_never_opens_is_given_up(hanging, paint, noise, make_card, monkeypatch):
    monkeypatch.setattr(attended, "STALLED_S", 0.4)
    with pytest.raises(BadInput, match="nothing came"):
        plan((Source("rgb", paint("a.tif", noise(3, 60, 60))),), make_card(), Area(polygons=hanging), Options())


def test_results_and_errors_come_in_order_whichever_is_first_in_time():
    def work(seconds, error=None):
        def run(step):
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                step()
                time.sleep(0.01)
            if error is not None:
                raise error
            return seconds

        return run

    assert attended.attended({"a": work(0.2), "b": work(0)}, lambda: None) == [0.2, 0]
    with pytest.raises(KeyError):
        attended.attended({"a": work(0.2, KeyError()), "b": work(0, ValueError()), "c": work(60)}, lambda: None)
    idle()


def test_polygons_can_be_stopped(tmp_path, noise, write_whole):
    grid = Grid(CRS.from_epsg(32631).to_wkt(), (0.5, 0.0, 500000.0, 0.0, -0.5, 5000000.0), 260, 220)
    whole = write_whole("map.tif", noise(1, 220, 260, low=0, high=2), grid)
    target = tmp_path / "map.gpkg"

    def vectorise(check):
        more = {"min_area": 5.0, "simplify": 1.0, "strip_pixels": 260 * 20}
        polygonize(whole, whole, target, NAMES, check=check, **more)

    stops_anywhere(vectorise, 5000)  # each strip, and each area below the minimum
