"""What areas hold: polygons, ground, and the labelled ground of each class, one column a role."""

from __future__ import annotations

from typing import Dict, Optional, Sequence

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from ...i18n import tr
from ...model.contract.card import ClassInfo
from ..texts import grouped
from . import meanings
from .meaning_table import square_metres
from .roles import COLORS, Roles, title
from .swatch import swatch


class BalanceTable(QTableWidget):
    """Rows: polygons, area, then a class each, with its share of that class's labels in all areas."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(0, 0, parent)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setAccessibleName(tr("What the areas hold of each class"))

    def set_value(
        self,
        roles: Roles,
        held: Dict[str, Dict[str, float]],
        targets: Sequence[str],
        classes: Sequence[ClassInfo],
        colors: Dict[str, str],
    ) -> None:
        """Show areas. held: {role: {target: labelled m2}}. targets: of the rows. colors: of targets, where known."""
        self.clear()
        self.setRowCount(2 + len(targets) if roles.shapes else 0)
        self.setColumnCount(len(roles.shapes))
        for column, role in enumerate(roles.shapes):
            head = QTableWidgetItem(swatch(COLORS[role]), title(role))
            self.setHorizontalHeaderItem(column, head)
            self._put(0, column, grouped(roles.counts[role]))
            self._put(1, column, square_metres(roles.areas[role]))
            for row, target in enumerate(targets, 2):
                whole = sum(have.get(target, 0.0) for have in held.values())
                area = held.get(role, {}).get(target, 0.0)
                share = f" · {100 * area / whole:.0f} %" if whole else ""
                self._put(row, column, square_metres(area) + share if area else "–")
        if roles.shapes:
            self.setVerticalHeaderItem(0, QTableWidgetItem(tr("Polygons")))
            self.setVerticalHeaderItem(1, QTableWidgetItem(tr("Area")))
            for row, target in enumerate(targets, 2):
                head = QTableWidgetItem(meanings.title(target, classes))
                if target in colors:
                    head.setIcon(swatch(colors[target]))
                self.setVerticalHeaderItem(row, head)
            self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)

    def _put(self, row: int, column: int, text: str) -> None:
        item = QTableWidgetItem(text)
        if "%" in text:
            item.setToolTip(tr("Labelled ground, and its share of this class's labels in all areas"))
        item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setItem(row, column, item)
