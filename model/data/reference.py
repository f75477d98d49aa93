"""What is known on the ground, as class indices of a model on a grid: a raster of labels, or polygons."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from types import TracebackType

import numpy as np
import shapely
from rasterio.features import rasterize
from rasterio.transform import Affine

from ..contract.card import Card
from ..contract.errors import BadInput
from . import crs as crs_tools
from .grid import Grid, Window
from .labels import IGNORE, NEW, UNKNOWN
from .native import exists
from .raster import LabelReader

_POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_IGNORED = "ignore"
_TOLD = 12  # classes or fields that a message lists


class Meaning:
    """From label values to class indices: a class's id or its name; a class map says otherwise."""

    def __init__(self, card: Card, path: str = "") -> None:
        """path: JSON {"label value": id | "NAME" | "new:NAME" | "ignore"}, NAME being a class of the model.

        Raises BadInput when it cannot be read or names a class that the card does not have.
        """
        self._card = card
        self._by_text = {info.name.casefold(): index for index, info in enumerate(card.classes)}
        self._by_text |= {str(info.id): index for index, info in enumerate(card.classes)}
        self._by_text.setdefault(str(IGNORE), IGNORE)
        if path:
            self._by_text = self._read(path)

    def index(self, value: object, where: str) -> int:
        """Return the class index of a label value, or IGNORE. `where` names the file. Raises BadInput."""
        index = self._by_text.get(_text(value))
        if index is None:
            raise BadInput(
                f"{where} holds {value!r}, which is no class of the model '{self._card.id}': it has {self._classes()}.",
                'Say what it means with --class-map: {"label value": class id | "ignore"}.',
            )
        return index

    def _read(self, path: str) -> dict[str, int]:
        try:
            raw = json.loads(Path(path).read_text(encoding="utf-8"))
            pairs = {_text(value): target for value, target in raw.items()}
        except (OSError, ValueError, AttributeError) as error:
            raise BadInput(
                f"Class map {path} cannot be read ({error}).", 'It must be {"label value": class id | "ignore"}.'
            ) from None
        found = {}
        for value, target in pairs.items():
            text = _text(target.removeprefix(NEW) if isinstance(target, str) else target)
            index = IGNORE if text == _IGNORED else self._by_text.get(text)
            if index is None:
                raise BadInput(
                    f"Class map {path}: {value!r} means {target!r}, but the model '{self._card.id}' has "
                    f"{self._classes()}.",
                    "Give a class id of the model, or 'ignore'.",
                )
            found[value] = index
        return found

    def _classes(self) -> str:
        return _listed([f"{info.id} {info.name}" for info in self._card.classes])


class RasterReference:
    """Labels of a raster of whole numbers, nearest pixel. A context manager."""

    def __init__(self, path: str, grid: Grid, meaning: Meaning) -> None:
        """Raises BadInput when it cannot be read as labels."""
        self._name, self._meaning = f"Reference {path}", meaning
        self._reader = LabelReader(path, grid, nodata=UNKNOWN)

    def __enter__(self) -> RasterReference:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.close()

    def read(self, window: Window) -> np.ndarray:
        """Return class indices (h,w) uint8, IGNORE where nothing is known. Raises BadInput for an unknown value."""
        values = self._reader.read(window)
        out = np.full(values.shape, IGNORE, np.uint8)
        for value in np.unique(values).tolist():
            if value != UNKNOWN:
                out[values == value] = self._meaning.index(value, self._name)
        return out


class PolygonReference:
    """Labels of polygons with a class each, rasterised where asked; what is drawn later lies on top."""

    def __init__(self, path: str, field: str, grid: Grid, meaning: Meaning) -> None:
        """field: the attribute that holds the class; "" = the only one there is. Raises BadInput."""
        polygons, values = _polygons(path, field, grid.crs, _changed(path))
        names, inverse = np.unique(values, return_inverse=True)
        indices = np.array([meaning.index(name, f"Reference {path}") for name in names.tolist()], np.uint8)
        self._grid, self._polygons, self._indices = grid, polygons, indices[inverse]
        self._tree = shapely.STRtree(polygons)

    def __enter__(self) -> PolygonReference:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def read(self, window: Window) -> np.ndarray:
        """Return class indices (h,w) uint8 of pixels whose centre lies in a polygon, IGNORE elsewhere."""
        shape = (window.height, window.width)
        found = np.sort(self._tree.query(shapely.box(*self._grid.window_bounds(window)), predicate="intersects"))
        if not found.size:
            return np.full(shape, IGNORE, np.uint8)
        transform = Affine(*self._grid.window_transform(window))
        shapes = zip(self._polygons[found], self._indices[found].tolist())
        return rasterize(shapes, shape, fill=IGNORE, transform=transform, dtype="uint8")


def open_reference(path: str, field: str, grid: Grid, meaning: Meaning) -> RasterReference | PolygonReference:
    """Open labels on a grid; what the file holds decides. Raises BadInput when it cannot be used."""
    name = f"Reference {path}"
    if not exists(path, name):
        raise BadInput(f"{name} does not exist.", "Check the path.")
    if _layers(path):
        return PolygonReference(path, field, grid, meaning)
    if field:
        raise BadInput(f"{name} is a raster, which has no field {field!r}.", "Leave --class-field out.")
    return RasterReference(path, grid, meaning)


def _layers(path: str) -> list[str]:
    """Return the names of a file's vector layers, those of polygons first; none of a raster."""
    import pyogrio  # here, not above: a second GDAL is loaded

    try:
        kinds = {str(name): str(kind) for name, kind in pyogrio.list_layers(path) if kind is not None}
    except (pyogrio.errors.DataSourceError, ValueError):
        return []
    return sorted(kinds, key=lambda name: "Polygon" not in kinds[name])


@lru_cache(maxsize=4)
def _polygons(path: str, field: str, crs: str, changed: float) -> tuple[np.ndarray, np.ndarray]:
    """Return valid polygons (N,) in `crs` and their classes (N,) as text.

    Cached, since many scenes may share a file; changed: when the file was, so that an edited one is read again.
    """
    import pyogrio

    name = f"Reference {path}"
    layer = _layers(path)[0]
    try:
        info = pyogrio.read_info(path, layer=layer)
        field = _field(name, field, [str(known) for known in info["fields"]])
        meta, _, wkb, (values,) = pyogrio.raw.read(path, layer=layer, columns=[field], force_2d=True)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        if isinstance(error, BadInput):
            raise
        text = " ".join(str(error).split())[:200]
        raise BadInput(f"{name} cannot be read: {text}.", "Check the file.") from None
    polygons = shapely.from_wkb(wkb) if wkb is not None else np.array([])
    there = np.isin(shapely.get_type_id(polygons), _POLYGONS) & ~shapely.is_empty(polygons)
    if not there.any():
        raise BadInput(f"{name} holds no polygon.", "Give a raster of labels, or polygons with a class each.")
    if not meta["crs"]:
        raise BadInput(f"{name} has no coordinate reference system.", "Assign one, for example in QGIS.")
    polygons, values = polygons[there], values[there]
    empty = np.array([_text(value) in ("", "none", "nan") for value in values.tolist()])
    if empty.any():
        raise BadInput(
            f"{name}: {int(empty.sum())} of {len(values)} polygons have no class in the field {field!r}.",
            "Fill them in, or delete these polygons.",
        )
    parts, of = shapely.get_parts(shapely.make_valid(polygons), return_index=True)
    inside = np.isin(shapely.get_type_id(parts), _POLYGONS)
    parts, values = parts[inside], np.array([_text(value) for value in values.tolist()])[of[inside]]
    if not crs_tools.same(meta["crs"], crs):
        carry = crs_tools.transformer(meta["crs"], crs)
        parts = shapely.make_valid(shapely.transform(parts, carry.transform, interleaved=False))
    return parts, values


def _changed(path: str) -> float:
    file = Path(path)
    return file.stat().st_mtime if file.exists() else 0.0


def _field(name: str, field: str, known: Sequence[str]) -> str:
    if field in known:
        return field
    if not field and len(known) == 1:
        return known[0]
    has = f"it has {_listed(known)}" if known else "it has none"
    if field:
        raise BadInput(f"{name} has no field {field!r}; {has}.", "Name the field of the class with --class-field.")
    raise BadInput(
        f"{name} holds polygons, but which field is the class? {has[0].upper()}{has[1:]}.",
        "Name the field of the class with --class-field.",
    )


def _text(value: object) -> str:
    """Return a label value as it is compared: 3, 3.0, '3' and ' 3 ' are one; letters' case does not count."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip().casefold()


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_TOLD]) + (f" and {len(names) - _TOLD} more" if len(names) > _TOLD else "")
