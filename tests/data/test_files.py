"""The files behind a layer: sidecars are read and never written, and every one is listed."""

import os
from pathlib import Path

import pytest
import rasterio
from pyproj import CRS
from rasterio.shutil import copy as rasterio_copy

from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.model.contract.job import Area, Options, Source
from sgma_qgis.model.data.native import files_behind, open_dataset
from sgma_qgis.model.data.plan import plan
from sgma_qgis.model.data.raster import LabelReader, LayerReader

POSITION = "<SRS>EPSG:32631</SRS><GeoTransform>500000,1,0,5000000,0,-1</GeoTransform>"
NODATA = "".join(f'<PAMRasterBand band="{i}"><NoDataValue>0</NoDataValue></PAMRasterBand>' for i in (1, 2, 3))


def write_sidecar(path, inside=POSITION + NODATA):
    Path(path + ".aux.xml").write_text(f"<PAMDataset>{inside}</PAMDataset>")
    return path


def write_vrt(path, *sources):
    bands = "".join(
        f"<VRTRasterBand dataType='Byte' band='{i}'><SimpleSource><SourceFilename>{source}</SourceFilename>"
        "</SimpleSource></VRTRasterBand>"
        for i, source in enumerate(sources, 1)
    )
    path.write_text(f"<VRTDataset rasterXSize='60' rasterYSize='50'>{POSITION}{bands}</VRTDataset>")
    return str(path)


@pytest.fixture
def striped(noise):
    """Return an image (3,300,280) whose columns 100..120 are 0."""
    image = noise(3, 300, 280)
    image[:, :, 100:120] = 0
    return image


@pytest.fixture
def convert(paint, striped, tmp_path):
    """Write the striped image with another driver, without any sidecar; return its path."""

    def make(name, driver):
        path = tmp_path / name
        rasterio_copy(paint("whole.tif", striped), path, driver=driver)
        (tmp_path / "whole.tif").unlink()
        for sidecar in tmp_path.glob("*.aux.xml"):
            sidecar.unlink()
        return str(path)

    return make


def folder(path):
    return {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in Path(path).iterdir()}


def read_all(job):
    out = {}
    for layer in job.layers:
        with LayerReader(layer, job.grid) as reader:
            out[layer.key] = reader.read(job.grid.window)
    return out


def test_nodata_in_a_sidecar_counts(paint, striped, planned):
    path = write_sidecar(paint("a.tif", striped), NODATA)
    job = planned({"rgb": path})
    assert (read_all(job)["rgb"][1] == (striped[0] > 0)).all()
    assert job.coverage["rgb"] == pytest.approx((striped[0] > 0).mean(), abs=0.02)


@pytest.mark.parametrize(("name", "driver"), [("a.png", "PNG"), ("a.jpg", "JPEG"), ("a.tif", "GTiff")])
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_position_in_a_sidecar_counts(convert, planned, name, driver):
    job = planned({"rgb": write_sidecar(convert(name, driver), POSITION)})
    assert CRS.from_wkt(job.grid.crs).to_epsg() == 32631
    assert job.grid.transform == (1.0, 0.0, 500000.0, 0.0, -1.0, 5000000.0)


@pytest.mark.parametrize("sidecar", [False, True])
@pytest.mark.parametrize(
    ("name", "driver"),
    [("a.tif", "GTiff"), ("a.tif", "COG"), ("a.png", "PNG"), ("a.jpg", "JPEG"), ("a.img", "HFA"), ("a.bin", "ENVI")]
    + [("a.bil", "EHdr"), ("a.vrt", "VRT"), ("a.bmp", "BMP"), ("a.ntf", "NITF"), ("a.gpkg", "GPKG")],
)
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_nothing_is_written_beside_an_input(convert, paint, striped, make_card, tmp_path, name, driver, sidecar):
    if driver == "VRT":
        path = write_vrt(tmp_path / name, *[paint("b.tif", striped[0])] * 3)
    else:
        path = convert(name, driver)
    if sidecar:
        write_sidecar(path)
    before = folder(tmp_path)
    with open_dataset(path, name) as dataset:
        dataset.read(1, out_shape=(30, 28))
        dataset.read_masks()
        dataset.dataset_mask()
        for band in dataset.indexes:
            dataset.tags(band), dataset.overviews(band)
    try:
        job = plan((Source("rgb", path),), make_card(), Area(), Options())
        read_all(job)
    except BadInput:
        assert not sidecar  # a picture without a position
    else:
        with pytest.raises(BadInput, match="3 bands"), LabelReader(path, job.grid):  # looked at, and refused
            pass
    assert folder(tmp_path) == before


def test_a_damaged_sidecar_is_no_obstacle(paint, noise, planned, tmp_path):
    path = paint("a.tif", noise(3, 40, 50))
    Path(path + ".aux.xml").write_text("<PAMDataset><SRS>")
    before = folder(tmp_path)
    assert read_all(planned({"rgb": path}))["rgb"][1].all()
    assert folder(tmp_path) == before


def test_every_file_behind_a_layer_is_listed(paint, noise, planned, tmp_path, monkeypatch):
    one, two = paint("one.tif", noise(50, 60)), paint("two.tif", noise(50, 60))
    write_sidecar(one, "")
    inner = write_vrt(tmp_path / "inner.vrt", one, two)
    outer = write_vrt(tmp_path / "outer.vrt", inner, two, two)
    monkeypatch.chdir(tmp_path)
    layers = planned({"rgb": "outer.vrt", "nir": "one.tif"}).layers
    assert set(layers[0].files) == {outer, inner, one, two}
    assert layers[1].files == (one, one + ".aux.xml")


def test_vrts_in_a_circle_are_listed_once(paint, noise, tmp_path):
    a, b = tmp_path / "a.vrt", tmp_path / "b.vrt"
    write_vrt(a, b)
    write_vrt(b, a)
    with rasterio.open(a) as dataset:
        assert set(files_behind(dataset)) == {str(a), str(b)}


@pytest.mark.parametrize("slot", ["layer", "area"])
def test_a_folder_that_may_not_be_searched(planned, paint, noise, monkeypatch, tmp_path, slot):
    hidden = str(tmp_path / "hidden" / "a.file")
    real = os.stat

    def stat(path, *args, **more):
        if str(path) == hidden:
            raise PermissionError(13, "Permission denied", hidden)
        return real(path, *args, **more)

    monkeypatch.setattr("os.stat", stat)
    layers = {"rgb": hidden if slot == "layer" else paint("a.tif", noise(3, 20, 20))}
    with pytest.raises(BadInput, match="a.file.* cannot be reached: Permission denied"):
        planned(layers, area=Area(polygons=hidden if slot == "area" else ""))
