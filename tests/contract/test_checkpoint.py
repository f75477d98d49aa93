"""What is told of an interrupted training without reading its tensors; a damaged file is none."""

import json
import struct

import pytest

from sgma_qgis.model.contract import checkpoint

TOLD = {"epoch": 3, "step": 30, "values": {"loss": 0.5}}
WHOLE = {"state": {"run": {"epochs_done": 3}, "told": [TOLD]}, "facts": {"recipe": {"epochs": 7}}}


def write(output, text, more=b""):
    folder = checkpoint.work_folder(str(output))
    folder.mkdir(exist_ok=True)
    header = json.dumps({"__metadata__": {checkpoint.METADATA: text}}).encode()
    (folder / checkpoint.FILE).write_bytes(struct.pack("<Q", len(header)) + header + more)


def test_what_is_kept_is_told(tmp_path):
    assert checkpoint.kept(str(tmp_path / "m")) is None
    write(tmp_path / "m", json.dumps(WHOLE), b"tensors")
    assert checkpoint.kept(str(tmp_path / "m")) == checkpoint.Kept(3, 7, (TOLD,))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[" * 100_000,
        json.dumps(WHOLE | {"facts": {}}),
        json.dumps(WHOLE | {"state": {"run": {"epochs_done": float("inf")}, "told": []}}),
        json.dumps(WHOLE | {"state": {"run": {"epochs_done": 1}, "told": [3]}}),
    ],
)
def test_what_cannot_be_read_is_nothing(tmp_path, text):
    write(tmp_path / "m", text)
    assert checkpoint.kept(str(tmp_path / "m")) is None


@pytest.mark.parametrize("data", [b"", b"\x00" * 4, b"\xff" * 64, struct.pack("<Q", 2) + b"[]", b"\x02" + b"\x00" * 9])
def test_files_that_are_no_checkpoint(tmp_path, data):
    folder = checkpoint.work_folder(str(tmp_path / "m"))
    folder.mkdir()
    (folder / checkpoint.FILE).write_bytes(data)
    assert checkpoint.kept(str(tmp_path / "m")) is None
