"""The tile loop on small rasters: exact grids, honest nodata, same pixels whatever the tiling's circumstances."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pyogrio
import pyproj
import pytest
import rasterio
import rasters
import shapely
import torch

from sgma_qgis.model.contract.store import find
from sgma_qgis.model.data.native import sample_windows
from sgma_qgis.model.nn.build import load


def listing(folder):
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file()
    }


def test_outputs_are_what_the_design_says(tmp_path, model, cli):
    inputs, out = tmp_path / "in", tmp_path / "out"
    out.mkdir()
    rgb = rasters.rgb(inputs / "rgb.tif", 200, 300, nodata=0)
    dsm = rasters.write(inputs / "dsm.tif", np.full((100, 75), 5, np.float32), res=1.0)  # western half, coarser
    before = listing(inputs)
    code, result, _ = cli(
        *("segment", "--model", model, "--rgb", rgb, "--dsm", dsm, "--units", "dsm=ndsm", "--json"),
        *("--output", out / "map.tif", "--confidence", out / "c.tif", "--availability", out / "a.tif"),
        *("--trust", out / "t.tif", "--polygons", out / "p.gpkg"),
    )
    assert code == 0
    assert listing(inputs) == before
    assert {p.name for p in out.iterdir()} == {
        *("map.tif", "map.tif.aux.xml", "map.run.json", "c.tif", "a.tif", "a.tif.aux.xml", "t.tif", "p.gpkg")
    }
    card = find(model).card
    with rasterio.open(out / "map.tif") as file:
        assert (file.width, file.height, file.count, file.dtypes[0]) == (300, 200, 1, "uint8")
        assert file.nodata == 255
        assert file.transform.to_gdal() == (500_000, 0.5, 0, 5_300_000, 0, -0.5)
        assert file.crs.to_epsg() == 32632
        colors = file.colormap(1)
        assert all(colors[c.id][:3] == tuple(bytes.fromhex(c.color[1:])) for c in card.classes)
        classes = file.read(1)
    assert set(np.unique(classes)) <= {c.id for c in card.classes}
    confidence = rasters.read(out / "c.tif")[0]
    assert confidence.max() <= 100
    assert "RGB + DSM" in (out / "a.tif.aux.xml").read_text()
    with rasterio.open(out / "a.tif") as file:
        assert file.nodata == 0
        assert len({file.colormap(1)[value] for value in range(1, 16)}) == 15
    availability = rasters.read(out / "a.tif")[0]
    assert (availability[:, :150] == 1 + 4).all()
    assert (availability[:, 150:] == 1).all()
    trust = rasters.read(out / "t.tif").astype(int)
    assert trust.shape == (4, 200, 300)
    assert (abs(trust.sum(0) - 100) <= 2).all()
    assert (trust[[1, 3]] == 0).all()
    assert (trust[0, :, 150:] == 100).all()
    assert set(result) == {
        *("outputs", "grid", "tiles_total", "tiles_run", "tiles_resumed", "tiles_failed"),
        *("device", "backend", "warnings", "class_area_m2"),
    }
    assert result["tiles_total"] == result["tiles_run"] > 1
    assert sum(result["class_area_m2"].values()) == pytest.approx(200 * 300 * 0.25, rel=2e-3)
    run = json.loads((out / "map.run.json").read_text())
    assert run["result"]["outputs"] == result["outputs"]
    meta, _, _, fields = pyogrio.raw.read(out / "p.gpkg", read_geometry=True)
    assert list(meta["fields"]) == ["class_id", "class_name", "area_m2", "conf_mean"]
    assert sum(fields[2]) == pytest.approx(200 * 300 * 0.25, rel=2e-3)


def test_command_in_run_json_repeats_the_run(tmp_path, model, cli):
    rgb = rasters.rgb(tmp_path / "a b.tif", 96, 96)
    out = tmp_path / "map.tif"
    argv = ["segment", "--model", model, "--rgb", rgb, "--rgb-bands", "3,2,1", "--nodata", "rgb=7", "--output", out]
    assert cli(*argv, "--extent=500010,5299960,500030,5299990", "--tile", 64, "--overlap", 25)[0] == 0
    first = out.read_bytes()
    command = json.loads((tmp_path / "map.run.json").read_text())["command"]
    out.unlink()
    assert cli(*command[3:])[0] == 0
    assert out.read_bytes() == first
    with rasterio.open(out) as file:
        assert (file.width, file.height) == (40, 60)
        assert tuple(file.bounds) == (500010, 5299960, 500030, 5299990)


def test_a_pattern_in_a_corner_lies_at_the_same_coordinates(tmp_path, model, cli):
    """Nodata painted as an L in the upper-left corner of NIR is found there, pixel by pixel, in all outputs."""
    rgb = rasters.rgb(tmp_path / "rgb.tif", 260, 270)
    image = rasters.read(rasters.rgb(tmp_path / "nir3.tif", 260, 270, 1))[:1]
    image[:, 3:40, 5:9] = 0
    image[:, 36:40, 5:30] = 0
    nir = rasters.write(tmp_path / "nir.tif", image, nodata=0)
    args = ["segment", "--model", model, "--nir", nir, "--output", tmp_path / "n.tif"]
    assert cli(*args)[0] == 0
    np.testing.assert_array_equal(rasters.read(tmp_path / "n.tif")[0] == 255, image[0] == 0)
    both = tmp_path / "b.tif"
    assert cli(*args[:-1], both, "--rgb", rgb, "--availability", tmp_path / "a.tif")[0] == 0
    assert (rasters.read(both) != 255).all()
    np.testing.assert_array_equal(rasters.read(tmp_path / "a.tif")[0], np.where(image[0] == 0, 1, 3))


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 300), (300, 1), (33, 65), (128, 128), (129, 131)])
def test_any_size_works(tmp_path, model, cli, height, width):
    rgb = rasters.rgb(tmp_path / "rgb.tif", height, width)
    assert cli("segment", "--model", model, "--rgb", rgb, "--output", tmp_path / "map.tif")[0] == 0
    classes = rasters.read(tmp_path / "map.tif")
    assert classes.shape == (1, height, width)
    assert (classes != 255).all()


def test_one_tile_equals_the_bare_network(tmp_path, model, cli):
    rgb = rasters.rgb(tmp_path / "rgb.tif", 128, 128)
    assert cli("segment", "--model", model, "--rgb", rgb, "--output", tmp_path / "map.tif")[0] == 0
    package = find(model)
    network = load(package.card, package.weights(), model)
    present = torch.tensor([[True, False, False, False]])
    with torch.inference_mode():
        logits = network({"rgb": torch.from_numpy(rasters.read(rgb))[None]}, present).logits
    np.testing.assert_array_equal(rasters.read(tmp_path / "map.tif")[0], logits[0].argmax(0).numpy())


def test_absent_layer_changes_no_bit(tmp_path, model, cli):
    """RGB plus SAR that is all nodata gives the bytes of RGB alone, with a warning."""
    rgb = rasters.rgb(tmp_path / "rgb.tif", 200, 200)
    sar = rasters.write(tmp_path / "sar.tif", np.full((2, 500, 500), np.nan, np.float32), res=0.2)
    args = ["segment", "--model", model, "--rgb", rgb, "--confidence", tmp_path / "c.tif", "--output"]
    assert cli(*args, tmp_path / "alone.tif")[0] == 0
    alone = (tmp_path / "alone.tif").read_bytes(), (tmp_path / "c.tif").read_bytes()
    code, result, _ = cli(*args, tmp_path / "both.tif", "--sar", sar, "--json")
    assert code == 0
    assert ((tmp_path / "both.tif").read_bytes(), (tmp_path / "c.tif").read_bytes()) == alone
    assert any("SAR" in text and "absent" in text for text in result["warnings"])
    assert any("neither trained nor measured" in text for text in result["warnings"])


def test_batch_and_threads_do_not_matter(tmp_path, model, cli):
    rgb = rasters.rgb(tmp_path / "rgb.tif", 300, 400)
    dsm = rasters.write(tmp_path / "dsm.tif", np.full((150, 100), 5, np.float32), res=1.0)
    args = ["segment", "--model", model, "--rgb", rgb, "--dsm", dsm, "--units", "dsm=ndsm", "--output"]
    assert cli(*args, tmp_path / "a.tif", "--batch", 1)[0] == 0
    assert cli(*args, tmp_path / "b.tif", "--batch", 5, "--threads", 1)[0] == 0
    same = rasters.read(tmp_path / "a.tif") == rasters.read(tmp_path / "b.tif")
    assert same.mean() > 0.9999


def test_area_polygons(tmp_path, model, cli):
    """Tiles outside are not run, pixels outside are nodata; the polygon may come in another CRS."""
    rgb = rasters.rgb(tmp_path / "rgb.tif", 400, 400)
    corners = [shapely.box(500_010, 5_299_970, 500_030, 5_299_990), shapely.box(500_170, 5_299_810, 500_190, 5_299_830)]
    to_degrees = pyproj.Transformer.from_crs(rasters.CRS, "EPSG:4326", always_xy=True)
    polygons = shapely.transform(np.array(corners), to_degrees.transform, interleaved=False)
    pyogrio.raw.write(
        tmp_path / "area.gpkg", shapely.to_wkb(polygons), [], [], geometry_type="Polygon", crs="EPSG:4326"
    )
    args = ["segment", "--model", model, "--rgb", rgb, "--area", tmp_path / "area.gpkg", "--json", "--output"]
    code, result, _ = cli(*args, tmp_path / "map.tif")
    assert code == 0
    with rasterio.open(tmp_path / "map.tif") as file:
        known = file.read(1) != 255
        col, row = (int(round(v)) for v in (~file.transform) * (500_010, 5_299_990))
    expected = np.zeros(known.shape, bool)
    expected[row : row + 40, col : col + 40] = True
    expected[row + 320 : row + 360, col + 320 : col + 360] = True
    assert (known != expected).mean() < 1e-4  # a degree polygon's edge may fall on the other side of a pixel centre
    assert result["tiles_run"] == 2  # each lies in one tile alone
    assert result["tiles_total"] == 16


def test_the_map_of_an_extent_or_area_is_a_cut_of_the_whole(tmp_path, model, cli):
    """Where one looks does not change what one sees: same tiles, same pixels, confidence and trust included."""
    rgb = rasters.rgb(tmp_path / "rgb.tif", 600, 700)
    dsm = rasters.write(tmp_path / "dsm.tif", np.random.default_rng(0).random((300, 200)).astype(np.float32), res=1.0)
    layers = ["--rgb", rgb, "--dsm", dsm, "--units", "dsm=dsm"]

    def run(name, *more):
        outputs = [tmp_path / f"{name}_{role}.tif" for role in ("map", "confidence", "trust")]
        options = zip(("--output", "--confidence", "--trust"), outputs, strict=True)
        assert cli("segment", "--model", model, *layers, *(part for pair in options for part in pair), *more)[0] == 0
        return np.concatenate([rasters.read(path) for path in outputs])

    whole = run("whole")
    extent = run("extent", "--extent=500090,5299800,500200,5299930")
    assert extent.shape == (6, 260, 220)
    np.testing.assert_array_equal(extent, whole[:, 140:400, 180:400])
    box = shapely.to_wkb(np.array([shapely.box(500_090, 5_299_800, 500_200, 5_299_930)]))
    pyogrio.raw.write(tmp_path / "area.gpkg", box, [], [], geometry_type="Polygon", crs=rasters.CRS)
    np.testing.assert_array_equal(run("area", "--area", tmp_path / "area.gpkg"), extent)


def test_trust_bands_are_plain_numbers(tmp_path, model, cli):
    """Not red, green, blue and transparency, as four bands of bytes are by default."""
    rgb = rasters.rgb(tmp_path / "rgb.tif", 64, 64)
    args = ["--output", tmp_path / "map.tif", "--trust", tmp_path / "trust.tif"]
    assert cli("segment", "--model", model, "--rgb", rgb, *args)[0] == 0
    with rasterio.open(tmp_path / "trust.tif") as file:
        assert {interpretation.name for interpretation in file.colorinterp} <= {"gray", "undefined"}
        assert file.descriptions == ("RGB", "NIR", "DSM", "SAR")


def test_same_command_from_another_folder(tmp_path, model, cli, monkeypatch):
    """Relative paths are written in full into run.json."""
    rasters.rgb(tmp_path / "in" / "rgb.tif", 64, 64)
    monkeypatch.chdir(tmp_path / "in")
    assert cli("segment", "--model", model, "--rgb", "rgb.tif", "--output", "map.tif")[0] == 0
    first = (tmp_path / "in" / "map.tif").read_bytes()
    command = json.loads((tmp_path / "in" / "map.run.json").read_text())["command"]
    (tmp_path / "in" / "map.tif").unlink()
    monkeypatch.chdir(tmp_path)
    assert cli(*command[3:])[0] == 0
    assert (tmp_path / "in" / "map.tif").read_bytes() == first


def test_check_says_what_would_be_read(tmp_path, model, cli):
    """Also with nodata NaN, which JSON cannot hold."""
    dsm = np.full((80, 90), 5, np.float32)
    dsm[:40] = np.nan
    layer = rasters.write(tmp_path / "dsm.tif", dsm, nodata=np.nan)
    code, result, _ = cli("check", "--model", model, "--dsm", layer, "--units", "dsm=ndsm", "--json")
    assert code == 0
    assert result["coverage"]["dsm"] == pytest.approx(0.5, abs=0.02)
    assert result["layers"][0]["nodata"] == ["nan"]
    assert cli("check", "--model", model, "--dsm", layer)[0] == 0
    assert cli("segment", "--model", model, "--dsm", layer, "--output", tmp_path / "map.tif")[0] == 0
    assert json.loads((tmp_path / "map.run.json").read_text())["layers"][0]["nodata"] == ["nan"]


def test_models_and_info(model, cli, monkeypatch, capsys):
    monkeypatch.setenv("SGMA_DATA_DIR", str(Path(model).parents[1] / "none"))
    assert cli("info", model)[0] == 0
    assert cli("info", "town-demo", "--json")[1]["caution"].startswith("Trained on generated towns")
    assert cli("info", model, "--json")[1]["id"] == "random"
    assert cli("models")[0] == 0


def test_unreadable_tile_is_a_gap(tmp_path, model, cli):
    """A block damaged where nothing was sampled before the start: exit 4, the gap is told, the rest is there."""
    size, block = 2048, 32
    options = {"compress": "deflate", "tiled": True, "blockxsize": block, "blockysize": block}
    rgb = rasters.rgb(tmp_path / "rgb.tif", size, size, **options)
    sampled = np.zeros((size, size), bool)
    for w in sample_windows(size, size):
        sampled[w.row : w.row + w.height, w.col : w.col + w.width] = True
    sampled = sampled.reshape(size // block, block, -1, block).any((1, 3))
    row, col = next((r, c) for r, c in np.argwhere(~sampled) if 8 < r < 56 and 8 < c < 56 and (r, c) != (32, 32))
    with rasterio.open(rgb) as file:
        offset = int(file.get_tag_item(f"BLOCK_OFFSET_{col}_{row}", "TIFF", bidx=1))
        length = int(file.get_tag_item(f"BLOCK_SIZE_{col}_{row}", "TIFF", bidx=1))
    data = bytearray(rgb.read_bytes())
    data[offset : offset + length] = b"\xff" * length
    rgb.write_bytes(data)
    args = ["segment", "--model", model, "--rgb", rgb, "--output", tmp_path / "map.tif", "--json"]
    code, result, _ = cli(*args, "--tile", 512)
    assert code == 4
    assert result["tiles_failed"] > 0
    assert any(text.startswith("Gap:") and "rgb.tif" in text for text in result["warnings"])
    classes = rasters.read(tmp_path / "map.tif")[0]
    assert classes[row * block + 16, col * block + 16] == 255
    assert (classes != 255).mean() > 0.7
