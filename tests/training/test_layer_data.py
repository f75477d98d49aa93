"""Training straight from layers: crops balanced by class, the same for the same chance, nothing of held-out ground."""

import json
import threading
import time

import numpy as np
import pyogrio
import pytest
import rasters
import shapely
import torch

from sgma_qgis.model.contract.card import Card, ClassInfo, ModalityStats, NetworkSpec
from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.model.contract.job import Source
from sgma_qgis.model.contract.learning import TrainJob
from sgma_qgis.model.data import ground
from sgma_qgis.model.data.labels import IGNORE
from sgma_qgis.model.feedback import JobFeedback
from sgma_qgis.model.training.dataset import Crops
from sgma_qgis.model.training.open_data import open_training_data

HEIGHT, WIDTH, GSD = 320, 640, 0.5
X, Y = rasters.ORIGIN
CROPS = Crops(side=32, batch=8, scales=(1.0, 1.0), seed=3)
HELD = 60_000  # pixel value of held-out ground


def box(col, row, width, height):
    """Return a box in pixels of the layers."""
    return shapely.box(X + col * GSD, Y - (row + height) * GSD, X + (col + width) * GSD, Y - row * GSD)


ONE, TWO = box(0, 0, 90, 90), box(200, 0, 90, 90)


def draw(path, rows, field="kind", crs=rasters.CRS):
    """Write (value, shape) as a GeoPackage."""
    values = [value for value, _ in rows]
    column = np.array(values, object if any(isinstance(v, (str, type(None))) for v in values) else None)
    wkb = np.array(shapely.to_wkb([shape for _, shape in rows]), object)
    pyogrio.raw.write(path, wkb, [column], [field], geometry_type=rows[0][1].geom_type, crs=crs)
    return str(path)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Layers that hold their own position, labels that follow from it, and areas."""
    folder = tmp_path_factory.mktemp("place")
    rows, cols = np.mgrid[:HEIGHT, :WIDTH].astype(np.uint16)
    held = cols >= 480
    rgb = np.stack([rows, cols, rows + cols]) + 1
    rgb[:, held] = HELD
    rasters.write(folder / "rgb.tif", rgb)
    nir = (3 * rows + 2 * cols + 1).astype(np.float32)
    nir[10:20, 10:20] = np.nan
    nir[30, 30] = np.inf
    rasters.write(folder / "nir.tif", nir)
    coarse = np.mgrid[: HEIGHT // 4, : WIDTH // 4][0].astype(np.float32) * 4 + 1.5
    rasters.write(folder / "dsm.tif", coarse, res=4 * GSD)
    labels = (rows // 40 + cols // 40).astype(np.uint8) % 2 + 1
    labels[::160, ::160] = 3  # eight single pixels
    rasters.write(folder / "labels.tif", labels, nodata=0)
    draw(
        folder / "areas.gpkg",
        [("train", box(0, 0, 440, HEIGHT)), ("validation", box(480, 0, 80, HEIGHT)), ("test", box(600, 0, 40, HEIGHT))],
        "role",
    )
    return folder


@pytest.fixture
def opened(place, feedback, tmp_path):
    """Open data as `train` does; options are those of a TrainJob."""

    def open_(layers=("rgb", "nir", "dsm"), labels="labels.tif", areas="areas.gpkg", base=None, crop=32, **more):
        def path(name):
            return str(place / name) if name else ""

        job = TrainJob(
            "small",
            str(tmp_path / "model"),
            tuple(
                Source(key, path(f"{key}.tif"), unit={"dsm": "ndsm"}.get(key, "dn16")) if isinstance(key, str) else key
                for key in layers
            ),
            path(labels),
            areas=path(areas),
            tile=more.pop("tile", 128),
            **more,
        )
        return open_training_data(job, base, crop=crop, scales=(0.7, 1.5), work=tmp_path / "work", feedback=feedback)

    return open_


def same(one, other):
    """Tell whether two batches are equal to the bit."""
    pairs = [(one.valid, other.valid), (one.labels, other.labels)]
    pairs += [(one.values[key], other.values[key]) for key in one.values]
    pairs += [pair for key in one.affine for pair in zip(one.affine[key], other.affine[key])]
    return all(torch.equal(a, b) for a, b in pairs)


def test_one_geometry_for_all_sensors_and_labels(opened):
    data = opened()
    assert [row.key for row in data.modalities] == ["rgb", "nir", "dsm"]
    seen = 0
    for batch in data.epoch(CROPS, 0):
        valid, rgb = batch.valid, batch.values["rgb"]
        rows, cols = rgb[:, 0] - 1, rgb[:, 1] - 1
        assert valid[:, 0].any((1, 2)).all()
        both = valid[:, 0] & valid[:, 1]
        assert torch.equal(batch.values["nir"][:, 0][both], (3 * rows + 2 * cols + 1)[both])
        inner = valid[:, 0] & valid[:, 2] & (rows >= 4) & (rows < HEIGHT - 4)
        torch.testing.assert_close(batch.values["dsm"][:, 0][inner], rows[inner], atol=1e-3, rtol=0)
        known = batch.labels != IGNORE
        rare = (rows % 160 == 0) & (cols % 160 == 0)
        expected = torch.where(rare, 2, (rows // 40 + cols // 40) % 2).to(torch.uint8)
        assert torch.equal(batch.labels[known], expected[known])
        assert (known.flatten(1).sum(1) > 0).all()
        seen += len(batch)
    assert seen == data.steps(8) * 8 >= 128


def test_nothing_of_held_out_ground_is_shown(opened):
    for batch in opened().epoch(Crops(64, 8, (0.7, 1.5), 0), 0):
        assert not (batch.values["rgb"] * batch.valid[:, :1] >= HELD - 1).any()
        cols = batch.values["rgb"][:, 1]
        assert not ((batch.labels != IGNORE) & (cols > 441)).any()  # nor a label that lies between the areas


def test_pixels_that_are_no_numbers_are_not_valid(opened):
    hidden = 0
    for batch in opened(areas="").epoch(CROPS, 0):
        assert all(torch.isfinite(values).all() for values in batch.values.values())
        rows, cols = batch.values["rgb"][:, 0] - 1, batch.values["rgb"][:, 1] - 1
        holes = (rows >= 10) & (rows < 20) & (cols >= 10) & (cols < 20) & batch.valid[:, 0]
        hidden += int(holes.sum())
        assert not (holes & batch.valid[:, 1]).any()
    assert hidden


def test_classes_are_shown_alike(opened):
    data = opened()
    counts = data.class_counts()
    assert counts.sum() == 440 * HEIGHT
    assert counts[2] == 6
    crops = [crop for number in range(2) for batch in data.epoch(CROPS, number) for crop in batch.labels]
    share = np.mean([(crop == 2).any().item() for crop in crops])
    assert 0.25 < share < 0.6  # by chance alone next to none would show it
    places = {int(batch.values["rgb"][i, 1, 0, 0]) for batch in data.epoch(CROPS, 0) for i in range(len(batch))}
    assert len(places) > 60


def test_batches_follow_from_seed_epoch_and_step_alone(opened, monkeypatch):
    data = opened()
    first = list(data.epoch(CROPS, 1))
    assert all(same(one, other) for one, other in zip(first, data.epoch(CROPS, 1), strict=True))
    fresh = opened()
    assert same(first[0], next(iter(fresh.epoch(CROPS, 1))))  # nothing was read before
    assert not same(first[0], next(iter(data.epoch(CROPS, 2))))
    assert not same(first[0], first[1])
    assert not same(first[0], next(iter(data.epoch(Crops(32, 8, (1.0, 1.0), 4), 1))))
    monkeypatch.setattr(ground, "KEPT", 0)  # too much to keep: windows are read one by one
    direct = opened(layers=("rgb", "dsm"))
    monkeypatch.undo()
    kept = opened(layers=("rgb", "dsm"))
    assert all(same(one, other) for one, other in zip(kept.epoch(CROPS, 0), direct.epoch(CROPS, 0), strict=True))


def test_blocks_that_are_too_many_are_read_again(opened, monkeypatch):
    data = opened()
    first = list(data.epoch(CROPS, 1))
    monkeypatch.setattr(ground, "KEPT", 1)
    assert all(same(one, other) for one, other in zip(first, data.epoch(CROPS, 1), strict=True))


def test_an_epoch_left_early_leaves_no_threads(opened):
    iterator = opened().epoch(CROPS, 0)
    next(iterator)
    iterator.close()
    until = time.monotonic() + 5
    while any(thread.name.startswith("sgma-ahead") for thread in threading.enumerate()):
        assert time.monotonic() < until
        time.sleep(0.01)


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


STATS = ModalityStats("nir", ("nir",), "dn16", (5.0,), (900.0,), (300.0,), (77.0,))
CLASSES = (ClassInfo(4, "grass", "#00ff00"), ClassInfo(9, "stone", "#888888"))
BASE = Card("base", "Base", CLASSES, (STATS,), NetworkSpec("small", "mean"), (0.3, 0.6, 1.0), 128, "w", "0" * 64)


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


def test_scaled_crops_show_the_resolutions_of_the_card(opened):
    """The grid has 0.5 m; a model for 1 to 2 m is shown just that by the crops that are resized."""
    data = opened(layers=("rgb",), areas="", gsd=(0.4, 1.0, 2.0))
    steps = set()
    for batch in data.epoch(Crops(32, 8, (1.0, 2.0), 0), 0):
        cols, rows = batch.values["rgb"][:, 1], batch.values["rgb"][:, 0]
        for col, row, there in zip(cols, rows, batch.valid[:, 0]):
            if there.all() and col.max() < WIDTH:
                across = (col[16, 17] - col[16, 16]).abs() + (row[16, 17] - row[16, 16]).abs()
                steps.add(round(float(across) * GSD, 1))
    assert min(steps) == GSD  # most are shown as they are
    assert 1.0 <= min(steps - {GSD}) <= max(steps) <= 2.1


def test_areas_are_proposed(opened):
    data = opened(areas="")
    assert data.names == ("train", "validation", "test")
    assert data.summary["train"]["areas"] == "proposed"
    assert data.summary["train"]["pixels"].keys() == {"Class 1", "Class 2", "Class 3"}
    assert data.labelled("train") > data.labelled("validation") > 0


def test_the_fingerprint_tells_other_data(opened, place):
    one = opened().fingerprint
    assert opened().fingerprint == one
    assert opened(areas="").fingerprint != one
    assert opened(crop=48).fingerprint != one
    assert opened(layers=("rgb",)).fingerprint != one
    (place / "labels.tif").touch()
    assert opened().fingerprint != one


def test_statistics_that_qgis_writes_beside_a_layer_are_no_other_data(opened, place, request):
    """QGIS writes them on closing; what a sidecar says of the data itself counts."""
    one = opened().fingerprint
    sidecar = place / "dsm.tif.aux.xml"
    request.addfinalizer(lambda: sidecar.unlink(missing_ok=True))  # the layers are those of all tests
    statistics = '<Metadata><MDI key="STATISTICS_MEAN">9</MDI></Metadata>'
    for inside, same_data in ((statistics, True), (statistics * 2, True), ("<NoDataValue>9.5</NoDataValue>", False)):
        sidecar.write_text(f'<PAMDataset><PAMRasterBand band="1">{inside}</PAMRasterBand></PAMDataset>')
        assert (opened().fingerprint == one) == same_data, inside


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


def test_warnings_say_what_the_numbers_are_worth(opened, feedback, place):
    draw(place / "near.gpkg", [("train", box(0, 0, 200, 200)), ("validation", box(210, 0, 100, 160))], "role")
    opened(areas="near.gpkg", crop=64)
    told = " ".join(feedback.warnings)
    assert "train and validation are 5 m apart; a training crop is 32 m wide (64 pixels)" in told
    draw(place / "alone.gpkg", [("train", box(0, 0, 200, 200))], "role")
    opened(areas="alone.gpkg")
    assert "holds no validation area" in feedback.warnings[-1]


def test_features_without_a_pixel_are_told(opened, feedback, place):
    tiny = [("c", shapely.box(X + 0.01 + i, Y - 0.1, X + 0.05 + i, Y - 0.02)) for i in range(5)]
    opened(labels=(draw(place / "tiny.gpkg", [("a", ONE), ("b", TWO), *tiny]) and "tiny.gpkg"), areas="")
    assert any("no pixel of 0.5 m has its centre in a feature of c" in text for text in feedback.warnings)
    draw(place / "tiny.gpkg", tiny)
    with pytest.raises(BadInput, match="no pixel has its centre in any of the features; pixels are 0.5 m"):
        opened(labels="tiny.gpkg", areas="")
    looked = draw(place / "full.gpkg", [(1, box(10, 10, 20, 20))])
    draw(place / "two.gpkg", [("a", ONE), ("b", TWO)])
    opened(labels="two.gpkg", areas="", labelled_area=looked)
    assert any("nothing in it is unlabelled, so nothing is background" in text for text in feedback.warnings)


@pytest.fixture
def labels(place):
    """Write labels of one name, used by the table of what is refused."""

    def write(rows, **more):
        return draw(place / "bad.gpkg", rows, **more) and "bad.gpkg"

    return write


@pytest.mark.parametrize(
    ("rows", "options", "words"),
    [
        ([("a", box(9000, 0, 50, 50)), ("b", TWO)], {}, "name 1 class; a model has 2 to 255"),
        ([("a", box(9000, 0, 50, 50)), ("b", box(9000, 90, 50, 50))], {}, "bad.gpkg does not overlap the layers"),
        ([("a", ONE), ("a", TWO)], {}, "name 1 class"),
        ([("a", ONE), (None, TWO), ("b", TWO)], {}, "1 of 3 features have no class in the field 'kind'"),
        ([("a", ONE), ("b", TWO)], {"class_field": "sort"}, "no field 'sort'; it has kind"),
        ([("a", shapely.Point(X + 9, Y - 9)), ("b", shapely.Point(X + 90, Y - 9))], {}, "how many metres around each"),
        (
            [("a", shapely.LineString([(X, Y), (X + 9, Y)])), ("b", shapely.LineString([(X, Y), (X, Y - 9)]))],
            {},
            "no poly",
        ),
        ([("a", ONE), ("b", TWO)], {"areas": "none.gpkg"}, "none.gpkg (--areas) does not exist"),
        ([("a", ONE), ("b", TWO)], {"areas": "areas.gpkg"}, "The areas for validation in"),
        (
            [("a", ONE), ("b", box(490, 0, 30, 30)), ("b", box(610, 0, 9, 9))],
            {"areas": "areas.gpkg"},
            "one class only for",
        ),
        ([("a", ONE), ("b", TWO)], {"class_map": "none.json"}, "none.json cannot be read"),
        ([("a", ONE), ("b", TWO)], {"labelled_area": "none.gpkg"}, "none.gpkg (--labelled-area) does not exist"),
        ([("a", ONE), ("b", TWO)], {"background": "x"}, "--background-class is of a --labelled-area"),
        ([("a", ONE), ("b", TWO)], {"radius": -1.0}, "--point-radius -1 must be 0 or more"),
        ([("a", ONE), ("b", TWO)], {"layers": ()}, "a layer, for example --rgb F is missing"),
        ([("a", ONE), ("b", TWO)], {"labels": ""}, "--labels F is missing"),
        ([("a", ONE), ("b", TWO)], {"labels": "", "scenes": "s.json"}, "one of the two"),
        ([("a", ONE), ("b", TWO)], {"labels": "", "layers": (), "scenes": "s.json"}, "roles of their own"),
    ],
)
def test_what_training_cannot_use_is_one_sentence(opened, labels, rows, options, words):
    options = {"labels": labels(rows), "areas": "", **options}
    if options.get("scenes") and not options["layers" if "layers" in options else "labels"]:
        options["areas"] = "areas.gpkg"
    with pytest.raises(BadInput) as caught:
        opened(**options)
    assert words in caught.value.message
    assert caught.value.hint


def test_a_picture_is_no_label_raster(opened, place):
    rng = np.random.default_rng(0)
    rasters.write(place / "picture.tif", rng.integers(0, 60_000, (HEIGHT, WIDTH)).astype(np.uint16))
    with pytest.raises(BadInput, match="more than 1000 different values"):
        opened(labels="picture.tif", areas="")
    rasters.write(place / "many.tif", rng.integers(300, 700, (HEIGHT, WIDTH)).astype(np.uint16))
    with pytest.raises(BadInput, match="hold 400 different values: are these classes"):
        opened(labels="many.tif", areas="")
    with pytest.raises(BadInput, match="rgb.tif has 3 bands: labels are one band"):
        opened(labels="rgb.tif", areas="")


def test_labels_where_no_layer_has_data(opened, place):
    holed = np.full((3, HEIGHT, WIDTH), 100, np.uint8)
    holed[:, :, :400] = 0
    rasters.write(place / "holed.tif", holed, nodata=0)
    draw(place / "inside.gpkg", [("a", ONE), ("b", TWO)])
    with pytest.raises(BadInput, match="training labels only where no layer has data"):
        opened(layers=(Source("rgb", str(place / "holed.tif")),), labels="inside.gpkg", areas="")


def test_broken_polygons_are_repaired_and_told(opened, feedback, place):
    bow = shapely.Polygon([(X, Y), (X + 40, Y - 40), (X + 40, Y), (X, Y - 40)])
    draw(place / "bow.gpkg", [("a", bow), ("b", box(100, 0, 60, 60))])
    opened(labels="bow.gpkg", areas="")
    assert any("1 invalid polygon(s) in Label layer" in text for text in feedback.warnings)


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


def test_a_training_that_is_cancelled_stops_reading(opened, feedback, monkeypatch):
    data = opened()
    release = threading.Event()
    monkeypatch.setattr(type(data), "_batch", lambda *_: release.wait(10))
    iterator = data.epoch(CROPS, 0)
    JobFeedback.cancel(feedback)
    with pytest.raises(Exception, match="Cancelled"):
        next(iterator)
    release.set()
