"""Patches of a raster of bytes: connected by sides, outlined, picked by point and box; and where a stroke helps."""

import random

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsPointXY, QgsRectangle

from sgma_qgis.gui.strokes import hints, objects, patches

ROWS = (
    b"\x00\x00\x01\x01\x01",
    b"\x00\x02\x01\xff\x01",
    b"\x02\x00\x01\x01\x01",
    b"\x02\x02\x00\x00\x00",
)


def picture(rows=ROWS, size=2.0):
    return patches.Picture(b"".join(rows), len(rows[0]), len(rows), 100.0, 200.0, size, size)


def flooded(shown):
    """Patches by a plain flood fill, as sets of pixels."""
    left = {(r, c) for r in range(shown.height) for c in range(shown.width) if shown.data[r * shown.width + c] != 255}
    found = []
    while left:
        start = left.pop()
        patch, edge = {start}, [start]
        while edge:
            r, c = edge.pop()
            for near in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
                same = near in left and (shown.data[near[0] * shown.width + near[1]] == shown.data[r * shown.width + c])
                if same:
                    left.discard(near)
                    patch.add(near)
                    edge.append(near)
        found.append(patch)
    return sorted(map(sorted, found))


@pytest.mark.parametrize("seed", range(8))
def test_patches_are_those_of_a_flood_fill(qgis_app, seed):
    chance = random.Random(seed)
    rows = [bytes(chance.choice((0, 1, 1, 255)) for _ in range(17)) for _ in range(11)]
    shown = picture(rows)
    found = [
        [(run.row, col) for run in patch for col in range(run.left, run.right)] for patch in patches.patches(shown)
    ]
    assert sorted(map(sorted, found)) == flooded(shown)
    for patch in patches.patches(shown):
        assert patches.outline(shown, patch).area() == pytest.approx(4.0 * patches.pixels(patch))


def test_a_point_picks_the_patch_it_lies_in(qgis_app):
    shown = picture()
    ((value, ground),) = objects.at_point(shown, 105.0, 199.0)
    assert value == 1
    assert ground.area() == 8 * 4
    assert not ground.contains(QgsGeometry.fromPointXY(QgsPointXY(107.0, 197.0)))  # the hole without data
    assert objects.at_point(shown, 107.0, 197.0) == []
    assert objects.at_point(shown, 99.0, 199.0) == objects.at_point(shown, 105.0, 100.0) == []


def test_a_box_picks_what_lies_in_it_else_what_fills_it_most(qgis_app):
    shown = picture()
    inside = objects.in_box(shown, QgsRectangle(100.0, 192.0, 103.9, 196.0))
    assert sorted((value, ground.area()) for value, ground in inside) == [(0, 4.0), (2, 12.0)]
    ((value, ground),) = objects.in_box(shown, QgsRectangle(104.5, 198.5, 106.5, 199.5))
    assert (value, ground.area()) == (1, 32.0)
    assert objects.in_box(shown, QgsRectangle(0, 0, 1, 1)) == []
    everything = objects.in_box(shown, QgsRectangle(90, 190, 120, 210))
    assert sorted(value for value, _ in everything) == [0, 0, 0, 1, 2, 2]


def test_what_is_picked_is_added_to_and_taken_from(qgis_app):
    crs = QgsCoordinateReferenceSystem("EPSG:32616")
    shown, picked = picture(), objects.Picked()
    first, second = objects.at_point(shown, 101.0, 199.0), objects.at_point(shown, 101.0, 193.0)
    picked.add(crs, first, only=True)
    picked.add(crs, second, only=False)
    picked.add(crs, second, only=False)
    assert [value for value, _ in picked.shapes] == [0, 2]
    picked.remove(QgsGeometry.fromPointXY(QgsPointXY(101.0, 199.0)))
    assert [value for value, _ in picked.shapes] == [2]
    picked.add(crs, first, only=True)
    assert [value for value, _ in picked.shapes] == [0]


def test_the_hint_lies_in_the_largest_unsure_patch_of_the_view(qgis_app):
    rows = [bytearray(b"\x63" * 40) for _ in range(40)]
    for r in range(4, 10):
        rows[r][2:8] = b"\x28" * 6
    for r in range(20, 36):
        rows[r][20:36] = b"\x32" * 16
    shown = picture([bytes(row) for row in rows], 1.0)
    everything = QgsRectangle(0, 0, 1000, 1000)
    found, *more = hints.hints(shown, everything)
    assert found.below == 60
    assert 102 < more[0].point.x() < 108 and 190 < more[0].point.y() < 196  # the next best
    spots = {(one.point.x(), one.point.y()) for one in (found, *more)}
    assert len(spots) == 1 + len(more)
    assert 120 < found.point.x() < 136 and 164 < found.point.y() < 180
    near, *_ = hints.hints(shown, QgsRectangle(100, 185, 110, 200))
    assert 102 < near.point.x() < 108 and 190 < near.point.y() < 196
    for sure in (b"\x63" * 40, b"\xff" * 40, b"\x63" * 20 + b"\x28\x28" + b"\x63" * 18):  # the last: a seam
        assert hints.hints(picture([sure] * 40), everything) == []


def test_depths_are_those_counted_step_by_step(qgis_app):
    chance = random.Random(1)
    rows = [bytes(chance.choice((10, 10, 10, 10, 99)) for _ in range(23)) for _ in range(19)]
    sure = {(r, c) for r in range(-1, 20) for c in range(-1, 24)
            if not (0 < r < 18 and 0 < c < 22) or rows[r][c] == 99}  # fmt: skip
    for at, found in enumerate(hints.depths(picture(rows), 60)):
        r, c = divmod(at, 23)
        assert found == min(max(abs(r - y), abs(c - x)) for y, x in sure)
