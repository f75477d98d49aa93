"""Small HTML pages, for Processing's result viewer and the dock's dialogs."""

from __future__ import annotations

from html import escape
from typing import Iterable, Sequence

TABLE = '<table cellspacing="0" cellpadding="4">'  #: Qt's pages and QGIS's read attributes, not every style


def page(title: str, body: str) -> str:
    """Return a whole page around a body that is already HTML."""
    style = "body{font-family:sans-serif} td,th{padding:2px 10px 2px 0;text-align:left}"
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{style}</style>'
    return f"<!DOCTYPE html>\n<html><head>{head}</head><body>\n{body}\n</body></html>\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table of plain texts, each escaped."""
    head = "<tr>" + "".join(f'<th align="left">{escape(text)}</th>' for text in heads) + "</tr>" if heads else ""
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"{TABLE}{head}{body}</table>"
