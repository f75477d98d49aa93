"""A caller that wants to stop is heard while layers are looked at and outputs are written."""

import pytest
from pyproj import CRS
from rasterio.enums import ColorInterp

from sgma_qgis.model.contract.errors import Cancelled
from sgma_qgis.model.contract.job import Area, Options, Source
from sgma_qgis.model.data import output
from sgma_qgis.model.data.grid import Grid, Window
from sgma_qgis.model.data.plan import plan
from sgma_qgis.model.data.polygons import polygonize

RGBA = (ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha)


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


def test_planning_can_be_stopped(paint, noise, make_card):
    image = noise(4, 300, 300)
    image[3] = 255
    path = paint("a.tif", image, colorinterp=RGBA)
    sources = (Source("rgb", path), Source("dsm", paint("b.tif", noise(150, 150), pixel=2.0)))
    stops_anywhere(lambda check: plan(sources, make_card(), Area(), Options(), check=check), 9 + 4 + 2 + 18)


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
        plan((source,), make_card(), area, Options(), check=Stopper(200))


def test_averaging_can_be_stopped_between_strips(paint, noise, make_card, monkeypatch):
    monkeypatch.setattr("sgma_qgis.model.data.raster._STRIP_PIXELS", 2000)
    source, options = Source("dsm", paint("a.tif", noise(400, 100)), unit="ndsm"), Options(resolution=10.0)
    stops_anywhere(lambda check: plan((source,), make_card(), Area(), options, check=check), 4 + 1 + 1 + 20)


def test_writing_can_be_stopped(tmp_path, noise, make_card):
    grid = Grid(CRS.from_epsg(32631).to_wkt(), (0.5, 0.0, 500000.0, 0.0, -0.5, 5000000.0), 1300, 1100)
    part = tmp_path / "part.tif"
    output.write_part(part, noise(1, 1100, 1300, low=0, high=1), grid, grid.window, 255)
    whole = tmp_path / "map.tif"

    def assemble(check):
        output.assemble([(part, Window(0, 0, 1300, 1100))], whole, grid, "uint8", 1, 255, check=check)

    stops_anywhere(assemble, 3)
    assemble(Stopper())
    target = tmp_path / "map.gpkg"

    def vectorise(check):
        more = {"min_area": 5.0, "simplify": 1.0, "strip_pixels": 1300 * 100}
        polygonize(whole, whole, target, make_card(), check=check, **more)

    stops_anywhere(vectorise, 11 * 4)
