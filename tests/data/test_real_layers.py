"""Real files with their real oddities."""

import numpy as np
import pytest
from pyproj import CRS

from sgma_qgis.model.contract.job import Source
from sgma_qgis.model.data.raster import LabelReader, LayerReader

URBAN = "ign_rgbn_lidar/urban_77055_627760"


@pytest.fixture
def read(planned):
    """Plan layers and read each over the whole grid: (plan, {key: (values, valid)})."""

    def run(layers, card):
        plan = planned(layers, card=card)
        out = {}
        for layer in plan.layers:
            with LayerReader(layer, plan.grid) as reader:
                out[layer.key] = reader.read(plan.grid.window)
        return plan, out

    return run


def test_urban_scene_of_two_resolutions(copied, read, make_card):
    layers = {key: copied(f"{URBAN}/{key}.tif") for key in ("rgb", "nir", "dsm")}
    plan, out = read(layers, make_card(gsd=(0.1, 0.5, 1.0)))
    assert (plan.grid.width, plan.grid.height, plan.grid.resolution) == (252, 252, 0.2)
    assert {layer.key: layer.source.unit for layer in plan.layers} == {"rgb": "dn8", "nir": "dn8", "dsm": "dsm"}
    assert plan.coverage["dsm"] == pytest.approx(250 * 250 / 252**2)
    heights, valid = out["dsm"]
    assert heights[0][valid].min() > -1
    _, normalised = read({**layers, "dsm": copied(f"{URBAN}/ndsm.tif")}, make_card(gsd=(0.1, 0.5, 1.0)))
    truth, both = normalised["dsm"][0][0], valid & normalised["dsm"][1]
    assert np.corrcoef(truth[both], heights[0][both])[0, 1] > 0.95
    assert abs(np.median(truth[both] - heights[0][both])) < 0.5


def test_labels_on_a_finer_grid(copied, planned, make_card):
    plan = planned({"rgb": copied(f"{URBAN}/rgb.tif")}, card=make_card(gsd=(0.1, 0.5, 1.0)))
    with LabelReader(copied(f"{URBAN}/label.tif"), plan.grid) as reader:
        labels = reader.read(plan.grid.window)
    assert set(np.unique(labels)) == {1, 2, 3, 4, 255}
    assert (labels[0] == 255).all()


def test_four_modalities_with_named_bands(copied, read, make_card):
    folder = "terramesh_4modal/433D_629L_3_1"
    optical = copied(f"{folder}/S2L2A.tif")
    layers = {"rgb": optical, "nir": optical, "dsm": copied(f"{folder}/DEM.tif"), "sar": copied(f"{folder}/S1RTC.tif")}
    plan, out = read(layers, make_card(gsd=(5.0, 10.0, 20.0), sar=("VV", "VH")))
    assert [layer.source.bands for layer in plan.layers] == [(4, 3, 2), (8,), (1,), (1, 2)]
    assert [layer.source.unit for layer in plan.layers] == ["reflectance10000", "reflectance10000", "dsm", "db"]
    assert all(valid.all() for _, valid in out.values())
    assert out["rgb"][0].dtype == np.int16
    assert len(plan.warnings) == 2  # reflectance for a model of 8-bit numbers


def test_a_month_without_optical_data(copied, read, make_card):
    folder = "worldcereal_4modal"
    optical = copied(f"{folder}/S2_2021-01.tif")
    layers = {
        "rgb": optical,
        "nir": optical,
        "dsm": copied(f"{folder}/DEM.tif"),
        "sar": copied(f"{folder}/S1_2021-01.tif"),
    }
    plan, out = read(layers, make_card(gsd=(5.0, 10.0, 20.0), sar=("VV", "VH")))
    assert plan.absent == ("rgb", "nir")
    assert tuple(out) == ("dsm", "sar")
    assert sum("absent" in warning for warning in plan.warnings) == 2


def test_degrees_and_nan(copied, read, make_card):
    folder = "sen1floods11_spain/Spain_7370579"
    card = make_card(gsd=(5.0, 10.0, 20.0), sar=("VV", "VH"))
    plan, out = read({"rgb": copied(f"{folder}_S2.tif"), "sar": copied(f"{folder}_S1.tif")}, card)
    assert CRS.from_wkt(plan.grid.crs).to_epsg() == 32630
    assert 7.8 < plan.grid.resolution < 10
    assert (out["rgb"][1] == out["sar"][1]).mean() > 0.999
    assert np.isfinite(out["sar"][0]).all()
    assert -25 < np.median(out["sar"][0][:, out["sar"][1]]) < -5


def test_radar_that_covers_a_part_on_a_grid_off_by_centimetres(copied, read, make_card):
    folder = "spacenet6_rotterdam"
    plan, out = read(
        {"rgb": copied(f"{folder}/rgb.tif"), "sar": copied(f"{folder}/sar_quadpol_db.tif")},
        make_card(gsd=(1.0, 4.0, 20.0), sar=("VV", "VH")),
    )
    assert plan.layers[1].source.bands == (4, 3)
    assert out["rgb"][1].all()
    assert out["sar"][1].mean() == pytest.approx(0.61, abs=0.01)
    assert np.isfinite(out["sar"][0]).all()


def test_rotated_complex_radar(copied, read, make_card):
    plan, out = read(
        {"sar": copied("spacenet6_rotterdam/sar_complex_vv.tif")}, make_card(("sar",), gsd=(1.0, 4.0, 20.0))
    )
    assert plan.layers[0].source.unit == "complex"
    assert plan.grid.resolution == 2.5
    values, valid = out["sar"]
    assert valid.mean() > 0.95
    assert np.isfinite(values).all()
    assert any("calibrated" in warning for warning in plan.warnings)


def test_infrared_flagged_alpha(copied, read, make_card):
    path = copied("naip_urban_trees/images/chico_2020_0.tif")
    for layers in ({"rgb": path}, {"rgb": path, "nir": path}, {"nir": Source("nir", path, bands=(4,))}):
        _, out = read(layers, make_card(gsd=(0.3, 0.6, 1.0)))
        assert all(valid.all() for _, valid in out.values())
