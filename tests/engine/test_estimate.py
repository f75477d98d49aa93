"""What a run needs, told before it starts."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.model.engine import estimate
from sgma_qgis.model.engine.estimate import Raster, available_memory, check_room, memory_need

GB = 10**9


@pytest.fixture
def machine(monkeypatch):
    """Return a function that sets what is free: bytes of disk and of memory."""

    def free(disk, memory=8 * GB):
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=disk))
        monkeypatch.setattr(estimate, "available_memory", lambda: memory)

    return free


def room(tmp_path, pixels=32768**2, memory=GB, kept=0):
    rasters = [Raster("classes", tmp_path / "map.tif", 1), Raster("trust", tmp_path / "trust.tif", 3)]
    return check_room(pixels, rasters, tmp_path / "map.tif.part", kept, memory)


def test_need_and_room_are_told_in_one_sentence(machine, tmp_path):
    machine(57 * GB)
    said, warnings = room(tmp_path)
    assert said == (
        f"Needs about 2.6 GB of disk in {tmp_path} (57 GB free) and 1.0 GB of memory (8.0 GB free)."
    )  # 32768^2 x 2 x (0.15 + 3 x 0.35)
    assert not warnings


def test_no_memory_figure_where_the_system_tells_none(machine, tmp_path):
    machine(57 * GB, None)
    said, warnings = room(tmp_path)
    assert said.endswith("and 1.0 GB of memory.")
    assert not warnings


def test_too_little_disk_is_refused_and_perhaps_too_little_is_a_warning(machine, tmp_path):
    machine(2 * GB)
    with pytest.raises(BadInput, match=r"2\.6 GB of disk in .* \(2\.0 GB free\)"):
        room(tmp_path)
    said, warnings = room(tmp_path, kept=GB)  # much of it is there already
    assert "1.6 GB of disk" in said
    assert "may not fit" in warnings[0]


def test_too_little_memory_is_a_warning(machine, tmp_path):
    machine(57 * GB, GB // 2)
    _, warnings = room(tmp_path)
    assert "1.0 GB of memory (500 MB free)" in warnings[0]


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second file system")
def test_each_file_system_is_told(tmp_path):
    with_another = [Raster("classes", tmp_path / "map.tif", 1), Raster("trust", Path("/dev/shm/t.tif"), 3)]
    said, _ = check_room(10**6, with_another, tmp_path / "map.tif.part", 0, GB)
    assert f"of disk in {tmp_path} (" in said
    assert "of disk in /dev/shm (" in said


def test_memory_grows_with_what_is_computed_at_a_time():
    held = (50 << 20, 8 << 20)
    need = memory_need("pvt_v2_b0", "torch", 512 * 512, 3, 1, *held)
    assert 0.6 * GB < need < 1.0 * GB
    assert memory_need("pvt_v2_b0", "torch", 1024 * 1024, 3, 1, *held) > need + 0.4 * GB
    assert memory_need("pvt_v2_b0", "openvino", 512 * 512, 3, 2, *held) > need - 0.2 * GB
    assert memory_need("pvt_v2_b2", "torch", 512 * 512, 3, 0, *held) < need  # a GPU holds the tiles
    assert memory_need("somebody_s_own", "torch", 512 * 512, 3, 1, *held) > need
    assert memory_need("pvt_v2_b0", "torch", 512 * 512, 3, 1, 60 << 20, 8 << 20) == need + (10 << 20)


def test_this_machine_tells_its_memory():
    assert available_memory() > 100 << 20


def test_a_container_s_limit_counts(tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    for folder, most, used in ((inner, "max", 1), (inner.parent, "1000", 700)):
        (folder / "memory.max").write_text(most)
        (folder / "memory.current").write_text(str(used))
        (folder / "memory.stat").write_text("anon 600\ninactive_file 100\n")
    assert estimate._group_room(tmp_path, "0::/a/b\n") == [400]
    old = tmp_path / "memory" / "c"
    old.mkdir(parents=True)
    (old / "memory.limit_in_bytes").write_text("500")
    (old / "memory.usage_in_bytes").write_text("300")
    (old / "memory.stat").write_text("total_inactive_file 50\n")
    assert estimate._group_room(tmp_path, "5:cpu,cpuacct:/\n4:memory:/c\n") == [250]
