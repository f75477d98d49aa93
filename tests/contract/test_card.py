"""The card's text comes from strangers: every field is checked and named."""

import json

import pytest

from sgma_qgis.model.contract import store
from sgma_qgis.model.contract.card import (
    Accuracy,
    Calibration,
    Card,
    ClassInfo,
    ModalityStats,
    NetworkSpec,
    id_from,
    parse,
    printable,
    to_json,
)
from sgma_qgis.model.contract.errors import BadModel

CARD = Card(
    id="demo",
    title="Demo",
    classes=(ClassInfo(0, "street", "#888888"), ClassInfo(3, "tree", "#117733")),
    modalities=(
        ModalityStats("rgb", ("red", "green", "blue"), "dn8", (0.0,) * 3, (255.0,) * 3, (1.0,) * 3, (2.0,) * 3),
        ModalityStats("dsm", ("height",), "ndsm", (0.0,), (30.0,), (3.0,), (5.0,)),
    ),
    network=NetworkSpec("small", "mean", 64, {"a": 1}),
    gsd=(0.25, 0.5, 1.0),
    tile=256,
    weights_file="weights.safetensors",
    weights_sha256="ab" * 32,
    trained_on=(("rgb",), ("rgb", "dsm")),
    accuracy=(Accuracy("town", "test", ("rgb",), 0.5, {"tree": 0.5}, {"tree": 0.6}),),
    calibration=(Calibration(("rgb", "dsm"), 1.7),),
    provenance={"seed": 1},
)


def test_round_trip():
    assert parse(to_json(CARD), "card.json") == CARD


def test_expected_accuracy_is_never_invented():
    assert CARD.expected(("rgb",)).miou == 0.5
    assert CARD.expected(("dsm", "rgb")) is None


def test_a_card_without_calibration_changes_no_confidence():
    assert CARD.temperature(("dsm", "rgb")) == 1.7
    assert CARD.temperature(("rgb",)) == 1.0
    older = json.loads(to_json(CARD))
    del older["calibration"]
    assert parse(json.dumps(older), "card.json").temperature(("rgb", "dsm")) == 1.0


def test_a_name_that_cannot_be_shown_becomes_one_that_can():
    assert printable("my\u00a0model\u200b é") == "my model  é"


def test_an_id_is_made_of_a_name():
    assert (id_from("My Roofs: 2"), id_from("Dächer"), id_from(" -!- "), id_from("x" * 99)) == (
        "my-roofs-2", "d-cher", "", "x" * 64,
    )  # fmt: skip
    assert id_from("x" * 63 + ".gpkg") == "x" * 63  # Windows drops a dot at the end of a folder's name
    assert id_from("." * 70 + "x") == "x"


def test_a_caution_is_optional_and_the_toy_has_one():
    older = json.loads(to_json(CARD))
    del older["caution"]
    assert parse(json.dumps(older), "card.json").caution == ""
    older["caution"] = 5
    with pytest.raises(BadModel, match="caution"):
        parse(json.dumps(older), "card.json")
    for wrong in ("two\nlines", "x" * 301):
        older["caution"] = wrong
        with pytest.raises(BadModel, match="one line of at most 300"):
            parse(json.dumps(older), "card.json")
    assert "not on pictures of the world" in store.find("town-demo").card.caution
    assert store.find("trees-aerial").card.caution == ""


def test_nodata_is_distinct_from_every_class():
    assert CARD.nodata == 255
    many = Card(**{**CARD.__dict__, "classes": (ClassInfo(255, "x", "#000000"),)})
    assert many.nodata == 65535


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("schema",), 2, "schema"),
        (("schema",), "2" * 100_000, "schema"),
        (("id",), "../evil", "id"),
        (("id",), 7, "id"),
        (("classes",), [], "classes"),
        (("classes", 0, "id"), -1, "id"),
        (("classes", 0, "id"), True, "id"),
        (("classes", 1, "id"), 0, "classes[].id"),
        (("classes", 0, "color"), "red", "color"),
        (("modalities", 0, "key"), "lidar", "key"),
        (("modalities", 1, "key"), "rgb", "unit"),
        (("modalities", 0, "unit"), "power", "unit"),
        (("modalities", 0, "mean"), [1, 2], "mean"),
        (("modalities", 0, "std"), [1, 0, 1], "std"),
        (("modalities", 0, "low"), [999, 0, 0], "low"),
        (("gsd",), [1, 0.5, 2], "gsd"),
        (("tile",), 100, "tile"),
        (("tile",), 10**9, "tile"),
        (("weights", "file"), "../../etc/passwd", "file"),
        (("weights", "sha256"), "xyz", "sha256"),
        (("trained_on",), [["sar"]], "trained_on"),
        (("accuracy", 0, "miou"), "high", "miou"),
        (("accuracy", 0, "miou"), 10**400, "miou"),
        (("calibration", 0, "temperature"), 0, "calibration[].temperature"),
        (("calibration", 0, "sensors"), ["sar"], "calibration[].sensors"),
        (("title",), "half \ud800", "title"),
        (("network",), None, "network"),
    ],
)
def test_wrong_field_is_named(path, value, named):
    raw = json.loads(to_json(CARD))
    target = raw
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    with pytest.raises(BadModel) as caught:
        parse(json.dumps(raw), "model/card.json")
    assert named in caught.value.message
    assert "model/card.json" in caught.value.message
    assert len(str(caught.value).splitlines()) <= 3 and len(str(caught.value)) < 1000


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"schema": 1}', '{"gsd": NaN}', "[" * 100_000])
def test_not_a_card(text):
    with pytest.raises(BadModel):
        parse(text, "card.json")
