"""What training makes of layers with labels: roles, tiles, units, classes, resolutions."""

import json
from dataclasses import replace

import numpy as np
import pytest
import rasters
import shapely
import torch

from sgma_qgis.model.contract.card import Card, ClassInfo, ModalityStats, NetworkSpec
from sgma_qgis.model.contract.job import Source
from sgma_qgis.model.contract.learning import TrainJob
from sgma_qgis.model.data import place as place_module
from sgma_qgis.model.data.labels import IGNORE
from sgma_qgis.model.training.dataset import Crops
from sgma_qgis.model.training.open_data import keep_areas, open_training_data
from tests.training.layer_place import HEIGHT, WIDTH, X, Y, box, draw

CROPS = Crops(side=32, batch=8, scales=(1.0, 1.0), seed=3)
STATS = ModalityStats("nir", ("nir",), "dn16", (5.0,), (900.0,), (300.0,), (77.0,))
CLASSES = (ClassInfo(4, "grass", "#00ff00"), ClassInfo(9, "stone", "#888888"))
BASE = Card("base", "Base", CLASSES, (STATS,), NetworkSpec("small", "mean"), (0.3, 0.6, 1.0), 128, "w", "0" * 64)


def test_parts_are_tiles_of_the_role(opened):
    data = opened()
    assert data.names == ("train", "validation", "test")
    parts = list(data.parts("validation"))
    assert sum(int((part.labels != IGNORE).sum()) for part in parts) == data.labelled("validation") == 80 * HEIGHT
    assert parts[0].labels.shape[1:] == (128, 128)
    assert data.available() == {("rgb", "nir", "dsm")}
    told = []
    few = list(data.parts("train", 3, lambda *row: told.append(row)))
    assert len(few) == 3
    assert told[-1] == (3, 3)
    again = list(data.parts("train", 3))
    assert all(torch.equal(one.labels, other.labels) for one, other in zip(few, again, strict=True))


def test_complete_squares_have_every_sensor(opened):
    found = list(opened().complete(32, 3))
    assert len(found) == 3
    for part in found:
        assert part.valid.shape == (1, 3, 32, 32)
        assert part.valid.flatten(2).any(2).all()


def test_values_come_in_the_unit_of_the_card(opened, place):
    grey = np.random.default_rng(0).integers(200, 4000, (1, HEIGHT, WIDTH)).astype(np.uint16)
    rasters.write(place / "reflectance.tif", grey)
    data = opened(layers=(Source("nir", str(place / "reflectance.tif"), unit="reflectance10000"),))
    (row,) = data.modalities
    assert row.unit == "reflectance"
    assert row.low[0] == pytest.approx(0.0276, abs=2e-3)
    assert row.high[0] == pytest.approx(0.3924, abs=2e-3)
    batch = next(iter(data.epoch(CROPS, 0)))
    gain, offset = (side[:, :, None, None] for side in batch.affine["nir"])
    assert 0.1 < float((batch.values["nir"] * gain + offset).mean()) < 0.4


def test_a_base_keeps_its_rows_and_classes(opened, tmp_path):
    path = tmp_path / "map.json"
    path.write_text(json.dumps({"1": 9, "2": "new:Water", "3": "ignore"}))
    data = opened(layers=("rgb", "nir"), base=BASE, class_map=str(path))
    assert data.modalities[1] is STATS
    assert data.modalities[0].high != (1.0,) * 3
    assert data.gsd == BASE.gsd
    assert data.classes[:2] == CLASSES
    assert data.classes[2].name == "Water"
    assert data.class_counts()[0] == 0
    two = opened(
        layers=(Source("nir", str(tmp_path / "two.tif"), (1, 2), "dn16"),), base=two_bands(tmp_path)
    ).modalities
    assert two[0].bands == ("band 1", "band 2")
    assert two[0].high[1] > 5


def two_bands(folder):
    """Write a raster of two bands and return the base that knows one."""
    rasters.write(folder / "two.tif", np.random.default_rng(0).integers(1, 9, (2, HEIGHT, WIDTH)).astype(np.uint16))
    return BASE


def test_without_a_base_the_resolution_is_the_layers_own(opened):
    assert opened().gsd == pytest.approx((0.333, 0.5, 0.75))
    assert opened(gsd=(0.2, 0.5, 0.9)).gsd == (0.2, 0.5, 0.9)


def test_areas_are_proposed(opened):
    data = opened(areas="")
    assert data.names == ("train", "validation", "test")
    assert data.summary["train"]["areas"] == "proposed"
    assert data.summary["train"]["pixels"].keys() == {"Class 1", "Class 2", "Class 3"}
    assert data.labelled("train") > data.labelled("validation") > 0


def test_areas_without_a_test_part_say_so(opened, feedback, tmp_path, monkeypatch):
    found, said = place_module.propose, []
    monkeypatch.setattr(feedback, "info", said.append)

    def without_test(*args):
        whole = found(*args)
        polygons = {role: mask for role, mask in whole.areas.polygons.items() if role != "test"}
        shares = {role: share for role, share in whole.shares.items() if role != "test"}
        return replace(whole, areas=replace(whole.areas, polygons=polygons), shares=shares)

    def told(name):
        said.clear()
        data = opened(areas="")
        keep_areas(data, tmp_path / name, feedback)
        return " ".join(said)

    assert "on the same ground" in told("tested")
    monkeypatch.setattr(place_module, "propose", without_test)
    text = told("untested")
    assert "There is no test data" in text
    assert "are kept in" in text
    assert "on the same ground" not in text


def test_points_and_a_labelled_area(opened, place):
    rng = np.random.default_rng(0)
    spots = [("tree", shapely.Point(X + 0.5 * c, Y - 0.5 * r)) for r, c in rng.integers(20, 300, (30, 2))]
    draw(place / "points.gpkg", spots)
    draw(place / "looked.gpkg", [(1, box(0, 0, 320, HEIGHT))])
    data = opened(labels="points.gpkg", areas="", radius=2.0, labelled_area=str(place / "looked.gpkg"))
    assert [info.name for info in data.classes] == ["background", "tree"]
    named = opened(
        labels="points.gpkg", areas="", radius=2.0, labelled_area=str(place / "looked.gpkg"), background="meadow"
    )
    assert [info.name for info in named.classes] == ["meadow", "tree"]


@pytest.mark.parametrize(
    ("layers", "labels", "field", "crop"),
    [
        ({"rgb": "rgb.tif", "nir": "nir.tif", "dsm": "dsm.tif"}, "label_polygons.gpkg", "class_name", 64),
        ({"rgb": "rgb.tif", "dsm": "ndsm.tif"}, "label.tif", "", 32),
    ],
)
def test_real_layers_of_two_resolutions(shared_data, feedback, tmp_path, layers, labels, field, crop):
    folder = shared_data / "ign_rgbn_lidar" / "rural_48465_663263"
    sources = tuple(Source(key, str(folder / name)) for key, name in layers.items())
    job = TrainJob("small", "m", sources, str(folder / labels), class_field=field)
    data = open_training_data(job, None, crop=crop, scales=(0.7, 1.5), work=tmp_path, feedback=feedback)
    assert data.names == ("train", "validation", "test")
    assert (data.class_counts() > 0).all()
    batch = next(iter(data.epoch(Crops(crop, 8, (0.7, 1.5), 0), 0)))
    assert batch.labels[0].shape == (crop, crop)
    assert len(set(batch.labels.unique().tolist()) - {IGNORE}) >= 3


def test_real_layers_in_degrees(shared_data, feedback, tmp_path):
    stem = str(shared_data / "sen1floods11_spain" / "Spain_7370579_")
    sources = (Source("rgb", stem + "S2.tif", (4, 3, 2)), Source("sar", stem + "S1.tif"))
    job = TrainJob("small", "m", sources, stem + "label.tif")
    data = open_training_data(job, None, crop=64, scales=(0.7, 1.5), work=tmp_path, feedback=feedback)
    assert [info.name for info in data.classes] == ["Class 0", "Class 1"]  # -1 is nodata
    batch = next(iter(data.epoch(Crops(64, 8, (0.7, 1.5), 0), 0)))
    assert all(torch.isfinite(values).all() for values in batch.values.values())
