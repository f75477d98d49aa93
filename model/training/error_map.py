"""Where a model maps what the reference does not say: a raster, and the largest areas of each mistake."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..contract.card import Card
from ..contract.errors import OutputFailed
from ..contract.learning import EvaluateJob
from ..data.labels import IGNORE

if TYPE_CHECKING:
    from ..data.labelled import LabelledTiles, Sample


class ErrorMap:
    """Keeps what is measured of the layers of a job; scenes of a manifest, which share no grid, are not kept.

    A context manager: the raster gets its name in `result`; left without it nothing stays.
    """

    def __init__(self, job: EvaluateJob, card: Card, tiles: LabelledTiles) -> None:
        self._wanted = Path(job.errors) if job.errors else None
        self._card, self._tiles, self._apart = card, tiles, bool(job.scenes)
        self._sample: Sample | None = None
        self._stack = ExitStack()

    def __enter__(self) -> ErrorMap:
        from ..data.mistakes import Mistakes  # here, not above: training loads without GDAL

        if self._apart:
            return self
        ids = [info.id for info in self._card.classes]
        try:
            with ExitStack() as stack:
                # where it is to stay, or where it is for the places of mistakes alone
                beside = self._wanted.parent if self._wanted else None
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix=".sgma-", dir=beside))
                self._path = Path(folder) / "errors.tif"
                self._file = stack.enter_context(Mistakes(self._path, self._grid(), ids))
                self._stack = stack.pop_all()
        except OSError as error:
            raise self._failed(error) from None
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def next(self, sample: Sample) -> None:
        """Note the tile that is measured now."""
        self._sample = sample

    def record(self, mapped: np.ndarray) -> None:
        """Keep what the tile is mapped as, class indices (1,h,w). Raises OutputFailed."""
        if self._apart:
            return
        place = self._sample.place
        cut = place.core.within(place.window)
        try:
            self._file.add(place.core, np.where(mapped[0] == IGNORE, IGNORE, self._sample.labels)[cut], mapped[0][cut])
        except OSError as error:
            raise self._failed(error) from None

    def result(self) -> dict[str, Any]:
        """Give the raster its name, if it is wanted, and return what the report says of mistakes.

        {places: [{reference, mapped, pixels, bounds}], crs of them}. Raises OutputFailed.
        """
        from ..data.mistakes import places
        from ..data.output import replace_safely

        if self._apart:
            return {"places": [], "crs": ""}
        try:
            self._file.finish()
            grid, classes = self._grid(), self._card.classes
            found = places(self._path, grid, [info.id for info in classes])
            if self._wanted:
                replace_safely(self._path, self._wanted)
        except OSError as error:
            raise self._failed(error) from None
        rows = [
            {
                "reference": classes[truth].name,
                "mapped": classes[mapped].name,
                "pixels": patch.pixels,
                "bounds": list(grid.window_bounds(patch.window)),
            }
            for (truth, mapped), patches in found.items()
            for patch in patches
        ]
        return {"places": rows, "crs": grid.crs}

    def _grid(self) -> Any:
        return self._tiles.scenes[0].plan.grid

    def _failed(self, error: OSError) -> OutputFailed:
        place = f"Raster {self._wanted} (--errors)" if self._wanted else "A temporary raster"
        hint = (
            "Make room, or choose another." if self._wanted else "Make room in the folder of temporary files (TMPDIR)."
        )
        return OutputFailed(f"{place} cannot be written ({error.strerror or error}).", hint)
