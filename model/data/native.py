"""Reading a layer at its own pixels: opening, blocks, masks. What a band holds and which pixels count."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
import pyproj
import rasterio
from rasterio.enums import MaskFlags
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window as RioWindow

from ..contract.errors import BadInput
from ..contract.job import Source
from ..contract.modality import BY_KEY, IMAGE, UNITS
from .grid import Affine6, Window
from .sidecar import SUFFIX

MASK = "mask"  # mask bands of the file: one for all, or one for each band
ALPHA = "alpha"  # a band flagged alpha that really is a mask
_SAMPLE_SIDE, SAMPLE_COUNT = 128, 8  # sampling: windows of so many pixels, so many a side
STORED_TYPES = ("uint8", "uint16", "int16")  # handed on as they are; everything else becomes float32
_HUGE = 1e30

Seen = dict[Window, np.ndarray]  # windows of a layer read so far, and which of their pixels (h,w) are valid


@dataclass(frozen=True)
class Layer:
    """One sensor layer, opened and checked.

    source: bands and unit filled in. dtype: as stored. transform: row-major affine, maybe rotated. resolution: ground
    metres. nodata: per band of `source.bands`, as stored. mask: '', MASK or ALPHA; alpha_band: its number. gain,
    offset: per band, value as a LayerReader returns it -> unit of the card. scales, shifts: the file's own scale and
    offset per band, () = none; applied to heights and radar on reading, contained in gain and offset for pictures.
    ground_block: metres; above 0, a local ground found on blocks of that size is taken off the heights. files: every
    file behind the layer, sidecars and the sources of a VRT included, local ones absolute and without links.
    notes: what was assumed. warnings: what may harm the result.
    """

    source: Source
    dtype: str
    crs: str
    transform: Affine6
    width: int
    height: int
    resolution: float
    nodata: tuple[float | None, ...]
    mask: str = ""
    alpha_band: int = 0
    gain: tuple[float, ...] = (1.0,)
    offset: tuple[float, ...] = (0.0,)
    scales: tuple[float, ...] = ()
    shifts: tuple[float, ...] = ()
    ground_block: float = 0.0
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return the modality's key."""
        return self.source.modality

    @property
    def kind(self) -> str:
        """Return IMAGE, HEIGHT or RADAR."""
        return BY_KEY[self.key].kind

    @property
    def name(self) -> str:
        """Return how messages call the layer: its slot and its file."""
        return layer_name(self.source)

    @property
    def read_dtype(self) -> str:
        """Return the dtype that a LayerReader hands on."""
        return self.dtype if self.kind == IMAGE and self.dtype in STORED_TYPES else "float32"

    @property
    def always_valid(self) -> bool:
        """Tell whether every pixel is valid whatever it holds: whole numbers without nodata and mask."""
        whole = np.issubdtype(np.dtype(self.dtype), np.integer)
        return whole and not self.mask and all(value is None for value in self.nodata)

    @property
    def rescaled(self) -> bool:
        """Tell whether the file has a scale or offset of its own."""
        return bool(self.scales)

    @property
    def height_gain(self) -> float:
        """Return metres per stored unit of height."""
        return UNITS[self.source.unit].gain or 1.0


def layer_name(source: Source) -> str:
    """Return how messages call a layer: 'RGB layer FILE'."""
    return f"{BY_KEY[source.modality].title} layer {source.path}"


def configure(cache_mb: int = 256) -> None:
    """Set GDAL's and PROJ's process-wide options; call once, before the first file is opened.

    Environment variables, because rasterio and pyogrio each bring a GDAL of their own and rasterio's options are
    per thread.
    """
    os.environ["GDAL_PAM_ENABLED"] = "NO"  # never an .aux.xml beside an input; `open_dataset` reads those there are
    os.environ["GDAL_CACHEMAX"] = str(cache_mb)  # the default is a share of the machine
    os.environ["GDAL_NUM_THREADS"] = "1"  # the engine reads with threads of its own; keeps written bytes the same
    os.environ["GDAL_HTTP_TIMEOUT"] = "30"
    os.environ["GDAL_HTTP_CONNECTTIMEOUT"] = "10"
    os.environ["PROJ_NETWORK"] = "OFF"  # no transformation grids from the network: same pixels everywhere
    pyproj.network.set_network_enabled(False)


class NativeReader:
    """Reads a layer's bands and validity at its own pixels. One per thread; a context manager."""

    def __init__(self, layer: Layer, dataset: DatasetReader | None = None) -> None:
        """dataset: the layer's file when it is open already."""
        self.layer = layer
        self._dataset = dataset or open_dataset(layer.source.path, layer.name)
        self._mixed = len({self._dataset.dtypes[band - 1] for band in layer.source.bands}) > 1  # a VRT may mix types
        self._masked = masked_bands(self._dataset, layer.source.bands)

    def __enter__(self) -> NativeReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._dataset.close()

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return values (C,h,w), 0 where not valid, and validity (h,w) of a window inside the layer.

        Values are as stored; scale and offset of the file are applied to heights and radar.

        Raises BadInput when the file cannot be read there.
        """
        layer, bands = self.layer, self.layer.source.bands
        rio = RioWindow(window.col, window.row, window.width, window.height)
        try:
            if self._mixed:
                values = np.stack([self._dataset.read(band, window=rio).astype(layer.dtype) for band in bands])
            else:
                values = self._dataset.read(bands, window=rio)
            if layer.mask == ALPHA:
                mask = self._dataset.read(layer.alpha_band, window=rio)
            elif layer.mask == MASK:
                mask = self._dataset.read_masks(self._masked, window=rio).all(axis=0)
            else:
                mask = None
        except RasterioError as error:
            raise unreadable(layer.name, error) from None
        valid = valid_pixels(values, layer.nodata)
        if mask is not None:
            valid &= mask != 0
        if layer.rescaled and layer.kind != IMAGE:
            values = rescale(values, layer.scales, layer.shifts)
        if valid.all():
            return values, valid
        if np.issubdtype(values.dtype, np.integer):
            values *= valid  # many times quicker, but NaN stays NaN
            return values, valid
        return np.where(valid, values, values.dtype.type(0)), valid


def valid_pixels(values: np.ndarray, nodata: tuple[float | None, ...]) -> np.ndarray:
    """Return (h,w) bool: no band of values (C,h,w) is its nodata or not finite."""
    valid = np.ones(values.shape[1:], bool)
    for band, value in zip(values, nodata):
        if not np.issubdtype(band.dtype, np.integer):
            valid &= np.isfinite(band)
        if value is None or np.isnan(value):
            continue
        if np.issubdtype(band.dtype, np.integer):
            info = np.iinfo(band.dtype)
            if float(value).is_integer() and info.min <= value <= info.max:
                valid &= band != band.dtype.type(int(value))
        elif abs(value) > _HUGE:  # -3.4e38 comes in several roundings
            valid &= ~np.isclose(band.real, value, rtol=1e-5, atol=0)
        else:
            valid &= band != band.dtype.type(value)
    return valid


def rescale(values: np.ndarray, scales: tuple[float, ...], shifts: tuple[float, ...]) -> np.ndarray:
    """Return values (C,...) as float32 or complex64 after a scale and an offset per band."""
    shape = (-1,) + (1,) * (values.ndim - 1)
    with np.errstate(over="ignore", invalid="ignore"):  # nodata at the end of the range
        scaled = values * np.reshape(scales, shape) + np.reshape(shifts, shape)
        return scaled.astype(np.complex64 if np.iscomplexobj(values) else np.float32)


def sample_windows(width: int, height: int, half: bool = False) -> list[Window]:
    """Return at most 8 x 8 windows spread evenly over a raster; small rasters are covered whole.

    half: of a raster that is large both ways just every second one, as the black squares of a chess board.
    """
    columns, rows = _spread(width), _spread(height)
    half = half and min(width, height) > _SAMPLE_SIDE * SAMPLE_COUNT
    return [
        Window(col, row, w, h)
        for i, (row, h) in enumerate(rows)
        for j, (col, w) in enumerate(columns)
        if not half or (i + j) % 2 == 0
    ]


def sample(reader: NativeReader, half: bool, check: Callable[[], None]) -> tuple[np.ndarray, Seen]:
    """Return the valid values (C,N) of windows spread over the whole layer, as `read` returns them, and the windows.

    half: see `sample_windows`. check: called between windows; raises when the caller wants to stop.
    """
    parts, seen = [], {}
    for window in sample_windows(reader.layer.width, reader.layer.height, half):
        check()
        values, valid = reader.read(window)
        parts.append(values.reshape(len(values), -1) if valid.all() else values[:, valid])
        seen[window] = valid
    return np.concatenate(parts, axis=1), seen


def validity(
    layer: Layer, windows: Iterable[Window], seen: Seen, check: Callable[[], None]
) -> Iterator[tuple[Window, np.ndarray]]:
    """Yield each window and which of its pixels (h,w) are valid; read is only what nothing else tells."""
    with ExitStack() as stack:
        reader = None
        for window in windows:
            check()
            if layer.always_valid:
                valid = np.ones((window.height, window.width), bool)
            elif window in seen:
                valid = seen[window]
            else:
                reader = reader or stack.enter_context(NativeReader(layer))
                valid = reader.read(window)[1]
            yield window, valid


def _spread(length: int) -> list[tuple[int, int]]:
    if length <= _SAMPLE_SIDE * SAMPLE_COUNT:
        return [(start, min(_SAMPLE_SIDE, length - start)) for start in range(0, length, _SAMPLE_SIDE)]
    starts = np.linspace(0, length - _SAMPLE_SIDE, SAMPLE_COUNT).round().astype(int)
    return [(int(start), _SAMPLE_SIDE) for start in starts]


def masked_bands(dataset: DatasetReader, bands: Sequence[int]) -> list[int]:
    """Return which of the bands have a mask that is more than their nodata value or an alpha band.

    A mask that all bands share is returned once, under the first.
    """
    flags = {band: dataset.mask_flag_enums[band - 1] for band in bands}
    own = [
        band
        for band, flag in flags.items()
        if not {MaskFlags.all_valid, MaskFlags.alpha} & set(flag) and flag != [MaskFlags.nodata]
    ]
    return own[:1] if all(MaskFlags.per_dataset in flags[band] for band in own) else own


def value_type(dataset: DatasetReader, bands: Sequence[int]) -> str:
    """Return the name of numpy's dtype that holds the values of these bands; complex integers come as complex64."""
    names = (dataset.dtypes[band - 1] for band in bands)
    return np.result_type(*("complex64" if name == "complex_int16" else name for name in names)).name


# --- opening -----------------------------------------------------------------------------------------------------

_DRIVERS = {".ecw": "ECW", ".sid": "MrSID", ".jp2": "JP2OpenJPEG", ".hdf": "HDF4", ".he4": "HDF4", ".kea": "KEA"}
_driver_names: frozenset[str] | None = None
_driver_lock = threading.Lock()


def open_dataset(path: str, name: str) -> DatasetReader:
    """Open a raster for reading. `name` is how messages call it. Raises BadInput saying why it cannot be used."""
    local = Path(path)
    sidecar = False
    if not is_virtual(path):
        if not path or not exists(path, name):
            raise BadInput(f"{name} does not exist.", "Check the path.")
        if local.is_file() and local.stat().st_size == 0:
            raise BadInput(f"{name} is an empty file.", "Copy or export it again.")
        sidecar = Path(path + SUFFIX).is_file()
        driver = _DRIVERS.get(local.suffix.lower())
        if driver and driver not in _drivers():
            raise BadInput(
                f"{name} needs the format driver {driver}, which the runtime's GDAL does not have.",
                "Convert it to GeoTIFF first, for example with gdal_translate or QGIS 'Export > Save as'.",
            )
    try:
        # A sidecar may hold the CRS, position and nodata. GDAL's support for them, kept from opening on, rewrites one
        # only after a change, and nothing is changed here; without a sidecar it stays off, so that none can come up.
        with rasterio.Env.from_defaults(GDAL_PAM_ENABLED=sidecar):
            dataset = rasterio.open(path)
    except RasterioError as error:
        raise _not_a_raster(path, name, error) from None
    if dataset.count == 0:
        parts = len(dataset.subdatasets)
        dataset.close()
        raise BadInput(
            f"{name} holds {parts} sub-datasets and no band of its own.", "Give one sub-dataset's full name."
        )
    return dataset


def exists(path: str, name: str) -> bool:
    """Tell whether a local file or folder exists. Raises BadInput when the system does not let us look."""
    try:
        return Path(path).exists()
    except OSError as error:
        raise BadInput(f"{name} cannot be reached: {error.strerror}.", "Check the path and its permissions.") from None


def files_behind(dataset: DatasetReader) -> tuple[str, ...]:
    """Return every file that the dataset reads, sidecars and the sources of VRTs in VRTs included.

    Local ones are absolute and without links. A source that cannot be opened is listed, but not looked into.
    """
    found = dict.fromkeys(_absolute(name) for name in dataset.files)
    waiting = [name for name in found if name != _absolute(dataset.name)]
    while waiting:
        name = waiting.pop()
        if not name.lower().endswith(".vrt"):
            continue
        try:
            with rasterio.open(name) as source:
                behind = [_absolute(other) for other in source.files]
        except RasterioError:
            continue
        waiting += [other for other in behind if other not in found]
        found.update(dict.fromkeys(behind))
    return tuple(found)


def _absolute(path: str) -> str:
    return path if is_virtual(path) else str(Path(path).resolve())


def is_virtual(path: str) -> bool:
    """Tell whether GDAL alone knows what a path means: an archive's member, an address, a sub-dataset."""
    return path.startswith("/vsi") or "://" in path or ":" in path[2:]


def unreadable(name: str, error: Exception) -> BadInput:
    """Return the error for a file that opens but cannot be read."""
    return BadInput(f"{name} is damaged or incomplete: {_one_line(error)}.", "Copy or export it again.")


def _drivers() -> frozenset[str]:
    global _driver_names  # noqa: PLW0603  (asked once a process)
    with _driver_lock:
        if _driver_names is None:
            with rasterio.Env() as env:
                _driver_names = frozenset(env.drivers())
        return _driver_names


def _not_a_raster(path: str, name: str, error: Exception) -> BadInput:
    import pyogrio  # only here: a second GDAL is loaded to explain a failure

    try:
        layers = pyogrio.list_layers(path)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError):
        layers = ()
    if len(layers):
        return BadInput(f"{name} is a vector file; a raster is needed.", "Give a raster file for this slot.")
    return BadInput(f"{name} is not a raster that GDAL can open: {_one_line(error)}.", "Check the file.")


def _one_line(error: Exception) -> str:
    root = error.__cause__ or error
    return " ".join(str(root).split()).rstrip(".")[:200]
