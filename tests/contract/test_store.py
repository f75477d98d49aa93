"""Model packages from strangers: folders and zips, damaged and hostile."""

import hashlib
import pickle
import zipfile
from dataclasses import replace

import pytest
from test_card import CARD

from sgma_qgis.model.contract import store
from sgma_qgis.model.contract.card import to_json
from sgma_qgis.model.contract.errors import BadModel

WEIGHTS = b"weights"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SGMA_DATA_DIR", str(tmp_path / "data"))
    path = tmp_path / "data" / "models" / "demo"
    path.mkdir(parents=True)
    card = replace(CARD, weights_sha256=hashlib.sha256(WEIGHTS).hexdigest())
    (path / "card.json").write_text(to_json(card))
    (path / "weights.safetensors").write_bytes(WEIGHTS)
    return path


def test_found_by_id_and_by_path(folder):
    assert store.find("demo").weights() == WEIGHTS
    assert store.find(str(folder)).card.id == "demo"
    assert "demo" in [package.card.id for package in store.installed()]


def test_zip(folder, tmp_path):
    target = tmp_path / "demo.sgma"
    with zipfile.ZipFile(target, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)
    assert store.find(str(target)).weights() == WEIGHTS


def test_a_compression_that_is_not_ours_is_refused_and_hides_no_other_model(folder):
    target = folder.parent / "x.sgma"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_LZMA) as archive:
        archive.write(folder / "card.json", "card.json")
    data = bytearray(target.read_bytes())
    data[60:90] = bytes(30)  # lzma's own error is no kind of ValueError
    target.write_bytes(bytes(data))
    with pytest.raises(BadModel, match="not ours"):
        store.open_package(target)
    assert "demo" in [package.card.id for package in store.installed()]


def test_unknown_id_lists_what_is_installed(folder):
    with pytest.raises(BadModel, match="demo"):
        store.find("nothing")


def test_damaged_installed_model_says_why(folder):
    (folder / "card.json").write_text("{")
    assert "demo" not in [package.card.id for package in store.installed()]
    with pytest.raises(BadModel, match="not valid JSON"):
        store.find("demo")


def test_wrong_hash(folder):
    (folder / "weights.safetensors").write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(BadModel, match="SHA-256"):
        store.find("demo").weights()


def test_weights_missing(folder):
    (folder / "weights.safetensors").unlink()
    with pytest.raises(BadModel, match="demo has no weights.safetensors.\nA model is"):
        store.find("demo").weights()


def test_not_a_zip(tmp_path):
    (tmp_path / "bad.sgma").write_bytes(b"PK\x03\x04 but no more")
    with pytest.raises(BadModel, match="cannot be read"):
        store.find(str(tmp_path / "bad.sgma"))


def test_a_zip_without_a_card(tmp_path):
    with zipfile.ZipFile(tmp_path / "bare.sgma", "w") as archive:
        archive.writestr("weights.safetensors", b"")
    with pytest.raises(BadModel, match="bare.sgma has no card.json.\nExport the model again."):
        store.find(str(tmp_path / "bare.sgma"))


def test_another_card_in_the_same_place_is_read(folder):
    before = store.find("demo").card
    card = folder / "card.json"
    card.write_text(card.read_text(encoding="utf-8").replace(before.title, "Another"), encoding="utf-8")
    assert store.find("demo").card == replace(before, title="Another")


def test_a_huge_card_is_read_and_not_kept(folder):
    store.find("demo")
    kept = store._kept.cache_info().currsize
    card = folder / "card.json"
    card.write_text(card.read_text(encoding="utf-8") + " " * store.MOST_KEPT, encoding="utf-8")
    assert store.find("demo").card.id == "demo"
    assert store._kept.cache_info().currsize == kept


def test_zip_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "MAX_CARD_BYTES", 1000)
    with zipfile.ZipFile(tmp_path / "bomb.sgma", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("card.json", b"0" * 100_000)
    with pytest.raises(BadModel, match="larger than"):
        store.find(str(tmp_path / "bomb.sgma"))


def test_missing_path(tmp_path):
    with pytest.raises(BadModel, match="does not exist"):
        store.find(str(tmp_path / "none.sgma"))


def test_a_folder_of_that_name_here_does_not_take_an_id_s_place(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demo").mkdir()
    assert store.find("demo").path == folder
    with pytest.raises(BadModel, match="has no card.json"):
        store.find("./demo")


def test_a_damaged_stream_is_left_out_of_the_list(folder):
    data = bytearray()
    target = folder.parent / "broken.sgma"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(folder / "card.json", "card.json")
    data = bytearray(target.read_bytes())
    data[60:200] = b"\xff" * 140
    target.write_bytes(data)
    assert "demo" in [package.card.id for package in store.installed()]
    with pytest.raises(BadModel, match="cannot be read"):
        store.find(str(target))
