"""The plugin in a window of our own, with a worker that computes nothing."""

import pytest
from gui_support import add, until


@pytest.fixture()
def plugin(iface, data_dir, fake_python, monkeypatch):
    """The plugin as QGIS loads it, its dock closed."""
    from sgma_qgis import classFactory

    monkeypatch.setattr("sgma_qgis.processing.provider.SgmaProvider.id", lambda self: "sgma_dock")
    found = classFactory(iface)
    found.initGui()
    yield found
    found.unload()


@pytest.fixture()
def dock(plugin, layers):
    """The dock, open, with three layers and the model of the tests; the check has been answered."""
    for name in ("RGB", "NIR", "DSM"):
        add(layers[name], name)
    plugin.window.dock.show()
    plugin.window.dock.model.set_value("test-trees")
    until(lambda: plugin.window.controller.checker.found is not None and plugin.window.dock.run_bar.value().can_run)
    return plugin.window.dock


@pytest.fixture()
def controller(plugin):
    return plugin.window.controller


@pytest.fixture()
def slow(monkeypatch):
    """Runs that take long enough to be looked at; asked for first, since a worker keeps the environment it began in."""
    monkeypatch.setenv("SGMA_FAKE_SLEEP", "0.3")
