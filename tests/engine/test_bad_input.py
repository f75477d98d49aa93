"""Bad input: exit 2, at most three lines that name the file or option, and no file left behind."""

import json
import os
import pickle
import subprocess

import numpy as np
import pyogrio
import pytest
import random_model
import rasters
import shapely


@pytest.fixture
def scene(tmp_path):
    """A folder of layers, good and bad, and an empty output folder."""
    folder = tmp_path / "in"
    rasters.rgb(folder / "rgb.tif", 200, 200, compress="deflate")
    rasters.rgb(folder / "far.tif", 50, 50, origin=(600_000, 5_300_000))
    rasters.write(folder / "nocrs.tif", np.ones((3, 20, 20), np.uint8), crs=None)
    rasters.write(folder / "one.tif", np.ones((1, 20, 20), np.uint8))
    rasters.write(folder / "empty_layer.tif", np.zeros((3, 200, 200), np.uint8), nodata=0)
    (folder / "zero.tif").write_bytes(b"")
    (folder / "text.tif").write_text("not a raster")
    whole = (folder / "rgb.tif").read_bytes()
    (folder / "cut.tif").write_bytes(whole[: len(whole) * 2 // 3])
    box = shapely.to_wkb(np.array([shapely.box(0, 0, 1, 1)]))
    pyogrio.raw.write(folder / "area.gpkg", box, [], [], geometry_type="Polygon", crs=rasters.CRS)
    pyogrio.raw.write(folder / "none.gpkg", box[:0], [], [], geometry_type="Polygon", crs=rasters.CRS)
    (tmp_path / "out").mkdir()
    return tmp_path


CASES = {
    "no modality": ([], ["no layer", "RGB"]),
    "missing file": (["--rgb", "in/nothing.tif"], ["nothing.tif"]),
    "empty file": (["--rgb", "in/zero.tif"], ["zero.tif"]),
    "not a raster": (["--rgb", "in/text.tif"], ["text.tif"]),
    "truncated file": (["--rgb", "in/cut.tif"], ["cut.tif"]),
    "folder": (["--rgb", "in"], ["layer in"]),
    "vector as raster": (["--rgb", "in/area.gpkg"], ["area.gpkg", "vector"]),
    "no overlap": (["--rgb", "in/rgb.tif", "--dsm", "in/far.tif", "--dsm-bands", "1"], ["far.tif"]),
    "no CRS": (["--rgb", "in/nocrs.tif"], ["nocrs.tif", "CRS"]),
    "band out of range": (["--rgb", "in/rgb.tif", "--rgb-bands", "1,2,9"], ["rgb.tif", "9"]),
    "band zero": (["--rgb", "in/rgb.tif", "--rgb-bands", "0,1,2"], ["--rgb-bands", "0"]),
    "wrong number of bands": (["--rgb", "in/rgb.tif", "--rgb-bands", "1,2"], ["rgb.tif"]),
    "bands of no layer": (["--rgb", "in/rgb.tif", "--sar-bands", "1"], ["--sar-bands"]),
    "too few bands": (["--rgb", "in/one.tif"], ["one.tif"]),
    "no NIR among three": (["--nir", "in/rgb.tif"], ["rgb.tif", "--nir-bands"]),
    "nothing valid": (["--rgb", "in/empty_layer.tif"], ["valid"]),
    "area outside": (["--rgb", "in/rgb.tif", "--area", "in/area.gpkg"], ["area.gpkg"]),
    "area empty": (["--rgb", "in/rgb.tif", "--area", "in/none.gpkg"], ["none.gpkg"]),
    "area is a raster": (["--rgb", "in/rgb.tif", "--area", "in/rgb.tif"], ["rgb.tif"]),
    "area missing": (["--rgb", "in/rgb.tif", "--area", "in/nope.gpkg"], ["nope.gpkg"]),
    "extent outside": (["--rgb", "in/rgb.tif", "--extent", "0,0,10,10"], ["rgb.tif", "area"]),
    "extent upside down": (["--rgb", "in/rgb.tif", "--extent", "10,0,0,10"], ["--extent"]),
    "extent not numbers": (["--rgb", "in/rgb.tif", "--extent", "a,b"], ["--extent"]),
    "crs unknown": (["--rgb", "in/rgb.tif", "--crs", "EPSG:0"], ["EPSG:0"]),
    "resolution": (["--rgb", "in/rgb.tif", "--resolution", "-1"], ["resolution"]),
    "tile": (["--rgb", "in/rgb.tif", "--tile", "100"], ["tile"]),
    "overlap": (["--rgb", "in/rgb.tif", "--overlap", "90"], ["overlap"]),
    "minimum area": (["--rgb", "in/rgb.tif", "--polygons", "out/p.gpkg", "--min-area", "0"], ["min-area", "square"]),
    "simplify": (["--rgb", "in/rgb.tif", "--polygons", "out/p.gpkg", "--simplify", "nan"], ["simplify", "metres"]),
    "minimum area of no polygons": (["--rgb", "in/rgb.tif", "--min-area", "9"], ["--min-area", "--polygons"]),
    "simplified no polygons": (["--rgb", "in/rgb.tif", "--simplify", "2"], ["--simplify", "--polygons"]),
    "device": (["--rgb", "in/rgb.tif", "--device", "cuda:7"], ["device"]),
    "backend": (["--rgb", "in/rgb.tif", "--backend", "tensorrt"], ["backend", "openvino"]),
    "unit": (["--rgb", "in/rgb.tif", "--units", "rgb=db"], ["db"]),
    "unit of no layer": (["--rgb", "in/rgb.tif", "--units", "sar=db"], ["sar"]),
    "nodata": (["--rgb", "in/rgb.tif", "--nodata", "rgb=x"], ["--nodata"]),
    "unknown option": (["--rgb", "in/rgb.tif", "--colour", "1"], ["--colour"]),
    "model unknown": (["--rgb", "in/rgb.tif", "--model", "nothing"], ["nothing"]),
    "output folder": (["--rgb", "in/rgb.tif", "--output", "nowhere/map.tif"], ["nowhere"]),
    "output suffix": (["--rgb", "in/rgb.tif", "--output", "out/map.png"], ["map.png"]),
    "output is input": (["--rgb", "in/rgb.tif", "--output", "out/../in/rgb.tif"], ["rgb.tif", "input"]),
    "outputs equal": (["--rgb", "in/rgb.tif", "--trust", "out/map.tif"], ["map.tif"]),
    "output is folder": (["--rgb", "in/rgb.tif", "--output", "d.tif"], ["d.tif"]),
}


@pytest.mark.parametrize("case", CASES)
def test_refused(case, scene, model, cli, monkeypatch):
    monkeypatch.chdir(scene)
    (scene / "d.tif").mkdir()
    arguments, named = CASES[case]
    base = ["segment", "--model", model, "--output", "out/map.tif"]
    before = {path: path.stat().st_mtime_ns for path in scene.rglob("*")}
    code, _, err = cli(*base, *arguments)
    lines = err.strip().splitlines()
    error = lines.index(next(line for line in lines if line.startswith("Error:")))
    assert code == 2
    assert len(lines[error:]) <= 3
    for word in named:
        assert word.lower() in err.lower(), err
    assert {path: path.stat().st_mtime_ns for path in scene.rglob("*") if path.name != "out"} == {
        path: time for path, time in before.items() if path.name != "out"
    }


def damage_card(folder):
    (folder / "card.json").write_text("{")


def damage_schema(folder):
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, "schema": 99}))


def damage_weights(folder):
    data = bytearray((folder / "weights.safetensors").read_bytes())
    data[-1] ^= 1
    (folder / "weights.safetensors").write_bytes(data)


def with_hash(folder, data):
    """Put other weights in, with the hash that fits them."""
    import hashlib

    (folder / "weights.safetensors").write_bytes(data)
    card = json.loads((folder / "card.json").read_text())
    card["weights"]["sha256"] = hashlib.sha256(data).hexdigest()
    (folder / "card.json").write_text(json.dumps(card))


def pickled(folder):
    with_hash(folder, pickle.dumps({"weight": [1, 2, 3]}))


def other_bands(folder):
    card = json.loads((folder / "card.json").read_text())
    card["modalities"][0]["mean"][0] += 1
    (folder / "card.json").write_text(json.dumps(card))


def no_weights(folder):
    (folder / "weights.safetensors").unlink()


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (damage_card, "card.json"),
        (damage_schema, "schema 99"),
        (damage_weights, "SHA-256"),
        (pickled, "safetensors"),
        (other_bands, "rgb"),
        (no_weights, "weights.safetensors"),
    ],
)
def test_damaged_model_is_refused(damage, named, scene, cli, monkeypatch):
    monkeypatch.chdir(scene)
    random_model.make(scene / "model")
    damage(scene / "model")
    code, _, err = cli("segment", "--model", "./model", "--rgb", "in/rgb.tif", "--output", "out/map.tif")
    assert code == 2
    assert named in err
    assert len(err[err.index("Error:") :].strip().splitlines()) <= 3
    assert list((scene / "out").iterdir()) == []


def test_modality_that_the_model_does_not_know(scene, cli, monkeypatch):
    monkeypatch.chdir(scene)
    random_model.make(scene / "model", keys=("nir", "dsm"))
    code, _, err = cli("segment", "--model", "./model", "--rgb", "in/rgb.tif", "--output", "out/map.tif")
    assert code == 2
    assert "RGB" in err
    assert list((scene / "out").iterdir()) == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root to mount")
def test_read_only_folder_is_found_by_trying(scene, model, cli):
    """Permission bits say yes to root: only a write shows that a mount is read-only."""
    mount = scene / "ro"
    mount.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m,ro", "tmpfs", mount], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("cannot mount here")
    try:
        code, _, err = cli("segment", "--model", model, "--rgb", scene / "in/rgb.tif", "--output", mount / "map.tif")
    finally:
        subprocess.run(["umount", mount], check=True)
    assert code == 2
    assert str(mount) in err
    assert "cannot be written" in err
