"""Real layers with the faults that real layers have. Meaningless maps (random weights), exact expectations."""

import itertools

import numpy as np
import pytest
import rasterio
import rasters

from sgma_qgis.model.contract.modality import KEYS


@pytest.fixture
def run(cli, model, tmp_path):
    """Run segment on layers; return (result, classes, availability, folder)."""

    def segment(*layers, name="map"):
        out = tmp_path / f"{name}.tif"
        available = tmp_path / f"{name}_available.tif"
        code, result, err = cli(
            *("segment", "--model", model, *layers, "--output", out, "--availability", available, "--json")
        )
        assert code == 0, err
        return result, rasters.read(out)[0], rasters.read(available)[0], out

    return segment


def test_radar_swath_over_part_of_the_picture(run, shared_data):
    """SpaceNet 6: a class wherever RGB is, the swath in the availability, no hole."""
    folder = shared_data / "spacenet6_rotterdam"
    rgb, sar = folder / "rgb.tif", folder / "sar_quadpol_db.tif"
    _, classes, available, out = run("--rgb", rgb, "--sar", sar, "--sar-bands", "4,3")
    assert classes.shape == (200, 200)
    assert (classes != 255).all()
    assert (available & 1 == 1).all()
    with rasterio.open(sar) as file:
        swath = np.isfinite(file.read([3, 4])).all(0)
    assert ((available & 8 > 0) == swath).mean() > 0.98  # the two grids differ by centimetres
    assert 0.5 < (available & 8 > 0).mean() < 0.7


def test_month_without_optical_data(run, shared_data):
    """WorldCereal, January: optical is found absent, radar and heights are used."""
    folder = shared_data / "worldcereal_4modal"
    optical = folder / "S2_2021-01.tif"
    result, classes, available, _ = run(
        *("--rgb", optical, "--rgb-bands", "3,2,1", "--nir", optical, "--nir-bands", "7"),
        *("--sar", folder / "S1_2021-01.tif", "--dsm", folder / "DEM.tif", "--dsm-bands", "1"),
    )
    assert (classes != 255).all()
    assert (available == 4 + 8).all()
    text = " ".join(result["warnings"])
    assert "RGB holds only nodata" in text
    assert "NIR holds only nodata" in text


def test_degrees_become_a_metric_grid(run, shared_data):
    """Sen1Floods11: EPSG:4326 in, UTM out, about 10 m."""
    folder = shared_data / "sen1floods11_spain"
    optical = folder / "Spain_7370579_S2.tif"
    result, classes, _, out = run(
        *("--rgb", optical, "--rgb-bands", "4,3,2", "--nir", optical, "--nir-bands", "8"),
        *("--sar", folder / "Spain_7370579_S1.tif", "--sar-bands", "1,2"),
    )
    with rasterio.open(out) as file:
        assert file.crs.to_epsg() == 32630
        assert file.crs.linear_units == "metre"
        assert 7 < file.res[0] < 11
    assert result["grid"]["resolution"] == pytest.approx(file.res[0])
    assert (classes != 255).mean() > 0.9


def test_round_scene_keeps_its_nodata(run, shared_data):
    """Rural IGN: a third of the rectangle lies outside the circle and stays nodata."""
    folder = shared_data / "ign_rgbn_lidar" / "rural_48465_663263"
    layers = [f for key in ("rgb", "nir", "dsm") for f in (f"--{key}", folder / f"{key}.tif")]
    _, classes, available, _ = run(*layers, "--nodata", "rgb=0,nir=0")
    with rasterio.open(folder / "dsm.tif") as file:
        outside = file.read(1) == file.nodata
    assert 0.3 < outside.mean() < 0.4
    nowhere = available == 0
    np.testing.assert_array_equal(classes == 255, nowhere)
    assert (nowhere & ~outside).sum() == 0
    assert nowhere[outside].mean() > 0.98


def test_urban_scene_of_two_resolutions(run, shared_data):
    folder = shared_data / "ign_rgbn_lidar" / "urban_77055_627760"
    layers = [f for key in ("rgb", "nir", "dsm") for f in (f"--{key}", folder / f"{key}.tif")]
    result, classes, available, out = run(*layers)
    with rasterio.open(folder / "rgb.tif") as rgb, rasterio.open(out) as file:
        assert file.transform == rgb.transform
        assert file.shape == rgb.shape
    assert (classes != 255).all()
    assert (available[5:-5, 5:-5] == 7).all()


def test_all_fifteen_combinations(run, shared_data):
    """TerraMesh: every combination of four sensors gives a whole map on the same grid."""
    folder = shared_data / "terramesh_4modal" / "433D_629L_3_1"
    layers = {
        "rgb": ["--rgb", folder / "S2L2A.tif", "--rgb-bands", "4,3,2"],
        "nir": ["--nir", folder / "S2L2A.tif", "--nir-bands", "8"],
        "dsm": ["--dsm", folder / "DEM.tif"],
        "sar": ["--sar", folder / "S1RTC.tif"],
    }
    grids, bits = set(), {"rgb": 1, "nir": 2, "dsm": 4, "sar": 8}
    for size in range(1, 5):
        for keys in itertools.combinations(KEYS, size):
            result, classes, available, _ = run(*itertools.chain(*(layers[key] for key in keys)), name="_".join(keys))
            grids.add((*result["grid"]["transform"], *classes.shape))
            assert (classes != 255).all()
            assert (available == sum(bits[key] for key in keys)).all()
    assert len(grids) == 1
