"""Pictures of a report as text that stands in a page: SVG, and PNG as data URIs. No library but numpy."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np

INK, FAINT, LINE = "#1f2933", "#616e7c", "#d9dee4"
BAR, BEST, WORST = "#4f81a5", "#2f7d5b", "#b8552f"
_ROW, _LABEL, _PLOT = 24, 190, 640  # pixels of the bar chart


class Bar(NamedTuple):
    """One score 0..1 with its interval, which may be unknown, and a colour."""

    label: str
    value: float
    interval: tuple[float, float] | None
    color: str = BAR


def bars(rows: Sequence[Bar]) -> str:
    """Return a chart of horizontal bars; whiskers are intervals."""
    height = len(rows) * _ROW + 26
    parts = [_svg(_LABEL + _PLOT + 60, height, "mIoU by combination of sensors")]
    for tick in np.linspace(0, 1, 6):
        x = _LABEL + _PLOT * tick
        parts.append(f'<path d="M{x:.1f} 2V{height - 22}" stroke="{LINE}"/>')
        parts.append(_text(x, height - 8, f"{tick:.1f}", FAINT, "middle"))
    for number, row in enumerate(rows):
        y = number * _ROW + 4
        parts.append(_text(_LABEL - 10, y + 13, row.label, INK, "end"))
        size = f'width="{_PLOT * row.value:.1f}" height="{_ROW - 9}"'
        parts.append(f'<rect x="{_LABEL}" y="{y + 2}" {size} rx="2" fill="{row.color}"/>')
        end = row.value
        if row.interval is not None:
            low, high = (_LABEL + _PLOT * side for side in row.interval)
            middle = y + 2 + (_ROW - 9) / 2
            path = f"M{low:.1f} {middle}H{high:.1f}M{low:.1f} {middle - 4}v8M{high:.1f} {middle - 4}v8"
            parts.append(f'<path d="{path}" stroke="{INK}" stroke-width="1.3" fill="none"/>')
            end = max(end, row.interval[1])
        parts.append(_text(_LABEL + _PLOT * end + 7, y + 13, f"{row.value:.3f}", INK, "start"))
    return "".join(parts) + "</svg>"


def reliability(tables: Sequence[tuple[str, str, np.ndarray]]) -> str:
    """Return a reliability diagram: share of hits over confidence, a line for each (name, colour, table (BINS,3)).

    Below it, how many pixels the last table has at which confidence.
    """
    side, left, top, low = 260, 46, 12, 44
    parts = [_svg(left + side + 14, top + side + low + 62, "Reliability diagram")]
    bottom = top + side
    for tick in np.linspace(0, 1, 6):
        x, y = left + side * tick, bottom - side * tick
        parts.append(f'<path d="M{left} {y:.1f}h{side}M{x:.1f} {top}v{side}" stroke="{LINE}"/>')
        parts.append(_text(left - 6, y + 4, f"{tick:.1f}", FAINT, "end"))
        parts.append(_text(x, bottom + low + 32, f"{tick:.1f}", FAINT, "middle"))
    parts.append(f'<path d="M{left} {bottom}L{left + side} {top}" stroke="{FAINT}" stroke-dasharray="4 4"/>')
    for _, color, table in tables:
        count, confidence, hits = table[table[:, 0] > 0].T
        points = [(left + side * c, bottom - side * h) for c, h in zip(confidence / count, hits / count)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.8" fill="{color}"/>' for x, y in points]
    for number, (name, color, _) in enumerate(tables):
        y = top + 16 + 17 * number
        parts.append(f'<rect x="{left + 10}" y="{y - 9}" width="12" height="10" rx="2" fill="{color}"/>')
        parts.append(_text(left + 28, y, name, INK, "start"))
    counts = tables[-1][2][:, 0]
    width = side / len(counts)
    for number, share in enumerate(counts / max(counts.max(), 1)):
        high, x = low * share, left + width * number
        y = bottom + 10 + low - high
        parts.append(f'<rect x="{x + 1:.1f}" y="{y:.1f}" width="{width - 2:.1f}" height="{high:.1f}" fill="#b6c2cf"/>')
    parts.append(_text(left + side / 2, bottom + low + 52, "confidence (below: how often)", FAINT, "middle"))
    middle = top + side / 2
    turned = f' transform="rotate(-90 12 {middle})"'
    parts.append(_text(12, middle, "share of pixels that are right", FAINT, "middle", turned))
    return "".join(parts) + "</svg>"


def png(image: np.ndarray) -> str:
    """Return the data URI of a picture (h,w,3) uint8."""
    return "data:image/png;base64," + base64.b64encode(png_file(image)).decode("ascii")


def png_file(image: np.ndarray, texts: Sequence[tuple[str, str]] = ()) -> bytes:
    """Return the PNG file of a picture (h,w,3) uint8. texts: kept in it, (name, text) in ASCII."""
    height, width, _ = image.shape
    lines = np.zeros((height, 1 + 3 * width), np.uint8)  # each line begins with its filter: 0, none
    lines[:, 1:] = image.reshape(height, -1)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    told = b"".join(chunk(b"tEXt", f"{name}\0{text}".encode("ascii")) for name, text in texts)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)) + told + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _svg(width: int, height: int, title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(title)}" font-family="inherit" font-size="12">'
    )


def _text(x: float, y: float, text: str, color: str, anchor: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{color}" text-anchor="{anchor}"{more}>{escape(text)}</text>'
