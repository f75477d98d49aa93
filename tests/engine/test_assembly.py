"""The final rasters come out the same whichever blocks come from an interrupted run."""

import contextlib

import numpy as np
import pytest
import rasterio
import rasters

from sgma_qgis.model.contract.errors import Cancelled
from sgma_qgis.model.contract.store import find
from sgma_qgis.model.data.grid import Grid
from sgma_qgis.model.engine import layout
from sgma_qgis.model.engine.assembly import Assembly
from sgma_qgis.model.engine.journal import WorkFolder
from sgma_qgis.model.engine.rasters import OutputRasters

GRID = Grid(rasters.CRS, (0.5, 0.0, 500000.0, 0.0, -0.5, 5000000.0), 2300, 1100)


@pytest.fixture(params=[1 << 30, 1], ids=["one strip", "strips"])
def assembled(request, tmp_path, model, monkeypatch):
    """Return (images by role, assemble(name, resumed): blocks of such a number are there before the others come)."""
    monkeypatch.setattr(layout, "BLOCK_WIDTH", 1024)
    card = find(model).card
    output = OutputRasters(card, GRID, ("classes", "trust"))
    plan = layout.plan_layout(GRID, GRID.window, 256, 9.375, 28, 5, request.param)
    blocks = [block for strip in plan.strips for block in strip.blocks]
    assert len(plan.strips) == (3 if request.param == 1 else 1)
    assert len(blocks) == 9
    random = np.random.default_rng(0)
    shape = GRID.height, GRID.width
    images = {"classes": random.integers(0, 3, (1, *shape)), "trust": random.integers(0, 101, (len(card.keys), *shape))}
    images = {role: image.astype(np.uint8) for role, image in images.items()}

    def assemble(name, resumed, check=lambda: None):
        places = {role: tmp_path / f"{role}_{name}.tif" for role in images}
        told = []
        with WorkFolder(tmp_path / f"{name}.tif") as work:
            work.open_journal("digest", resume=False)

            def finish(block):
                cut = {role: image[(slice(None), *block.window.within(GRID.window))] for role, image in images.items()}
                work.finish_block(
                    block.key, output.write_parts(work.path, block.key, block.window, cut), {"failed": []}
                )

            for number, block in enumerate(blocks):
                if resumed(number):
                    finish(block)
            with Assembly(plan, output, work, places, check) as assembly:
                for block in blocks:
                    if block.key not in work.blocks:
                        finish(block)
                        with contextlib.suppress(Cancelled):
                            assembly.advance()
                assembly.finish(lambda done, total: told.append((done, total)))
            work.remove()
        return places, told

    return images, assemble


def test_fresh_and_resumed_blocks_give_the_same_bytes(assembled):
    images, assemble = assembled
    fresh, told = assemble("fresh", lambda number: False)
    assert told == [(3, 3)]  # nothing is left to do at the end
    for role, path in fresh.items():
        with rasterio.open(path) as file:
            np.testing.assert_array_equal(file.read(), images[role])
            for level, factor in enumerate(file.overviews(1)):
                with rasterio.open(path, OVERVIEW_LEVEL=level) as small:
                    assert small.shape == (-(-GRID.height // factor), -(-GRID.width // factor))
                    if role == "classes":
                        np.testing.assert_array_equal(small.read(), images[role][:, ::factor, ::factor])
    mixed, _ = assemble("mixed", lambda number: number % 2 == 0)
    whole, told = assemble("whole", lambda number: True)
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
    for role in images:
        assert fresh[role].read_bytes() == mixed[role].read_bytes() == whole[role].read_bytes()


def test_assembly_can_be_stopped(assembled):
    """Whatever is being written when the caller wants to stop; from then on every check raises."""
    _, assemble = assembled
    calls = []
    assemble("counted", lambda number: number % 2, lambda: calls.append(1))
    assert len(calls) >= 3 * 5

    class Stop:
        def __init__(self, at):
            self.left = at

        def __call__(self):
            self.left -= 1
            if self.left <= 0:
                raise Cancelled

    for at in (1, len(calls) // 2, len(calls)):
        with pytest.raises(Cancelled):
            assemble(f"stopped{at}", lambda number: number % 2, Stop(at))


def _emptied(data):
    data[16:-2000] = bytes(len(data) - 2016)
    return data


@pytest.mark.parametrize("spoil", [_emptied, lambda data: data[:5], lambda data: data[:-3000], lambda data: b""])
def test_a_part_that_is_damaged_is_named(assembled, tmp_path, spoil):
    """Its tiles are copied as they are, but the second overview must unpack: the next ones are made of it."""
    _, assemble = assembled

    def damage():
        for part in (tmp_path / "bad.tif.part").glob("trust_*.tif"):
            part.write_bytes(spoil(bytearray(part.read_bytes())))

    with pytest.raises(OSError, match=r"trust_.*\.tif is damaged"):
        assemble("bad", lambda number: True, damage)
