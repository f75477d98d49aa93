"""The command `areas`: what it writes, training takes; what it cannot use is one sentence."""

import json

import numpy as np
import pyogrio
import pytest
import rasters
import shapely

from sgma_qgis.model.__main__ import main


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A picture of 256 x 256 m and squares of two classes all over it."""
    folder = tmp_path_factory.mktemp("place")
    rasters.rgb(folder / "rgb.tif", 256, 256, res=1.0)
    rng = np.random.default_rng(0)
    x, y = rasters.ORIGIN[0] + rng.integers(0, 245, 60), rasters.ORIGIN[1] - rng.integers(12, 250, 60)
    shapes = shapely.to_wkb(shapely.box(x, y, x + 8, y + 8)).astype(object)
    kinds = np.array(["tree", "lawn"] * 30, object)
    pyogrio.raw.write(folder / "labels.gpkg", shapes, [kinds], ["kind"], geometry_type="Polygon", crs=rasters.CRS)
    return folder


def run(place, capsys, *words):
    code = main(["areas", "--rgb", str(place / "rgb.tif"), "--labels", str(place / "labels.gpkg"), *map(str, words)])
    return code, capsys.readouterr()


def test_a_proposal_is_written_and_told(place, capsys, tmp_path):
    code, told = run(place, capsys, "--crop", 16, "--output", tmp_path / "areas.gpkg", "--json")
    assert code == 0
    result = json.loads(told.out)
    assert result["gap_m"] == 16
    assert set(result["roles"]) == {"train", "validation", "test"}
    assert all(set(shares) == {"lawn", "tree"} for shares in result["roles"].values())
    assert result["roles"]["train"]["tree"] > 0.4
    meta, _, _, (roles,) = pyogrio.raw.read(tmp_path / "areas.gpkg")
    assert set(roles) == {"train", "validation", "test"}
    assert "32632" in meta["crs"]
    code, told = run(place, capsys, "--crop", 16, "--output", tmp_path / "areas.gpkg")
    assert (code, "is there already" in told.err) == (2, True)  # perhaps edited by hand since
    code, told = run(place, capsys, "--crop", 16, "--output", tmp_path / "areas.gpkg", "--overwrite")
    assert code == 0
    assert told.out.startswith("train      lawn ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--output", "areas.shp"], "must end in .gpkg"),
        (["--output", "areas.gpkg", "--crop", "0"], "--crop 0 must be 1 or more"),
        (["--output", "areas.gpkg", "--labels", ""], "none are given"),
        (["--output", "areas.gpkg", "--class-field", "sort"], "no field 'sort'; it has kind"),
        (["--output", "areas.gpkg", "--base", "nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_used(place, capsys, tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    code, told = run(place, capsys, *words)
    assert code == 2
    assert message in told.err
    assert len(told.err.strip().splitlines()) <= 3
    assert list(tmp_path.iterdir()) == []


def test_labels_are_not_replaced_by_areas(place, capsys):
    before = (place / "labels.gpkg").read_bytes()
    code, told = run(place, capsys, "--output", place / "labels.gpkg", "--overwrite")
    assert code == 2
    assert "(--output) is also an input" in told.err
    assert (place / "labels.gpkg").read_bytes() == before
