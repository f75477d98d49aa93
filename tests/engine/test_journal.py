"""The work folder: only journalled blocks count, one run an output, nothing left when nothing was done."""

import errno
import os

import pytest

from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.model.engine.journal import WorkFolder, fingerprint


def finish(work, key):
    (work.path / f"{key}.tif").write_bytes(b"x")
    work.finish_block(key, {"classes": f"{key}.tif"}, {"area_m2": [1.0], "tiles": 1, "failed": []})


def test_continues_only_with_the_same_digest(tmp_path):
    target = tmp_path / "out.tif"
    with WorkFolder(target) as work:
        assert work.open_journal("a", resume=True) == ""
        finish(work, "0_0")
        finish(work, "0_1")
    with WorkFolder(target) as work:
        assert "2 blocks" in work.open_journal("a", resume=True)
        assert set(work.blocks) == {"0_0", "0_1"}
    with WorkFolder(target) as work:
        assert "starting afresh" in work.open_journal("b", resume=True)
        assert not work.blocks
        assert not (work.path / "0_0.tif").exists()


def test_no_resume_starts_afresh(tmp_path):
    with WorkFolder(tmp_path / "out.tif") as work:
        work.open_journal("a", resume=True)
        finish(work, "0_0")
    with WorkFolder(tmp_path / "out.tif") as work:
        work.open_journal("a", resume=False)
        assert not work.blocks


def test_torn_last_line_and_missing_file_do_not_count(tmp_path):
    with WorkFolder(tmp_path / "out.tif") as work:
        work.open_journal("a", resume=True)
        for key in ("0_0", "0_1", "0_2"):
            finish(work, key)
        (work.path / "0_1.tif").unlink()
        journal = work.path / "journal.jsonl"
        journal.write_text(journal.read_text()[:-9])
    with WorkFolder(tmp_path / "out.tif") as work:
        work.open_journal("a", resume=True)
        assert set(work.blocks) == {"0_0"}


@pytest.mark.parametrize(
    "line",
    [
        "5",
        "[1]",
        "{}",
        '{"key": "0_1", "files": {"classes": "0_1.tif"}}',
        '{"key": "0_1", "files": ["0_1.tif"], "failed": []}',
        '{"key": ["0_1"], "files": {"classes": "0_1.tif"}, "failed": []}',
        '{"key": "0_1", "files": {"classes": "../elsewhere.tif"}, "failed": []}',
        "[" * 100_000,
    ],
)
def test_a_line_that_no_run_wrote_does_not_count(tmp_path, line):
    (tmp_path / "elsewhere.tif").write_bytes(b"x")
    with WorkFolder(tmp_path / "out.tif") as work:
        work.open_journal("a", resume=True)
        finish(work, "0_0")
        (work.path / "0_1.tif").write_bytes(b"x")
        (work.path / "somebody's").mkdir()
        with (work.path / "journal.jsonl").open("a") as journal:
            journal.write(line + "\n")
    with WorkFolder(tmp_path / "out.tif") as work:
        assert "1 block is" in work.open_journal("a", resume=True)
        assert set(work.blocks) == {"0_0"}
    assert (tmp_path / "elsewhere.tif").exists()


@pytest.mark.parametrize("text", ["", "\0" * 80, "null\n", '{"digest": "a"'])
def test_a_journal_without_its_first_line_starts_afresh_and_says_so(tmp_path, text):
    with WorkFolder(tmp_path / "out.tif") as work:
        work.open_journal("a", resume=True)
        finish(work, "0_0")
        (work.path / "journal.jsonl").write_text(text)
    with WorkFolder(tmp_path / "out.tif") as work:
        assert "starting afresh" in work.open_journal("a", resume=True)
        assert not work.blocks


def test_goes_on_after_a_torn_line(tmp_path):
    """What is finished after a torn line is found by the next start."""
    with WorkFolder(tmp_path / "out.tif") as work:
        work.open_journal("a", resume=True)
        finish(work, "0_0")
        finish(work, "0_1")
        journal = work.path / "journal.jsonl"
        journal.write_text(journal.read_text()[:-9])
    for key, known in (("0_2", {"0_0"}), ("0_3", {"0_0", "0_2"})):
        with WorkFolder(tmp_path / "out.tif") as work:
            work.open_journal("a", resume=True)
            assert set(work.blocks) == known
            finish(work, key)


def test_a_full_disk_at_the_start_loses_no_block(tmp_path, monkeypatch):
    """Nor does a kill: the journal is written anew beside the old one."""
    with WorkFolder(tmp_path / "out.tif") as work:
        work.open_journal("a", resume=True)
        finish(work, "0_0")

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with (
        monkeypatch.context() as patch,
        pytest.raises(OSError, match="space"),
        WorkFolder(tmp_path / "out.tif") as work,
    ):
        patch.setattr(os, "fsync", full)
        work.open_journal("a", resume=True)
    with WorkFolder(tmp_path / "out.tif") as work:
        work.open_journal("a", resume=True)
        assert set(work.blocks) == {"0_0"}
        assert sorted(path.name for path in work.path.iterdir()) == ["0_0.tif", "journal.jsonl", "lock"]


def test_blocks_with_gaps_are_tried_again(tmp_path):
    with WorkFolder(tmp_path / "out.tif") as work:
        work.open_journal("a", resume=True)
        finish(work, "0_0")
        (work.path / "0_1.tif").write_bytes(b"x")
        work.finish_block("0_1", {"classes": "0_1.tif"}, {"area_m2": [1.0], "tiles": 1, "failed": [[0, 0, "no"]]})
    with WorkFolder(tmp_path / "out.tif") as work:
        work.open_journal("a", resume=True)
        assert set(work.blocks) == {"0_0"}


def test_a_start_that_fails_early_keeps_what_is_there(tmp_path):
    with WorkFolder(tmp_path / "out.tif") as work:
        work.open_journal("a", resume=True)
        finish(work, "0_0")
    with pytest.raises(BadInput), WorkFolder(tmp_path / "out.tif"):
        raise BadInput("a typing error")
    assert (tmp_path / "out.tif.part" / "0_0.tif").exists()


def test_second_run_is_refused_and_leaves_the_first_alone(tmp_path):
    with WorkFolder(tmp_path / "out.tif") as first:
        first.open_journal("a", resume=True)
        finish(first, "0_0")
        with pytest.raises(BadInput, match="another run"):
            WorkFolder(tmp_path / "out.tif")
    assert (tmp_path / "out.tif.part" / "0_0.tif").exists()


def test_empty_work_folder_goes(tmp_path):
    with pytest.raises(BadInput), WorkFolder(tmp_path / "out.tif") as work:
        work.open_journal("a", resume=True)
        raise BadInput("no")
    assert list(tmp_path.iterdir()) == []


def test_fingerprint_depends_on_every_fact():
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
