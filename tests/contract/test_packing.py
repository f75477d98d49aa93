"""Models renamed, installed and exported: what they were is what they are, and nothing is overwritten unasked."""

import hashlib
import json
from dataclasses import replace

import pytest
from test_card import CARD

from sgma_qgis.model.contract import packing, store
from sgma_qgis.model.contract.card import to_json
from sgma_qgis.model.contract.errors import BadInput, BadModel

WEIGHTS = b"weights" * 1000


@pytest.fixture()
def package(tmp_path, monkeypatch):
    """A model beside the data folder."""
    monkeypatch.setenv("SGMA_DATA_DIR", str(tmp_path / "data é"))
    return made(tmp_path / "out" / "mine", "mine")


def made(folder, name, weights=WEIGHTS):
    folder.mkdir(parents=True)
    digest = hashlib.sha256(weights).hexdigest()
    card = replace(CARD, id=name, title="Mine", weights_sha256=digest, weights_file="weights.safetensors")
    (folder / "weights.safetensors").write_bytes(weights)
    (folder / "card.json").write_text(to_json(card), encoding="utf-8")
    return store.open_package(folder)


def test_a_renamed_card_keeps_all_else(package):
    card = packing.renamed(package.card, id="other", title="Ötland", licence="CC-BY-4.0")
    found = packing.rewrite(package, card)
    assert (found.card.id, found.card.title, found.card.licence) == ("other", "Ötland", "CC-BY-4.0")
    assert replace(found.card, id="mine", title="Mine", licence=package.card.licence) == package.card
    assert found.weights() == WEIGHTS
    assert [path.name for path in sorted(package.path.iterdir())] == ["card.json", "weights.safetensors"]


@pytest.mark.parametrize(
    "id, title, field", [("Mit Leerzeichen", "x", "id"), ("", "x", "id"), ("x", "", "title"), ("x", "a\0b", "title")]
)
def test_a_card_that_would_not_be_valid_is_refused(package, id, title, field):
    with pytest.raises(BadInput, match=f"field '{field}'"):
        packing.renamed(package.card, id=id, title=title, licence="")


def test_an_exported_file_is_found_and_is_the_model(package, tmp_path):
    file = tmp_path / "mine.sgma"
    packing.export(package, file)
    found = store.find(str(file))
    assert (found.card, found.weights()) == (package.card, WEIGHTS)
    first = file.read_bytes()
    packing.export(package, file)
    assert file.read_bytes() == first
    with pytest.raises(BadInput, match="must end in .sgma"):
        packing.export(package, tmp_path / "mine.zip")
    assert not list(tmp_path.glob("*.part"))


def test_damaged_weights_are_neither_exported_nor_installed(package, tmp_path):
    (package.path / "weights.safetensors").write_bytes(b"other")
    with pytest.raises(BadModel, match="SHA-256"):
        packing.export(package, tmp_path / "mine.sgma")
    with pytest.raises(BadModel, match="SHA-256"):
        packing.install(package)
    assert not (tmp_path / "mine.sgma").exists() and not (store.data_dir() / "models" / "mine").exists()


def test_an_installed_model_is_found_by_its_id(package):
    found = packing.install(package)
    assert store.find("mine").path == found.path == store.data_dir() / "models" / "mine"
    assert found.weights() == WEIGHTS
    assert packing.install(found) == found  # it is where it belongs
    assert sorted(path.name for path in store.data_dir().iterdir()) == ["models"]


def test_another_model_of_that_id_is_replaced_only_if_asked(package, tmp_path):
    packing.install(package)
    other = made(tmp_path / "other", "mine", b"others")
    assert packing.in_its_place(other).path == store.data_dir() / "models" / "mine"
    with pytest.raises(BadInput, match="'mine' is installed in"):
        packing.install(other)
    assert store.find("mine").weights() == WEIGHTS
    packing.install(other, overwrite=True)
    assert store.find("mine").weights() == b"others"
    assert sorted(path.name for path in store.data_dir().iterdir()) == ["models"]


def test_a_model_of_the_plugin_is_never_replaced(package, tmp_path):
    known = next(p.card.id for p in store.installed())
    other = made(tmp_path / "other", known)
    with pytest.raises(BadInput, match="comes with the plugin"):
        packing.install(other, overwrite=True)


def test_a_folder_of_something_else_is_left_alone(package):
    taken = store.data_dir() / "models" / "mine"
    taken.mkdir(parents=True)
    (taken / "notes.txt").write_text("mine")
    with pytest.raises(BadInput, match="is no model"):
        packing.install(package)
    assert json.dumps([path.name for path in taken.iterdir()]) == '["notes.txt"]'
