"""Outlines of equal areas of a class map: chains of pixel corners, joined to rings, grouped to valid polygons.

A *point* is a pixel corner, coded as 4 * (row * (width + 1) + col) + flags. A ring goes round its area clockwise on the
map (area on the right), a hole's the other way; its points are corners of the outline and places where a third area
meets it, so that neighbours have the same points along a shared border.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np
import shapely

from .components import components

TOUCHES = 1  # flag: four areas meet in pairs of equal value; a ring may pass here twice
HELD = 2  # flag: here only so that simplification of the strips above and below agrees
_RIGHT, _DOWN, _LEFT, _UP = range(4)


@dataclass(frozen=True)
class Chains:
    """Pieces of outlines in a strip; the first `len(heads)` are open, the others are rings.

    points: codes of all pieces, one after the other. offsets (n+1,): where each begins. pixels: row and column, each
    (n,), of a pixel of the strip whose area the piece goes round. heads, tails: (is_top, col) of where an open piece
    comes into the strip and leaves it.
    """

    points: np.ndarray
    offsets: np.ndarray
    pixels: tuple[np.ndarray, np.ndarray]
    heads: list[tuple[bool, int]]
    tails: list[tuple[bool, int]]


def trace(values: np.ndarray, first_row: int, kept: np.ndarray | None = None) -> Chains:
    """Return the outlines of areas of equal value that pass the pixel corners between the rows of values (h+1,w+2).

    Row 0 is the last row of the strip above, the first and last column are outside the raster. Negative values have no
    outline of their own. Vertical edges in the first and last row run on into the neighbouring strips: there pieces are
    open. first_row: row of the first corners in the whole raster. kept (h+1,w+1) bool: corners that simplification
    kept; those of the first row are kept in any case.
    """
    height = values.shape[0] - 1
    vertical = values[:, :-1] != values[:, 1:]  # (h+1,w+1): an edge in this pixel row, right of the column
    horizontal = values[:-1] != values[1:]  # (h,w+2): an edge below the row
    node = (vertical[:-1] | vertical[1:]) & (horizontal[:, :-1] | horizontal[:, 1:])
    if kept is not None:
        node[0] |= vertical[0] & vertical[1]
    rows, cols = np.nonzero(node)
    edges = np.stack(
        [horizontal[rows, cols + 1], vertical[rows + 1, cols], horizontal[rows, cols], vertical[rows, cols]]
    )
    top, bottom = np.flatnonzero(vertical[0]), np.flatnonzero(vertical[-1])
    codes = _codes(values, rows, cols, edges, first_row, kept)
    # Where edges enter and leave the strip, ends that are no points.
    rows = np.concatenate([np.full(top.size, -1), rows, np.full(bottom.size, height)])
    cols = np.concatenate([top, cols, bottom])
    codes = np.concatenate([np.full(top.size, -1), codes, np.full(bottom.size, -1)])
    ends = np.zeros((4, len(rows)), bool)
    ends[:, top.size : len(rows) - bottom.size] = edges
    ends[_DOWN, : top.size] = True
    ends[_UP, len(rows) - bottom.size :] = True

    start, end, pixels, following = _runs(values, rows, cols, ends)
    open_heads = np.flatnonzero((rows[start] < 0) | (rows[start] == height))
    order, offsets = _walk(following, open_heads)
    last = order[offsets[1 : len(open_heads) + 1] - 1]
    firsts = order[offsets[:-1]]
    points = codes[start[order]]
    real = points >= 0
    offsets = np.concatenate([[0], np.cumsum(real)])[offsets]
    return Chains(
        points[real],
        offsets,
        (pixels[0][firsts], pixels[1][firsts]),
        [(bool(rows[n] < 0), int(cols[n])) for n in start[open_heads]],
        [(bool(rows[n] < 0), int(cols[n])) for n in end[last]],
    )


def _codes(
    values: np.ndarray, rows: np.ndarray, cols: np.ndarray, edges: np.ndarray, first_row: int, kept: np.ndarray | None
) -> np.ndarray:
    """Return the codes of corners, -1 for those that simplification took away."""
    codes = 4 * ((rows.astype(np.int64) + first_row) * (values.shape[1] - 1) + cols)
    crossing = edges.all(axis=0)
    pairs = (values[rows, cols] == values[rows + 1, cols + 1]) | (values[rows, cols + 1] == values[rows + 1, cols])
    codes += TOUCHES * (crossing & pairs)
    if kept is not None:
        simple = edges.sum(axis=0) == 2
        codes += HELD * (simple & (rows == 0))
        codes[simple & (rows > 0) & ~kept[rows, cols]] = -1
    return codes


def _runs(
    values: np.ndarray, rows: np.ndarray, cols: np.ndarray, ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Return straight runs between corners, the area on their right: start, end, a pixel of the area, the next run.

    rows, cols (n,): corners. ends (4,n) bool: whether an edge leaves the corner to the right, down, left and up.
    """
    east, west = np.flatnonzero(ends[_RIGHT]), np.flatnonzero(ends[_LEFT])  # in raster order the k-th are two ends
    down_columns = np.argsort(cols, kind="stable")
    north = down_columns[ends[_DOWN, down_columns]]
    south = down_columns[ends[_UP, down_columns]]
    starts = (east, north, west, south)  # of runs to the right, down, left and up
    stops = (west, south, east, north)
    start, end, direction, pixel_rows, pixel_cols = [], [], [], [], []
    for way, (row_step, col_step) in enumerate(((1, 1), (1, 0), (0, 0), (0, 1))):
        pixel_row, pixel_col = rows[starts[way]] + row_step, cols[starts[way]] + col_step
        valid = values[pixel_row, pixel_col] >= 0
        start.append(starts[way][valid])
        end.append(stops[way][valid])
        direction.append(np.full(valid.sum(), way))
        pixel_rows.append(pixel_row[valid])
        pixel_cols.append(pixel_col[valid])
    start, end, direction = np.concatenate(start), np.concatenate(end), np.concatenate(direction)
    run_from = np.full(ends.shape, -1, np.int32)
    run_from[direction, start] = np.arange(len(start))
    right, left = (direction + 1) % 4, (direction + 3) % 4
    turned = np.where(ends[right, end], right, np.where(ends[direction, end], direction, left))
    following = run_from[turned, end]
    return start, end, (np.concatenate(pixel_rows), np.concatenate(pixel_cols)), following


def _walk(following: np.ndarray, heads: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the runs in walking order and where each piece begins (n+1,): first those from `heads`, then rings."""
    following = array("i", following.astype(np.intc).tobytes())  # a list would take ten times the memory
    seen = bytearray(len(following))
    order = array("i")
    offsets = [0]
    for run in heads.tolist():
        while run >= 0:
            seen[run] = 1
            order.append(run)
            run = following[run]
        offsets.append(len(order))
    run = seen.find(0)
    while run >= 0:
        first = run
        while not seen[run]:
            seen[run] = 1
            order.append(run)
            run = following[run]
        offsets.append(len(order))
        run = seen.find(0, first)
    return np.frombuffer(order, np.intc), np.array(offsets, np.int64)


def polygons(
    points: np.ndarray, offsets: np.ndarray, owners: np.ndarray, width: int, scale: tuple[float, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return valid polygons, their owners in rising order and their areas in pixels, of all rings of some areas.

    points, offsets: rings one after the other. owners (n,): the area that each ring belongs to; an area's rings must
    all be there. width: of the raster in pixels. scale: the affine transform (6 numbers) from (col, row) to (x, y).
    """
    points, offsets, owners = _split(points, offsets, owners)
    rows, cols = np.divmod(points >> 2, width + 1)
    lengths = np.diff(offsets)
    after = np.arange(1, len(points) + 1)
    after[offsets[1:] - 1] = offsets[:-1]
    needless = (points & HELD) > 0
    if needless.any():
        before = np.empty_like(after)
        before[after] = np.arange(len(points))
        run_in, run_out = (cols - cols[before], rows - rows[before]), (cols[after] - cols, rows[after] - rows)
        needless &= run_in[0] * run_out[1] == run_in[1] * run_out[0]
        rows, cols = rows[~needless], cols[~needless]
        offsets = np.concatenate([[0], np.cumsum(~needless)])[offsets]
        lengths = np.diff(offsets)
        after = np.arange(1, len(rows) + 1)
        after[offsets[1:] - 1] = offsets[:-1]
    doubled = np.add.reduceat(cols * rows[after] - cols[after] * rows, offsets[:-1])  # shells have positive areas
    order = np.lexsort((doubled < 0, owners))
    ring_starts = np.concatenate([[0], np.cumsum(lengths[order] + 1)])
    within = np.arange(ring_starts[-1]) - np.repeat(ring_starts[:-1], lengths[order] + 1)
    picked = np.repeat(offsets[:-1][order], lengths[order] + 1) + within % np.repeat(lengths[order], lengths[order] + 1)
    a, b, c, d, e, f = scale
    x, y = c + a * cols[picked] + b * rows[picked], f + d * cols[picked] + e * rows[picked]
    found, first = np.unique(owners[order], return_index=True)
    shapes = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, np.column_stack([x, y]), (ring_starts, np.append(first, len(order)))
    )
    return shapes, found, np.add.reduceat(doubled[order], first) / 2


def _split(points: np.ndarray, offsets: np.ndarray, owners: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut rings that pass a point twice into rings that do not: an outline and a hole may touch, never themselves."""
    risky = np.flatnonzero(points & TOUCHES)
    ring = np.searchsorted(offsets, risky, side="right") - 1
    order = np.lexsort((points[risky], ring))
    ring, at = ring[order], points[risky][order]
    twice = np.unique(ring[1:][(ring[1:] == ring[:-1]) & (at[1:] == at[:-1])])
    if not twice.size:
        return points, offsets, owners
    whole = np.ones(len(owners), bool)
    whole[twice] = False
    pieces, piece_owners = [points[np.repeat(whole, np.diff(offsets))]], [owners[whole]]
    lengths = [np.diff(offsets)[whole]]
    for index in twice:
        cut = _simple_rings(points[offsets[index] : offsets[index + 1]].tolist())
        pieces += [np.array(piece, np.int64) for piece in cut]
        lengths.append(np.array([len(piece) for piece in cut]))
        piece_owners.append(np.full(len(cut), owners[index]))
    offsets = np.concatenate([[0], np.cumsum(np.concatenate(lengths))])
    return np.concatenate(pieces), offsets, np.concatenate(piece_owners)


def _simple_rings(ring: list[int]) -> list[list[int]]:
    rings, path, place = [], [], {}
    for point in ring:
        if point in place:
            begin = place[point]
            rings.append(path[begin:])
            for left in path[begin:]:
                place.pop(left, None)
            del path[begin:]
        if point & TOUCHES:
            place[point] = len(path)
        path.append(point)
    return [*rings, path]


def kept_corners(values: np.ndarray, tolerance: float) -> np.ndarray:
    """Return (h+1,w+1) bool: corners of a strip's outlines that are left when the strip is simplified.

    values (h,w): areas of any value, nodata too, whose borders are simplified once for both sides (GEOS's coverage
    simplification: no gap, no overlap, no ring is lost). The strip's own edge is held. tolerance: in pixels; corners go
    where the triangle they make is smaller than its square. Counted in pixels coordinates are exact: with others a
    corner may come to lie on an outline that rounding put beside it.
    """
    height, width = values.shape
    framed = np.full((height + 2, width + 2), -1, np.int32)
    framed[1:-1, 1:-1] = values - values.min()
    chains = trace(framed, 0)
    owners = components(framed).at(*chains.pixels)
    shapes, _, _ = polygons(chains.points, chains.offsets, owners, width, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0))
    simple = shapely.coverage_simplify(shapes, tolerance, simplify_boundary=False)
    cols, rows = shapely.get_coordinates(simple).astype(int).T
    kept = np.zeros((height + 1, width + 1), bool)
    kept[rows, cols] = True
    return kept
