"""Which layers, which grid, which area."""

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import CRS, Transformer
from rasterio.enums import ColorInterp
from rasterio.transform import Affine

from sgma_qgis.model.contract.job import Area, Options, Source
from sgma_qgis.model.data import crs as crs_tools
from sgma_qgis.model.data import native
from sgma_qgis.model.data.grid import Window
from sgma_qgis.model.data.plan import NoDataHere


@pytest.fixture
def wide(make_card):
    """A card that takes any resolution as it is."""
    return make_card(gsd=(0.01, 1.0, 1000.0))


@pytest.fixture
def area_file(tmp_path):
    def write(*geometries, crs="EPSG:32631"):
        path = tmp_path / "area.gpkg"
        wkb = shapely.to_wkb(np.array(geometries, object))
        pyogrio.raw.write(path, wkb, [], np.array([], object), geometry_type="Polygon", crs=crs, driver="GPKG")
        return str(path)

    return write


def keys(plan):
    return tuple(layer.key for layer in plan.layers)


# --- resolution --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "gsd", "want", "warned"),
    [
        (1.0, (0.5, 1.0, 2.0), 1.0, False),  # inside: as it is
        (0.1, (0.5, 1.0, 2.0), 0.5, False),  # finer than the model knows: its finest
        (3.0, (0.5, 1.0, 2.0), 2.0, False),  # coarser: its coarsest, up to half a pixel
        (4.0, (0.5, 1.0, 2.0), 2.0, False),
        (4.1, (0.5, 1.0, 2.0), 4.1, True),  # never finer than half of the layer's own
    ],
)
def test_default_resolution(planned, paint, noise, make_card, own, gsd, want, warned):
    plan = planned({"rgb": paint("a.tif", noise(3, 60, 60), pixel=own)}, card=make_card(gsd=gsd))
    assert plan.grid.resolution == pytest.approx(want)
    assert any("trained" in warning for warning in plan.warnings) == warned


@pytest.mark.parametrize(
    ("asked", "warned"), [(0.01, True), (0.24, True), (0.25, False), (0.5, False), (1.0, False), (1.1, True)]
)
def test_a_resolution_that_the_model_was_not_trained_on(planned, paint, noise, make_card, asked, warned):
    path = paint("a.tif", noise(3, 60, 60), pixel=0.5)
    plan = planned({"rgb": path}, card=make_card(gsd=(0.25, 0.5, 1.0)), options=Options(resolution=asked))
    assert plan.grid.resolution == pytest.approx(asked)
    text = f"Resolution {asked:g} m was asked for; the model was trained on 0.25 to 1 m. Results may be poor."
    assert list(plan.warnings) == [text] * warned


def test_the_finest_layer_decides(planned, paint, noise, wide):
    coarse = paint("a.tif", noise(3, 60, 60), pixel=2.0, origin=(500000.0, 5000000.0))
    fine = paint("b.tif", noise(80, 80), pixel=0.5, origin=(500010.2, 4999990.7))
    plan = planned({"rgb": coarse, "nir": fine}, card=wide)
    assert plan.grid.transform == (0.5, 0.0, 500010.2, 0.0, -0.5, 4999990.7)
    assert (plan.grid.width, plan.grid.height) == (80, 80)
    assert plan.coverage == {"rgb": 1.0, "nir": 1.0}


def test_ties_go_by_registry_order(planned, paint, noise, wide):
    rgb = paint("a.tif", noise(3, 60, 60), pixel=2.0)
    nir = paint("b.tif", noise(60, 60), pixel=1.99999, origin=(500010.0, 5000000.0))
    plan = planned({"nir": nir, "rgb": rgb}, card=wide)
    assert plan.grid.transform[:3] == (2.0, 0.0, 500000.0)
    assert keys(plan) == ("rgb", "nir")


def test_a_layer_of_nodata_does_not_decide(planned, paint, noise, wide):
    rgb = paint("a.tif", noise(3, 60, 60), pixel=2.0)
    void = paint("b.tif", np.zeros((80, 80), "uint8"), pixel=0.5, nodata=0)
    plan = planned({"rgb": rgb, "nir": void}, card=wide)
    assert plan.grid.resolution == 2.0
    assert plan.absent == ("nir",)
    assert keys(plan) == ("rgb",)
    assert any("NIR" in warning and "absent" in warning for warning in plan.warnings)


def test_resolution_asked_for(planned, paint, noise, wide):
    path = paint("a.tif", noise(3, 60, 60), pixel=2.0)
    plan = planned({"rgb": path}, card=wide, options=Options(resolution=0.7))
    assert plan.grid.resolution == pytest.approx(0.7)
    assert (plan.grid.width, plan.grid.height) == (172, 172)


# --- CRS ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("crs", "transform", "zone"),
    [
        ("EPSG:4326", Affine(1e-5, 0, 3.0, 0, -1e-5, 45.15), 32631),
        ("EPSG:4326", Affine(1e-5, 0, 151.2, 0, -1e-5, -33.8), 32756),
        ("EPSG:3857", Affine(1.5, 0, 333900, 0, -1.5, 5644850), 32631),
        ("EPSG:2263", Affine(3, 0, 990000, 0, -3, 200000), 32618),  # US feet
    ],
)
def test_crs_that_are_not_metric_get_a_utm_grid(planned, paint, noise, wide, crs, transform, zone):
    plan = planned({"rgb": paint("a.tif", noise(3, 60, 60), transform=transform, crs=crs)}, card=wide)
    assert CRS.from_wkt(plan.grid.crs).to_epsg() == zone
    assert plan.grid.resolution == pytest.approx(plan.layers[0].resolution, rel=1e-4)


@pytest.mark.parametrize("crs", ["EPSG:32631", "EPSG:2154", "EPSG:3035"])
def test_metric_crs_are_kept(planned, paint, noise, wide, crs):
    plan = planned({"rgb": paint("a.tif", noise(3, 60, 60), origin=(700000.0, 6000000.0), crs=crs)}, card=wide)
    assert CRS.from_wkt(plan.grid.crs).to_epsg() == int(crs[5:])


def test_resolutions_are_ground_metres(planned, paint, noise, wide):
    transform = Affine(2, 0, 333900, 0, -2, 8399738)  # 60 degrees north: a web metre is half a metre
    plan = planned({"rgb": paint("a.tif", noise(3, 60, 60), transform=transform, crs="EPSG:3857")}, card=wide)
    assert plan.layers[0].resolution == pytest.approx(1.0, rel=0.01)
    degrees = Affine(1e-5, 0, 3.0, 0, -1e-5, 60.0)
    plan = planned({"rgb": paint("b.tif", noise(3, 60, 60), transform=degrees, crs="EPSG:4326")}, card=wide)
    assert plan.layers[0].resolution == pytest.approx(1.1132 * 0.5**0.5, rel=0.01)


def test_crs_asked_for(planned, paint, noise, wide):
    path = paint("a.tif", noise(3, 60, 60), pixel=2.0)
    plan = planned({"rgb": path}, card=wide, options=Options(crs="EPSG:2154"))
    assert CRS.from_wkt(plan.grid.crs).to_epsg() == 2154
    assert plan.grid.resolution == 2.0
    plan = planned({"rgb": path}, card=wide, options=Options(crs="EPSG:4326"))
    east, north = crs_tools.ground_metres(plan.grid.crs, 3.0, 45.15)
    assert plan.grid.transform[0] * east == pytest.approx(2.0, rel=1e-3)
    assert -plan.grid.transform[4] * north == pytest.approx(2.0, rel=1e-3)


def test_a_rotated_layer_gives_the_box_of_its_corners(planned, paint, noise, wide):
    transform = Affine.translation(500000, 5000000) @ Affine.rotation(45) @ Affine.scale(1, -1)
    plan = planned({"rgb": paint("a.tif", noise(3, 100, 100), transform=transform)}, card=wide)
    root = 100 / 2**0.5
    xmin, ymin, xmax, ymax = plan.grid.bounds
    assert xmin == pytest.approx(500000)
    assert ymax == pytest.approx(5000000 + root)
    assert xmax - xmin == pytest.approx(2 * root, abs=1)
    assert ymax - ymin == pytest.approx(2 * root, abs=1)
    assert plan.coverage["rgb"] == pytest.approx(0.5, abs=0.02)


# --- extent and polygons -----------------------------------------------------------------------------------------


def test_an_extent_snaps_outward_to_the_finest_layer(planned, paint, noise, wide):
    path = paint("a.tif", noise(3, 60, 60), pixel=2.0, origin=(500001.0, 5000001.0))
    plan = planned({"rgb": path}, card=wide, area=Area(extent=(500010.5, 4999950.5, 500020.5, 4999960.5)))
    assert plan.grid.bounds == (500009.0, 4999949.0, 500021.0, 4999961.0)


def test_an_extent_in_another_crs(planned, paint, noise, wide):
    path = paint("a.tif", noise(3, 60, 60))
    box = Transformer.from_crs("EPSG:32631", "EPSG:4326", always_xy=True).transform_bounds(
        500010, 4999950, 500030, 4999970
    )
    plan = planned({"rgb": path}, card=wide, area=Area(extent=box, extent_crs="EPSG:4326"))
    assert np.abs(np.subtract(plan.grid.bounds, (500010, 4999950, 500030, 4999970))).max() <= 1


def test_polygons_cut_the_grid_and_mark_pixels(planned, paint, noise, wide, area_file):
    path = paint("a.tif", noise(3, 60, 60))
    triangle = shapely.Polygon([(500010, 4999990), (500030, 4999990), (500010, 4999970)])
    far = shapely.box(500100, 4999900, 500101, 4999901)
    plan = planned({"rgb": path}, card=wide, area=Area(polygons=area_file(triangle, far)))
    assert plan.grid.bounds[0] == 500010
    assert plan.grid.bounds[3] == 4999990
    inside = plan.area_mask.window(Window(0, 0, 20, 20))
    rows, cols = np.mgrid[:20, :20]
    assert (inside == (rows + cols < 19)).all() or (inside == (rows + cols <= 19)).all()
    assert plan.area_mask.touches(Window(0, 0, 5, 5))
    assert not plan.area_mask.touches(Window(15, 15, 5, 5))


def test_polygons_in_another_crs_and_broken_ones(planned, paint, noise, wide, area_file):
    path = paint("a.tif", noise(3, 60, 60))
    carry = Transformer.from_crs("EPSG:32631", "EPSG:4326", always_xy=True)
    bow = [(500010, 4999990), (500030, 4999970), (500030, 4999990), (500010, 4999970)]
    bow = shapely.Polygon([carry.transform(*point) for point in bow])
    plan = planned({"rgb": path}, card=wide, area=Area(polygons=area_file(bow, crs="EPSG:4326")))
    assert any("repaired" in note for note in plan.notes)
    inside = plan.area_mask.window(plan.grid.window)
    assert inside.sum() == pytest.approx(200, abs=25)


def test_of_several_layers_the_first_of_polygons_is_the_area(planned, paint, noise, wide, tmp_path, recwarn):
    path = tmp_path / "area.gpkg"
    layers = {
        "dots": ("Point", shapely.Point(500001, 4999999)),
        "fields": ("MultiPolygon", shapely.MultiPolygon([shapely.box(500010, 4999970, 500030, 4999990)])),
        "town": ("Polygon", shapely.box(500000, 4999940, 500060, 5000000)),
    }
    for name, (kind, geometry) in layers.items():
        wkb, more = shapely.to_wkb(np.array([geometry], object)), {"geometry_type": kind, "crs": "EPSG:32631"}
        pyogrio.raw.write(path, wkb, [], np.array([], object), layer=name, driver="GPKG", append=path.exists(), **more)
    plan = planned({"rgb": paint("a.tif", noise(3, 60, 60))}, card=wide, area=Area(polygons=str(path)))
    assert plan.grid.bounds == (500010.0, 4999970.0, 500030.0, 4999990.0)
    assert any("'fields'" in note and "3" in note for note in plan.notes)
    assert not recwarn.list


def test_a_mask_of_windows_is_the_mask_of_the_whole(planned, paint, noise, wide, area_file):
    blob = shapely.Point(500030, 4999970).buffer(23.3)
    plan = planned({"rgb": paint("a.tif", noise(3, 60, 60))}, card=wide, area=Area(polygons=area_file(blob)))
    whole = plan.area_mask.window(plan.grid.window)
    part = plan.area_mask.window(Window(7, 9, 13, 11))
    assert (part == whole[9:20, 7:20]).all()


def test_a_layer_valid_only_outside_the_polygons_is_absent(planned, paint, noise, wide, area_file):
    nir = np.zeros((60, 60), "uint8")
    nir[:, 30:] = 9
    layers = {"rgb": paint("a.tif", noise(3, 60, 60)), "nir": paint("b.tif", nir, nodata=0)}
    left, corner = shapely.box(500001, 4999945, 500020, 4999999), shapely.Point(500045, 4999945)
    ring = shapely.union(left, shapely.box(500019, 4999941, 500059, 4999942))
    assert planned(layers, card=wide).absent == ()
    assert planned(layers, card=wide, area=Area(polygons=area_file(left))).absent == ("nir",)
    assert planned(layers, card=wide, area=Area(polygons=area_file(ring))).absent == ()
    assert planned(layers, card=wide, area=Area(polygons=area_file(left, corner.buffer(0.1)))).absent == ("nir",)


def test_one_valid_pixel_in_a_large_layer_is_found(planned, paint, noise, wide):
    nir = np.zeros((2000, 2100), "uint8")
    nir[1333, 777] = 5
    layers = {"rgb": paint("a.tif", noise(3, 210, 210), pixel=10.0), "nir": paint("b.tif", nir, nodata=0)}
    assert planned(layers, card=wide).absent == ()


@pytest.mark.parametrize("corner", [(0, 0), (0, -1), (-1, 0), (-1, -1)])
@pytest.mark.parametrize("resolution", [1.0, 40.0])
def test_one_valid_pixel_in_the_corner_of_a_small_layer_is_found(planned, paint, noise, wide, corner, resolution):
    nir = np.zeros((30, 30), "uint8")
    nir[corner] = 5
    layers = {"rgb": paint("a.tif", noise(3, 800, 800)), "nir": paint("b.tif", nir, (500411.0, 4999700.0), nodata=0)}
    assert planned(layers, card=wide, options=Options(resolution=resolution)).absent == ()


def test_coverage_is_the_valid_share(planned, paint, noise, wide):
    nir = noise(60, 60)
    nir[:, :15] = 0
    layers = {"rgb": paint("a.tif", noise(3, 60, 60)), "nir": paint("b.tif", nir, nodata=0)}
    assert planned(layers, card=wide).coverage == {"rgb": 1.0, "nir": 0.75}


def test_coverage_of_a_large_layer_is_close(planned, noise, paint, wide):
    nir = noise(1500, 1700)
    rows, cols = np.mgrid[:1500, :1700]
    nir[(cols - 0.4 * rows < 90) | (cols + rows > 2900)] = 0
    layers = {"rgb": paint("a.tif", noise(3, 1500, 1700)), "nir": paint("b.tif", nir, nodata=0)}
    plan = planned(layers, card=wide)
    assert plan.coverage["rgb"] == 1.0
    assert plan.coverage["nir"] == pytest.approx((nir > 0).mean(), abs=0.03)
    extent = Area(extent=(500000.0, 4998700.0, 500600.0, 4999700.0))
    part = (nir[300:1300, :600] > 0).mean()
    assert planned(layers, card=wide, area=extent).coverage["nir"] == pytest.approx(part, abs=0.03)


def test_coverage_counts_the_polygons_alone(planned, noise, paint, wide, area_file):
    nir = noise(1500, 1700)
    nir[:, 800:] = 0
    layers = {
        "rgb": paint("a.tif", noise(3, 1500, 1700)),
        "nir": paint("b.tif", nir, nodata=0),
        "dsm": paint("c.tif", noise(1500, 400)),
    }
    triangle = area_file(shapely.Polygon([(500000, 5000000), (501600, 5000000), (500000, 4998500)]))
    coverage = planned(layers, card=wide, area=Area(polygons=triangle)).coverage
    assert coverage["rgb"] == 1.0
    assert coverage["nir"] == pytest.approx(0.75, abs=0.04)
    assert coverage["dsm"] == pytest.approx(1 - 0.75**2, abs=0.01)


def test_planning_reads_no_window_twice(planned, paint, noise, wide, monkeypatch):
    windows = []

    class Counting(native.NativeReader):
        def read(self, window):
            windows.append((self.layer.key, window))
            return super().read(window)

    for module in ("native", "layer"):
        monkeypatch.setattr(f"sgma_qgis.model.data.{module}.NativeReader", Counting)
    size = (1100, 1200)
    layers = {"rgb": paint("a.tif", noise(3, *size)), "nir": paint("b.tif", noise(*size), nodata=0)}
    planned({**layers, "dsm": paint("c.tif", noise(*size, dtype="float32"))}, card=wide)
    assert len(set(windows)) == len(windows)
    read = [key for key, _ in windows]
    assert [read.count(key) for key in ("rgb", "nir", "dsm")] == [32, 64, 64]  # 8-bit pictures tell all by half


# --- bands -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "bands"),
    [
        (["blue", "green", "red", "nir"], (3, 2, 1)),
        (["B02 blue", "B03 green", "B04 red", "B08 nir"], (3, 2, 1)),
        (["Red edge", "Red", "Green", "Blue"], (2, 3, 4)),
        ([None] * 4, (1, 2, 3)),
    ],
)
def test_rgb_bands_by_description(planned, paint, noise, wide, names, bands):
    plan = planned({"rgb": paint("a.tif", noise(4, 40, 40), descriptions=names)}, card=wide)
    assert plan.layers[0].source.bands == bands


def test_rgb_bands_by_colour(planned, paint, noise, wide):
    colours = (ColorInterp.undefined, ColorInterp.blue, ColorInterp.green, ColorInterp.red)
    plan = planned({"rgb": paint("a.tif", noise(4, 40, 40), colorinterp=colours)}, card=wide)
    assert plan.layers[0].source.bands == (4, 3, 2)


def test_nir_by_description_and_alone(planned, paint, noise, wide):
    four = paint("a.tif", noise(4, 40, 40), descriptions=["red", "green", "swir infrared", "near_infrared"])
    assert planned({"nir": four}, card=wide).layers[0].source.bands == (4,)
    assert planned({"nir": paint("b.tif", noise(1, 40, 40))}, card=wide).layers[0].source.bands == (1,)


def test_radar_bands_by_polarisation(planned, paint, make_card):
    image = np.full((4, 40, 40), -10, "float32")
    path = paint("a.tif", image, descriptions=["HH", "HV", "VH", "Sigma0_VV"])
    assert planned({"sar": path}, card=make_card(sar=("VV", "VH"))).layers[0].source.bands == (4, 3)


def test_bands_that_no_name_tells_are_stated(planned, paint, noise, wide):
    plan = planned({"rgb": paint("a.tif", noise(5, 40, 40))}, card=wide)
    assert any("bands 1, 2, 3" in note for note in plan.notes)
    plan = planned({"rgb": Source("rgb", paint("b.tif", noise(5, 40, 40)), bands=(1, 2, 3))}, card=wide)
    assert not any("bands" in note for note in plan.notes)


@pytest.mark.parametrize("resolution", [0.5, 2.0])  # the finest or not
def test_of_layers_that_lie_apart_the_fewer_are_named(planned, paint, noise, resolution):
    layers = {"rgb": paint("rgb.tif", noise(3, 40, 40)), "dsm": paint("dsm.tif", noise(40, 40))}
    layers["nir"] = paint("nir.tif", noise(40, 40), origin=(590000.0, 5000000.0), pixel=resolution)
    with pytest.raises(NoDataHere, match=r"NIR layer \S+nir.tif does not overlap RGB \+ DSM.") as caught:
        planned(layers)
    assert caught.value.keys == ("nir",) and caught.value.apart
    with pytest.raises(NoDataHere, match="nir.tif does not overlap the area"):
        planned(layers, area=Area(extent=(500000.0, 4999960.0, 500040.0, 5000000.0), extent_crs="EPSG:32631"))
