"""The final rasters come out the same whichever blocks come from an interrupted run."""

import contextlib

import numpy as np
import pytest
import rasterio
import rasters

from sgma_qgis.model.contract.errors import Cancelled
from sgma_qgis.model.contract.store import find
from sgma_qgis.model.data.grid import Grid, Window
from sgma_qgis.model.engine.assembly import Assembly
from sgma_qgis.model.engine.journal import WorkFolder
from sgma_qgis.model.engine.layout import plan_layout
from sgma_qgis.model.engine.rasters import OutputRasters

GRID = Grid(rasters.CRS, (0.5, 0.0, 500000.0, 0.0, -0.5, 5000000.0), 1300, 1100)


@pytest.fixture(params=[8192, 500], ids=["one strip", "strips"])
def assembled(request, tmp_path, model):
    """Return (images by role, assemble(name, resumed): blocks of such an index are there before the others come)."""
    card = find(model).card
    output = OutputRasters(card, GRID, ("classes", "trust"))
    layout = plan_layout(GRID, Window(0, 0, GRID.width, GRID.height), 256, 9.375, request.param)
    blocks = [block for strip in layout.strips for block in strip.blocks]
    assert (len(layout.strips) > 1) == (request.param == 500)
    random = np.random.default_rng(0)
    shape = GRID.height, GRID.width
    images = {"classes": random.integers(0, 3, (1, *shape)), "trust": random.integers(0, 101, (len(card.keys), *shape))}
    images = {role: image.astype(np.uint8) for role, image in images.items()}

    def cut(block):
        w = block.window
        return {role: image[:, w.row : w.row + w.height, w.col : w.col + w.width] for role, image in images.items()}

    def assemble(name, resumed, check=lambda: None):
        places = {role: tmp_path / f"{role}_{name}.tif" for role in images}
        told = []
        with WorkFolder(tmp_path / f"{name}.tif") as work:
            work.open_journal("digest", resume=False)

            def finish(block):
                files = output.write_parts(work.path, block.key, block.window, cut(block))
                work.finish_block(block.key, files, {"failed": []})

            for block in blocks:
                if resumed(int(block.key.split("_")[1])):
                    finish(block)
            with Assembly(layout, GRID, output, work, places, check) as assembly:
                for block in blocks:
                    if block.key not in work.blocks:
                        finish(block)
                        with contextlib.suppress(Cancelled):
                            assembly.advance()
                assembly.finish(2, lambda done, total: told.append((done, total)))
            work.remove()
        return places, told

    return images, assemble


def test_fresh_and_resumed_blocks_give_the_same_bytes(assembled):
    images, assemble = assembled
    fresh, told = assemble("fresh", lambda index: False)
    assert told == [(1100, 1100)]  # nothing is left to do at the end
    for role, path in fresh.items():
        with rasterio.open(path) as file:
            np.testing.assert_array_equal(file.read(), images[role])
    mixed, _ = assemble("mixed", lambda index: index % 3 == 0)
    whole, told = assemble("whole", lambda index: True)
    assert told == [(0, 1100), (512, 1100), (1024, 1100), (1100, 1100)]
    for role in images:
        assert fresh[role].read_bytes() == mixed[role].read_bytes() == whole[role].read_bytes()


def test_assembly_can_be_stopped(assembled):
    """Whatever is being written when the caller wants to stop; from then on every check raises."""
    _, assemble = assembled
    calls = []
    assemble("counted", lambda index: index % 2, lambda: calls.append(1))
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
            assemble(f"stopped{at}", lambda index: index % 2, Stop(at))
