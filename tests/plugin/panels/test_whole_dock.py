"""All panels in the dock: width, tooltips, access keys, the wheel, the Tab key."""

import re

import pytest
from gui_support import settle
from qgis.gui import QgsCollapsibleGroupBox, QgsFileWidget, QgsOpacityWidget
from qgis.PyQt.QtCore import QCoreApplication, QPoint, QPointF, Qt
from qgis.PyQt.QtGui import QWheelEvent
from qgis.PyQt.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QTabBar,
    QToolButton,
    QWidget,
)

from sgma_qgis.gui.dock import SgmaDock
from sgma_qgis.gui.run_bar import RunState
from sgma_qgis.gui.slot_row import Slot


@pytest.fixture()
def dock(iface, rasters, data_dir):
    found = SgmaDock(iface.canvas, iface.window)
    found.fill()
    iface.window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, found)
    found.layers.set_card(found.model.card())
    found.layers.set_value({key: Slot(layer.id()) for key, layer in rasters.items()})
    yield found
    found.area.close_tools()


def test_the_dock_is_usable_at_320_pixels(dock):
    for page in range(dock.tabs.count()):
        content = dock.tabs.widget(page)
        content = content.widget() if isinstance(content, QScrollArea) else content
        wide = [(w.minimumSizeHint().width(), type(w).__name__) for w in content.findChildren(QWidget)]
        assert content.minimumSizeHint().width() <= 305, sorted(wide)[-5:]  # and the scroll bar
    assert dock.widget().minimumSizeHint().width() <= 320


def test_all_tabs_are_in_sight_in_a_narrow_dock(dock):
    for index in range(dock.tabs.count()):
        dock.tabs.setTabText(index, "Einrichten und mehr")
    dock.setFloating(True)
    dock.resize(320, 600)
    dock.show()
    settle()
    last = dock.tabs.tabBar().tabRect(dock.tabs.count() - 1)
    assert dock.width() == 320 and last.right() <= dock.tabs.width()


def test_every_control_has_a_tooltip_and_every_mnemonic_a_control(dock):
    ours = [
        widget
        for widget in dock.widget().findChildren((QComboBox, QPushButton, QToolButton, QCheckBox, QAbstractSpinBox))
        if not isinstance(widget.parentWidget(), (QLineEdit, QgsFileWidget, QgsCollapsibleGroupBox, QgsOpacityWidget))
        and not widget.objectName().startswith("qt_")
        and not isinstance(widget.parentWidget(), QTabBar)
    ]
    assert len(ours) > 30
    bare = [f"{type(w).__name__} {w.objectName()} {getattr(w, 'text', str)()}" for w in ours if not w.toolTip()]
    assert not bare
    for label in dock.widget().findChildren(QLabel):
        if re.search(r"&\w(?!\w*;)", label.text()):
            assert label.buddy() is not None, label.text()


def test_the_wheel_scrolls_the_dock_and_changes_nothing(dock):
    combo = dock.resolution.kind
    dock.widget().setFocus()
    before = combo.currentIndex()
    event = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(0, -120), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QCoreApplication.sendEvent(combo, event)
    assert combo.currentIndex() == before


def test_the_dock_is_reached_by_keyboard(dock):
    chain, widget = [], dock.widget()
    for _ in range(400):
        widget = widget.nextInFocusChain()
        if widget is dock.widget():
            break
        chain.append(widget)
    panels = (dock.status, dock.model.combo, dock.layers.rows["rgb"].layers, dock.area.kind, dock.resolution.kind)
    expected = [*panels, dock.run_bar.preview_button, dock.run_bar.run_button]
    assert [w.objectName() for w in chain if w in expected] == [w.objectName() for w in expected]


#: Letters of QGIS's own menus in English; Alt and such a letter opens the menu (QGIS 3.22), or nothing (newer).
MENUS = set("CDEHJLMOPRSVW")


def test_no_access_key_is_one_of_qgis_s_menus_and_each_is_there_once(dock):
    for page in range(dock.tabs.count()):
        others = [dock.tabs.widget(i) for i in range(dock.tabs.count()) if i != page]
        found = []
        for widget in dock.widget().findChildren((QAbstractButton, QLabel)):
            key = re.search(r"&(\w)(?!\w*;)", widget.text())
            if key and not any(other.isAncestorOf(widget) for other in others):
                found.append(key[1].upper())
        assert found and len(found) == len(set(found)) and not MENUS & set(found), sorted(found)


def laid_out(widget):
    """Return the widget's height when it has been the same for a while."""
    height = -1
    while height != widget.height():
        height = widget.height()
        settle(0.2)
    return height


def test_the_run_bar_stays_as_high_while_texts_change(dock):
    bar, page = dock.run_bar, dock.tabs
    laid_out(page)
    bar.set_value(RunState(can_run=True))
    bar.set_estimate("Run: 214 tiles, about 2 min, 788 MB of memory, 43 MB of disk\nThe folder /town will be made.")
    high = laid_out(page)
    for text in ("Previewing…", "Segmenting: 12 of 40 tiles", "Looking at the layers…"):
        bar.set_value(RunState(can_run=True, previewing=True))
        bar.set_estimate(text, passing=True)
        assert laid_out(page) == high, text
    bar.set_estimate("")
    empty = laid_out(page)
    bar.set_estimate("Run: 4 tiles, about 2 s, 1.2 GB of memory, 30 MB of disk")
    assert laid_out(page) == empty > high  # two lines are always free
    assert bar.estimate.height() < 2.5 * bar.estimate.fontMetrics().lineSpacing()
    bar.set_value(RunState(running=True, text="Map town\nSegmenting: 12 of 40 tiles\nPreviewing…"))
    high = laid_out(page)
    bar.set_value(RunState(running=True, text="Map town"))
    assert laid_out(page) == high
