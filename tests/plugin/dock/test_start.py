"""What QGIS waits for when it starts: an empty dock, filled when it is first seen or something in it is needed."""

import pytest
from gui_support import Iface, add, settle, until
from qgis.core import QgsProject
from qgis.PyQt.QtCore import QEvent, QObject, Qt
from qgis.PyQt.QtWidgets import QApplication, QDockWidget

from sgma_qgis import classFactory, service

LEFT, RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea


@pytest.fixture()
def again():
    """QGIS's window as the next session makes it: not shown yet."""
    found = Iface()
    found.window.hide()
    yield found
    found.close()


@pytest.fixture()
def started(data_dir, fake_python, monkeypatch, iface, again):
    """Return what starts a plugin in a window; all of them are unloaded at the end."""
    plugins = []
    monkeypatch.setattr("sgma_qgis.processing.provider.SgmaProvider.id", lambda self: "sgma_start")

    def start(window=iface):
        plugins.append(classFactory(window))
        plugins[-1].initGui()
        return plugins[-1]

    yield start
    for plugin in plugins:
        if plugin.window is not None:
            plugin.unload()


def ended(plugin):
    """Unload a plugin, and have Qt delete what it leaves to it."""
    plugin.unload()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def outside(iface):
    """Return the dock as QGIS finds it, without asking the plugin for it."""
    return iface.window.findChild(QDockWidget, "SgmaDock")


def is_filled(iface):
    """Return whether the dock has its panels and what works behind them; never one without the other."""
    dock = outside(iface)
    workers = {type(child).__name__ for child in dock.findChildren(QObject)}
    workers &= {"Controller", "StrokesSession", "WizardOpening"}
    assert len(workers) == (3 if dock.widget() is not None else 0)
    return bool(workers)


def test_while_the_dock_is_closed_nothing_of_it_is_made(started, iface, layers, tmp_path):
    plugin = started()
    add(layers["RGB"], "RGB")
    path = str(tmp_path / "town.qgz")
    assert QgsProject.instance().write(path) and QgsProject.instance().read(path)
    QgsProject.instance().clear()
    settle()
    assert not outside(iface).isVisible() and not is_filled(iface) and not plugin.window.action.isChecked()
    assert len(iface.menu.actions()) == len(iface.toolbar.actions()) == 2


@pytest.mark.parametrize("by", ["action", "panels_menu", "show"])
def test_the_first_opening_fills_it_at_once(by, started, iface, layers):
    plugin = started()
    add(layers["RGB"], "RGB")
    dock = outside(iface)
    {"action": plugin.window.action.trigger, "panels_menu": dock.toggleViewAction().trigger, "show": dock.show}[by]()
    assert is_filled(iface) and plugin.window.action.isChecked() and plugin.window.dock is dock
    assert dock.widget().isVisible() and list(dock.layers.value()) == ["rgb"]
    settle()
    assert 300 <= dock.width() < iface.window.width() / 2 and dock.widget().width() == dock.width()
    body = dock.widget()
    dock.close()
    dock.show()
    assert dock.widget() is body
    until(lambda: plugin.window.controller.checker.found is not None)


def test_choices_of_a_project_that_was_read_before_are_there(started, iface, layers, tmp_path):
    first = started()
    add(layers["RGB"], "RGB")
    first.window.dock.show()
    first.window.dock.resolution.set_value(0.75)
    first.window.dock.resolution.changed.emit()
    path = str(tmp_path / "town.qgz")
    assert QgsProject.instance().write(path)
    first.window.dock.hide()  # else it would be open when the plugin is switched on again
    ended(first)
    QgsProject.instance().clear()
    second = started()
    assert QgsProject.instance().read(path)
    assert outside(iface).widget() is None
    second.window.action.trigger()
    assert second.window.dock.resolution.value() == 0.75 and list(second.window.dock.layers.value()) == ["rgb"]
    assert not QgsProject.instance().isDirty()


def left_open(started, iface, area, floating=False, open_=True):
    """Return the window's state as QGIS writes it at its end."""
    plugin = started()
    dock = plugin.window.dock
    iface.window.addDockWidget(area, dock)
    dock.setFloating(floating)
    dock.setVisible(open_)
    settle()
    state = iface.window.saveState()
    ended(plugin)
    return state


@pytest.mark.parametrize("area", [LEFT, RIGHT])
def test_left_open_it_is_full_when_the_window_appears(area, started, iface, again):
    state = left_open(started, iface, area)
    plugin = started(again)
    assert again.window.restoreState(state)  # QGIS does so after its plugins were started
    assert not is_filled(again)
    again.window.show()
    dock = outside(again)
    assert is_filled(again) and dock.widget().isVisible() and plugin.window.action.isChecked()
    assert again.window.dockWidgetArea(dock) == area and not dock.isFloating()


def test_left_floating_it_floats(started, iface, again):
    state = left_open(started, iface, LEFT, floating=True)
    started(again)
    assert again.window.restoreState(state)
    again.window.show()
    assert is_filled(again) and outside(again).isFloating() and outside(again).widget().isVisible()


def test_left_closed_it_is_not_filled(started, iface, again):
    state = left_open(started, iface, LEFT, open_=False)
    plugin = started(again)
    assert again.window.restoreState(state)
    again.window.show()
    settle()
    assert not is_filled(again)
    plugin.window.action.trigger()
    assert again.window.dockWidgetArea(outside(again)) == LEFT


def test_in_a_window_that_is_there_an_open_dock_is_filled_after_the_start(started, iface, again):
    state = left_open(started, iface, LEFT)
    again.window.show()
    again.window.restoreState(state)
    started(again)
    assert outside(again).isVisible() and not is_filled(again)
    settle(0.05)
    assert is_filled(again) and outside(again).widget().isVisible()
    assert again.window.dockWidgetArea(outside(again)) == LEFT


def test_a_plugin_switched_off_before_the_dock_is_filled_makes_nothing_of_it(started, iface, again):
    state = left_open(started, iface, LEFT)
    service.shutdown()
    again.window.show()
    again.window.restoreState(state)
    plugin = started(again)
    dock = outside(again)
    plugin.unload()
    settle()
    assert dock.widget() is None
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert outside(again) is None and again.menu.actions() == [] == again.toolbar.actions()
    assert service.workers()["interactive"] == "none"


def test_the_wizard_opens_beside_a_dock_that_was_never_opened(started, iface, layers):
    plugin = started()
    add(layers["RGB"], "RGB")
    action = iface.window.findChild(QObject, "sgma_finetune")
    assert action in iface.menu.actions() and action in iface.toolbar.actions() and not action.icon().isNull()
    action.trigger()
    assert is_filled(iface) and not outside(iface).isVisible()
    wizard = plugin.window.finetuning.wizard
    assert wizard.isVisible()
    action.trigger()
    assert plugin.window.finetuning.wizard is wizard
    wizard.close()


def test_a_page_of_options_is_offered_and_made_when_it_is_asked_for(started, iface, monkeypatch):
    given = []
    monkeypatch.setattr(iface, "registerOptionsWidgetFactory", given.append)
    started()
    (factory,) = given
    assert factory.title() == "SGMA" and not factory.icon().isNull()
    page = factory.createWidget(iface.window)
    assert page.objectName() == "sgma" and not is_filled(iface)
