"""Class maps: what label values mean in training, with and without a base model, and what cannot be meant."""

import dataclasses
import json

import pytest

from sgma_qgis.model.contract.card import Card, ClassInfo, NetworkSpec
from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.model.data.labels import IGNORE, of_model, of_values, read

CLASSES = (ClassInfo(0, "not tree", "#888888"), ClassInfo(1, "Tree", "#117733"))
BASE = Card("trees", "Trees", CLASSES, (), NetworkSpec("small", "mean"), (0.5, 1.0, 2.0), 64, "w", "")


@pytest.fixture
def written(tmp_path):
    """Write a class map; return its path."""

    def write(raw):
        path = tmp_path / "map.json"
        path.write_text(raw if isinstance(raw, str) else json.dumps(raw), encoding="utf-8")
        return str(path)

    return write


def rows(found):
    return [(info.id, info.name) for info in found.classes]


def test_without_a_map_values_are_new_classes():
    found = of_values([7, 3, 255, None])
    assert rows(found) == [(3, "Class 3"), (7, "Class 7")]
    assert [found.index(value, "f") for value in (3, "3", 3.0, 7, 255)] == [0, 0, 0, 1, IGNORE]
    assert found.told == ""
    found = of_values(["Wiese", "street ", "STREET", "Wiese"])
    assert rows(found) == [(0, "street"), (1, "Wiese")]
    assert found.index(" wiese", "f") == 1


def test_without_a_map_names_of_the_base_are_its_classes():
    found = of_values(["tree", "Not Tree"], BASE)
    assert found.classes == CLASSES
    assert (found.index("TREE", "f"), found.index("not tree", "f")) == (1, 0)
    assert "classes of 'trees': not tree, tree" in found.told
    assert of_values(["tree"], BASE).classes == CLASSES


@pytest.mark.parametrize("values", [["tree", "water"], [0, 1]], ids=["one is not", "ids do not count"])
def test_without_a_map_other_values_make_all_of_them_new(values):
    found = of_values(values, BASE)
    assert len(found.classes) == 2
    assert not set(found.classes) & set(CLASSES)
    assert "All labels are new classes" in found.told
    assert "no class" in found.told
    assert "0 not tree, 1 Tree" in found.told


def test_a_map_joins_ignores_and_takes_words(written):
    found = read(written({"7": "new:A", "3": "new:B", "9": "new:A", "5": "ignore", "null": "ignore", "300": "new:C"}))
    assert rows(found) == [(3, "B"), (7, "A"), (0, "C")]
    assert [found.index(value, "f") for value in (3, 7, 9, 5, 300, None)] == [0, 1, 1, IGNORE, 2, IGNORE]
    with pytest.raises(BadInput, match=r"labels.tif holds 8, which is not in the class map .* names 3, 5, 7, 9, 300"):
        found.index(8, "labels.tif")
    assert rows(read(written({"oak": "new:Tree", "mud": "new:Bare"}))) == [(0, "Bare"), (1, "Tree")]


def test_a_map_with_a_base(written):
    found = read(written({"10": 1, "20": "new:Water", "30": "not tree", "40": "ignore"}), BASE)
    assert found.classes[:2] == CLASSES
    assert rows(found)[2:] == [(20, "Water")]
    assert [found.index(value, "f") for value in (10, 20, 30, 40)] == [1, 2, 0, IGNORE]
    colors = [info.color for info in found.classes]
    assert len(set(colors)) == 3
    only_new = read(written({"1": "new:A", "2": "new:B"}), BASE)
    assert rows(only_new) == [(1, "A"), (2, "B")]
    only_old = read(written({"1": 1, "2": 0}), BASE)
    assert only_old.classes == CLASSES


@pytest.mark.parametrize(
    ("raw", "base", "words"),
    [
        ({"1": "Tree", "2": "new:B"}, None, "'Tree', and there is no base model"),
        ({"1": 0, "2": "new:B"}, None, "means 0, and there is no base model"),
        ({"1": 5, "2": "new:B"}, BASE, "means 5, but the model 'trees' has 0 not tree, 1 Tree"),
        ({"1": 1, "2": "new:TREE"}, BASE, "which 'trees' has already"),
        ({"1": "new:", "2": "new:B"}, None, "'new:'"),
        ({"1": "new:#e69f00", "2": "new:B"}, None, "'new:#e69f00', and there is no base model"),
        ({"1": "new: #e69f00", "2": "new:B"}, BASE, "means 'new: #e69f00', but the model 'trees' has"),
        ({"1": "new:A"}, None, "1 class; a model has 2 to 255"),
        ({"1": "new:A", "2": "new:A"}, None, "1 class; a model has 2 to 255"),
        ({str(n): f"new:{n}" for n in range(300)}, None, "300 classes; a model has 2 to 255"),
        ("[1]", None, "cannot be read"),
        ("{", None, "cannot be read"),
    ],
)
def test_maps_that_are_refused(written, raw, base, words):
    with pytest.raises(BadInput) as caught:
        read(written(raw), base)
    assert words in caught.value.message


def test_a_map_may_be_given_as_text(written):
    raw = {"7": "new:A", "3": "new:B", "null": "ignore"}
    assert read(json.dumps(raw)) == dataclasses.replace(read(written(raw)), others=read(json.dumps(raw)).others)
    with pytest.raises(BadInput, match="cannot be read"):
        read('{"7": ')


def test_a_map_that_is_missing(tmp_path):
    with pytest.raises(BadInput, match="cannot be read"):
        read(str(tmp_path / "none.json"))


@pytest.mark.parametrize("values", [[], [3], [255, 3], ["a", " A"]])
def test_one_class_is_none(values):
    with pytest.raises(BadInput, match="a model has 2 to 255"):
        of_values(values)


def test_new_classes_take_the_colours_given_and_none_is_there_twice(written):
    usual = read(written({"1": "new:House", "2": "new:Street", "3": "new:Pond #12", "4": 1}), BASE).classes
    first = usual[2].color
    raw = {"1": "new:House", "2": f"new:Street  {first}", "7": "new:Street #000000", "3": "new:Pond #12", "4": 1}
    made = read(written(raw), BASE).classes
    assert made[:2] == CLASSES and [info.name for info in made[2:]] == ["House", "Street", "Pond #12"]
    assert made[3].color == first  # of the first of its values
    assert len({info.color for info in made}) == 5


def test_a_new_class_does_not_take_a_colour_of_the_base_in_capitals(written):
    loud = dataclasses.replace(BASE, classes=(CLASSES[0], dataclasses.replace(CLASSES[1], color="#E69F00")))
    made = read(written({"1": "new:House", "4": 1}), loud).classes
    assert made[2].color not in ("#E69F00", "#e69f00")


def test_a_name_of_two_lines_has_its_colour_too(written):
    made = read(written({"1": "new:House\nand yard #804000", "2": "new:B"})).classes
    assert (made[0].name, made[0].color) == ("House\nand yard", "#804000")


def test_a_colour_does_not_matter_to_what_a_trained_class_means(written):
    found = of_model(BASE, written({"1": "new:tree #00ff00", "2": 0, "3": "new:not tree"}))
    assert [found.index(value, "f") for value in (1, 2, 3)] == [1, 0, 0]
