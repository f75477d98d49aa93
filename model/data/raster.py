"""Layers read onto one grid, tile by tile, with validity beside the values."""

from __future__ import annotations

import threading
from types import TracebackType
from weakref import WeakValueDictionary

import numpy as np
from rasterio.errors import RasterioError

from ..contract.errors import BadInput
from ..contract.modality import HEIGHT, IMAGE, RADAR
from . import crs as crs_tools
from .grid import Affine6, Bounds, Grid, Window
from .heights import LocalGround
from .native import Layer, NativeReader, open_dataset, unreadable, valid_pixels, value_type
from .scaling import to_db, to_power
from .warp import PixelMap, bilinear, block_mean, frame, nearest, needed

_STRIP_PIXELS = 500_000  # native pixels averaged at a time
_BESIDE = 2  # native pixels around a place that resampling may touch


class LayerReader:
    """Reads one layer onto a grid. One per thread; a context manager.

    IMAGE: values as stored (uint8, uint16, int16; anything else float32); the layer's gain and offset are the caller's.
    HEIGHT: float32 metres above the local ground. RADAR: float32 dB, resampled as power.
    """

    def __init__(self, layer: Layer, grid: Grid) -> None:
        self.layer = layer
        self.grid = grid
        self._native = NativeReader(layer)
        self._resampler = Resampler(self._native, grid)
        self._ground = None
        if layer.ground_block:
            self._ground = local_ground(layer, grid.crs)
            self._lattice = Resampler(self._native, self._ground.lattice)

    def __enter__(self) -> LayerReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._native.close()

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return values (C,h,w) and validity (h,w) bool of a window of the grid; 0 and False outside the layer.

        Raises BadInput when the file cannot be read there.
        """
        layer = self.layer
        values, valid = self._resampler.read(window)
        if layer.kind == IMAGE:
            return values, valid
        if self._ground is not None and valid.any():
            values -= self._ground.at(self.grid, window, valid, self._lattice)
            valid &= np.isfinite(values[0])
            if not valid.all():
                np.copyto(values, 0, where=~valid)
        return values, valid


_grounds: WeakValueDictionary[tuple[Layer, str], LocalGround] = WeakValueDictionary()
_grounds_lock = threading.Lock()


def local_ground(layer: Layer, crs: str) -> LocalGround:
    """Return the ground under a layer, the same for all who use it at a time, whichever their threads."""
    with _grounds_lock:
        ground = _grounds.get((layer, crs))
        if ground is None:
            block = layer.ground_block * crs_tools.units_per_metre(crs)
            bounds = crs_tools.raster_bounds(layer.transform, layer.width, layer.height, layer.crs, crs)
            ground = _grounds[(layer, crs)] = LocalGround(crs, block, bounds)
        return ground


class Resampler:
    """A layer on a grid: an exact copy where pixels coincide, else means of blocks and bilinear between them."""

    def __init__(self, native: NativeReader, grid: Grid) -> None:
        """Prepare; nothing is read yet."""
        self._native, self._layer = native, native.layer
        layer = self._layer
        self._map = PixelMap(grid, layer.crs, layer.transform)
        self._offset = self._map.offset(layer.width, layer.height)
        self._factors = _factors(self._map, layer, grid)
        rows, columns = self._factors
        self._size = (-(-layer.width // columns), -(-layer.height // rows))

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return values (C,h,w) and validity (h,w): IMAGE as stored, HEIGHT float32 metres, RADAR float32 dB."""
        layer = self._layer
        if self._offset is not None:
            return self._copy(window)
        places = self._map.sampling(window, self._factors)
        source = places.needed(self._size)
        out, out_valid = self._nothing(window)
        if source is None:
            return out, out_valid
        whole = layer.kind == IMAGE and layer.read_dtype != "float32"
        framed, gaps = self._means(source)
        for rows, values, valid in bilinear(framed, gaps, places, source, self._size):
            if layer.kind == RADAR:
                values = to_db(values) if valid is None else to_db(values) * valid
            out[:, rows] = np.rint(values) if whole else values
            out_valid[rows] = True if valid is None else valid
        return out, out_valid

    def heights_under(self, window: Window) -> np.ndarray:
        """Return the valid heights (N,) float32, in metres, of the layer's own pixels under and beside a window."""
        cols = window.col - 0.5 + np.linspace(0, window.width, 9)
        rows = window.row - 0.5 + np.linspace(0, window.height, 9)
        u, v = self._map.places(cols, rows)
        known = np.isfinite(u) & np.isfinite(v)
        if not known.any():
            return np.zeros(0, np.float32)
        left, top = int(np.floor(u[known].min())) - _BESIDE, int(np.floor(v[known].min())) - _BESIDE
        right, bottom = int(np.ceil(u[known].max())) + _BESIDE, int(np.ceil(v[known].max())) + _BESIDE
        whole = Window(0, 0, self._layer.width, self._layer.height)
        source = Window(left, top, right - left, bottom - top).intersection(whole)
        if source is None:
            return np.zeros(0, np.float32)
        values, valid = self._native.read(source)
        return self._linear(values, valid)[0][valid]

    def _nothing(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        shape = (window.height, window.width)
        return np.zeros((len(self._layer.source.bands), *shape), self._layer.read_dtype), np.zeros(shape, bool)

    def _copy(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        layer = self._layer
        row, col = self._offset
        wanted = Window(window.col + col, window.row + row, window.width, window.height)
        source = wanted.intersection(Window(0, 0, layer.width, layer.height))
        if source is None:
            return self._nothing(window)
        values, valid = self._native.read(source)
        if layer.kind == RADAR and layer.source.unit != "db":
            values = to_db(to_power(values, layer.source.unit))
            if not valid.all():
                values *= valid
        elif layer.kind == HEIGHT:
            values = values.astype(np.float32) * np.float32(layer.height_gain)
        if source == wanted:
            return values.astype(layer.read_dtype, copy=False), valid
        out, out_valid = self._nothing(window)
        top, left = source.row - wanted.row, source.col - wanted.col
        place = (slice(top, top + source.height), slice(left, left + source.width))
        out[(slice(None), *place)] = values
        out_valid[place] = valid
        return out, out_valid

    def _means(self, source: Window) -> tuple[np.ndarray, bool]:
        """Return a frame of linear values of a window of blocks of `_factors` pixels, and whether there are gaps."""
        layer, (rows, columns) = self._layer, self._factors
        framed, inside = frame(len(layer.source.bands), source)
        if (rows, columns) == (1, 1):
            values, valid = self._native.read(source)
            inside[:-1] = self._linear(values, valid)
            gaps = not valid.all()
            if gaps:
                inside[-1] = valid
            return framed, gaps
        left, right = source.col * columns, min((source.col + source.width) * columns, layer.width)
        step = max(_STRIP_PIXELS // ((right - left) * rows), 1)
        inside[-1], gaps = 1, False
        for start in range(0, source.height, step):
            stop = min(start + step, source.height)
            top, bottom = (source.row + start) * rows, min((source.row + stop) * rows, layer.height)
            values, valid = self._native.read(Window(left, top, right - left, bottom - top))
            if layer.kind != IMAGE:
                values = self._linear(values, valid)
            gaps |= block_mean(values, valid, self._factors, inside[:, start:stop])
        return framed, gaps

    def _linear(self, values: np.ndarray, valid: np.ndarray) -> np.ndarray:
        """Return values that may be averaged, 0 where not valid; float32 unless a picture's."""
        layer = self._layer
        if layer.kind == RADAR:
            power = to_power(values, layer.source.unit)
            return power if valid.all() else power * valid
        if layer.kind == HEIGHT:
            return values.astype(np.float32) * np.float32(layer.height_gain)
        return values


class LabelReader:
    """Reads whole-number labels onto a grid, nearest pixel. One per thread; a context manager."""

    def __init__(self, path: str, grid: Grid, band: int = 1, nodata: int = 255) -> None:
        """Open `path`. Raises BadInput when it is not a raster with that band and a CRS."""
        self._name = f"Label layer {path}"
        self._dataset = open_dataset(path, self._name)
        if not 1 <= band <= self._dataset.count:
            raise BadInput(f"{self._name} has no band {band}.", "Choose another band.")
        if self._dataset.count > 2:  # a second may be how sure the classes are, or a mask
            raise BadInput(
                f"{self._name} has {self._dataset.count} bands: labels are one band of class numbers.",
                "Give the raster of classes; a picture holds none.",
            )
        if not self._dataset.crs:
            raise BadInput(f"{self._name} has no coordinate reference system.", "Assign one first.")
        if np.issubdtype(np.dtype(value_type(self._dataset, [band])), np.complexfloating):
            raise BadInput(f"{self._name} does not hold whole numbers.", "Give a raster of class numbers.")
        self.grid = grid
        self._band, self._nodata = band, nodata
        transform: Affine6 = tuple(self._dataset.transform)[:6]
        self._crs = self._dataset.crs.to_wkt()
        self._map = PixelMap(grid, self._crs, transform)
        self._offset = self._map.offset(self._dataset.width, self._dataset.height)

    def __enter__(self) -> LabelReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._dataset.close()

    @property
    def bounds(self) -> Bounds:
        """Return (xmin, ymin, xmax, ymax) of the file in the grid's CRS."""
        width, height = self._dataset.width, self._dataset.height
        return crs_tools.raster_bounds(tuple(self._dataset.transform)[:6], width, height, self._crs, self.grid.crs)

    def read(self, window: Window) -> np.ndarray:
        """Return labels (h,w) int32; the `nodata` value where the file has none.

        Raises BadInput on a damaged file, and for values that are not whole numbers of 32 bits.
        """
        if self._offset is not None:
            return self._copy(window, self._offset)
        u, v = self._map.coordinates(window)
        size = (self._dataset.width, self._dataset.height)
        source = needed(u, v, *size)
        if source is None:
            return np.full((window.height, window.width), self._nodata, np.int32)
        values, valid = self._native(source)
        labels, known = nearest(values, valid, u, v, source, size)
        return np.where(known, labels[0].astype(np.int32), np.int32(self._nodata))

    def _copy(self, window: Window, offset: tuple[int, int]) -> np.ndarray:
        """Return what `read` does, of a file whose pixels are the grid's; offset: (row, col) added to the grid's."""
        out = np.full((window.height, window.width), self._nodata, np.int32)
        wanted = Window(window.col + offset[1], window.row + offset[0], window.width, window.height)
        source = wanted.intersection(Window(0, 0, self._dataset.width, self._dataset.height))
        if source is not None:
            values, valid = self._native(source)
            top, left = source.row - wanted.row, source.col - wanted.col
            part = out[top : top + source.height, left : left + source.width]
            np.copyto(part, values[0].astype(np.int32), where=valid)
        return out

    def _native(self, source: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return values (1,h,w) and which are labels (h,w) of a window of the file."""
        rio = ((source.row, source.row + source.height), (source.col, source.col + source.width))
        try:
            values = self._dataset.read([self._band], window=rio)
        except RasterioError as error:
            raise unreadable(self._name, error) from None
        valid = valid_pixels(values, (self._dataset.nodatavals[self._band - 1],))
        if values.dtype.kind == "f" or values.dtype.itemsize > 4 or values.dtype == np.uint32:
            values = self._whole(values, valid)
        return values, valid

    def _whole(self, values: np.ndarray, valid: np.ndarray) -> np.ndarray:
        """Return float or long values (1,h,w) as int32, 0 where not valid."""
        values = np.where(valid, values, 0)
        wrong = (values != np.rint(values)) | (np.abs(values.astype(np.float64)) >= 2**31)
        if wrong.any():
            raise BadInput(
                f"{self._name} holds {values[wrong][0]:g}: class labels are whole numbers.",
                "Give a raster of class numbers.",
            )
        return values.astype(np.int32)


def _factors(pixel_map: PixelMap, layer: Layer, grid: Grid) -> tuple[int, int]:
    """Return how many whole (rows, columns) of the layer fall in one grid pixel, measured at the layer's centre.

    The place is the layer's, so that every grid of one resolution averages the same blocks.
    """
    a, b, c, d, e, f = layer.transform
    x, y = a * layer.width / 2 + b * layer.height / 2 + c, d * layer.width / 2 + e * layer.height / 2 + f
    if not crs_tools.same(layer.crs, grid.crs):
        x, y = crs_tools.transformer(layer.crs, grid.crs).transform(x, y)
    ga, _, gc, _, ge, gf = grid.transform
    across, down = pixel_map.scale((x - gc) / ga, (y - gf) / ge)
    if not np.isfinite([across, down]).all():
        return (1, 1)
    return max(int(down + 1e-6), 1), max(int(across + 1e-6), 1)
