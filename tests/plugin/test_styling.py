"""Colours that must not be taken for one another, by readers with and without colour vision deficiencies."""

import json

import pytest
from plugin_support import ROOT

from sgma_qgis.styling import DIFFERS

CLASSES = {
    row["color"]
    for card in (ROOT / "resources" / "models").glob("*/card.json")
    for row in json.loads(card.read_text(encoding="utf-8"))["classes"]
}
#: What is left of linear RGB: Machado, Oliveira and Fernandes 2009, at full severity.
EYES = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}
XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.072175), (0.0193339, 0.119192, 0.9503041))
WHITE = (0.95047, 1.0, 1.08883)


def times(matrix, vector):
    return [sum(a * b for a, b in zip(row, vector)) for row in matrix]


def lab(color, eyes):
    """Return CIE L*a*b* of '#rrggbb' as these eyes see it."""
    rgb = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in rgb]
    seen = [min(1.0, max(0.0, v)) for v in times(EYES[eyes], linear)]
    x, y, z = (
        v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116
        for v in (value / white for value, white in zip(times(XYZ, seen), WHITE))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("eyes", EYES)
def test_where_maps_differ_is_no_colour_of_a_class(eyes):
    assert len(CLASSES) >= 6
    ours = lab(DIFFERS, eyes)
    for color in CLASSES:
        apart = sum((a - b) ** 2 for a, b in zip(ours, lab(color, eyes))) ** 0.5
        assert apart > 30, f"{DIFFERS} and {color}: {apart:.0f}"  # 10 is told apart at a glance
